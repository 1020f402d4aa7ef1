# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much somebody may do on the web page and the JSON API. docs/protocol.md, "JSON API"."""

import enum


class Scope(enum.IntEnum):
    """Each has everything that the ones before it have."""

    READ = 1
    """Look at the server, its keys, connections, events and measures."""
    OPERATE = 2
    """Do what a day asks for: release connections, activate keys and packs, use keys."""
    ADMIN = 3
    """Change what the server is: settings, access codes, tokens; remove keys; take everything away."""

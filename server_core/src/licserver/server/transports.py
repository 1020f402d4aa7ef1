# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What asyncio's transports leave behind."""

import asyncio


def open_circle(closed: asyncio.BaseTransport) -> None:
    """Have a transport whose connection is lost freed at once.

    asyncio has it keep methods of its own, and lets go of them only when it is closed in good order, from Python 3.13
    on: what else ends would stay until somebody looks for garbage, which takes long after thousands of connections.
    """
    for own_method in ("_read_ready_cb", "_write_ready"):
        vars(closed).pop(own_method, None)

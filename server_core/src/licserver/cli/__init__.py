# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines: ``licserver``, ``licctl`` and ``liccenter``."""

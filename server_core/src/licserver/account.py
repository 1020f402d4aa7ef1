# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user as whom this process runs."""

import getpass
import os


def account_name() -> str:
    """His name; his number where he has none, and nothing where he has neither."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no account has the number, as in many a container
        return str(os.getuid()) if hasattr(os, "getuid") else ""

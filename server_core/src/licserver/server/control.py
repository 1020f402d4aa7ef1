# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the commands on this computer reach the running server: a small file with its address and a token.

``control.json`` lies in the state folder, readable by the server's own user and the administrator only. It is written
at every start, with a new token. docs/architecture.md, "The control file". Standard library only: the command line
reads it and must start fast.
"""

import json
from pathlib import Path

FILE_NAME = "control.json"


def control_path(state: Path) -> Path:
    """Where the file lies."""
    return state / FILE_NAME


def control_text(*, host: str, port: int, token: str, process: int) -> bytes:
    """The content of the file."""
    return json.dumps({"host": host, "port": port, "token": token, "process": process}).encode()

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl support-bundle``: what the vendor's support wants to see, in one file; also of a server that does not run.

Standard library only, so that a command starts fast.
"""

import argparse
import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from licserver.cli._output import Answer
from licserver.cli._server import ServerNotRunningError, download
from licserver.errors import LicensingError
from licserver.files import write_atomically

_JOURNAL = (
    *("journalctl", "--quiet", "--no-pager", "--lines=5000", "--output=short-iso-precise"),
    *("_SYSTEMD_UNIT=licserver.service", "+", "UNIT=licserver.service", "+", "SYSLOG_IDENTIFIER=licserver"),
)
_JOURNAL_SECONDS = 30.0


def add_support_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to those of ``licctl``."""
    bundle = commands.add_parser(
        "support-bundle", help="what the vendor's support wants to see, without secrets; also while no server runs"
    )
    bundle.add_argument("file", type=Path, metavar="FILE", help="a .zip")
    bundle.set_defaults(carry_out=_bundle)


def _bundle(arguments: argparse.Namespace) -> Answer:
    path: Path = arguments.file
    if path.exists():
        raise LicensingError("file_exists", f"{path} exists already", hint="Move it away, or name another file")
    write_atomically(path, _content(arguments))  # for its owner only: it names people
    return Answer({"changed": True, "path": str(path)}, f"What the vendor's support wants to see lies in {path}.")


def _content(arguments: argparse.Namespace) -> bytes:
    try:
        content = download(arguments.asked, "/support-bundle")
    except ServerNotRunningError as error:
        from licserver.server.support import offline_bundle

        content = offline_bundle(arguments.ini, arguments.state, error)
    if arguments.server is None and (journal := _journal()):
        from licserver.server.support import with_file

        content = with_file(content, "journal.txt", journal)
    return content


def _journal() -> str:
    """What the journal of this computer has of the server; empty where there is none, or it may not be read."""
    if sys.platform == "win32":
        return ""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(_JOURNAL, capture_output=True, check=False, timeout=_JOURNAL_SECONDS)
        return done.stdout.decode("utf-8", "replace")
    return ""

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the use of the last day with the state of a server, so that a restart leaves no gap."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from licserver.files import WriteError, write_atomically
from licserver.kept_file import set_aside
from licserver.server.reports import Reports
from licserver.server.usage import Usage, uses

USAGE_NAME = "usage.json"
LOOK_SECONDS = 5.0


class UsageKeeper:
    """Looks at a running server once in a while."""

    def __init__(self, state: Path, reports: Reports, *, clock: Callable[[], float]) -> None:
        self._path = state / USAGE_NAME
        self._reports = reports
        self._clock = clock
        self._looked_at = -LOOK_SECONDS
        self.usage = _read(self._path)

    def look(self) -> None:
        """Take in how many licenses are in use now; written down when half an hour is over."""
        if time.monotonic() >= self._looked_at + LOOK_SECONDS:
            self._looked_at = time.monotonic()
            if self.usage.note(self._clock(), uses(self._reports.keys())):
                self.keep()

    def keep(self) -> None:
        """Write it down; on a full disk it is written with the next half hour."""
        with contextlib.suppress(WriteError):
            write_atomically(self._path, msgspec.json.encode(self.usage))


def _read(path: Path) -> Usage:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Usage)
    except FileNotFoundError:
        return Usage()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OSError) as error:
        set_aside(path, error)
        return Usage()

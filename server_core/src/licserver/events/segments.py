# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Older events, moved out of the ledger into segment files. docs/architecture.md, "Events".

``events-<number of the first event>.log``: a line with the hash of the row before the first one, in hexadecimal, then a
line for each row: its hash, a space, its text. The oldest files are removed, so that their number is bounded.
"""

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from licserver.events.chain import Page, Row, number_of
from licserver.files import WriteError, write_atomically

SEGMENT_EVENTS = 1024
"""Events in one file."""
SEGMENTS_KEPT = 128

_NAME = re.compile(r"events-([0-9]{12})\.log")
_LINE = re.compile(r"([0-9a-f]{64}) (.+)")
_FIRST_LINE = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Segment:
    """A segment file.

    :ivar first: the number of its first event.
    """

    first: int
    path: Path

    def page(self) -> Page:
        """What is in it. Lines that are none are left out; a file that cannot be read is an empty page."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return Page(None, [])
        before = bytes.fromhex(lines[0]) if _FIRST_LINE.fullmatch(lines[0]) else None
        rows = []
        for line in lines[1:]:
            matched = _LINE.fullmatch(line)
            number = number_of(matched[2]) if matched else None
            if matched and number is not None:
                rows.append(Row(number, matched[2], bytes.fromhex(matched[1])))
        return Page(before, rows)


class Segments:
    """The folder of segment files in a server's state folder."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "events"

    def list(self) -> "list[Segment]":
        """Every segment file, oldest first."""
        found = []
        with contextlib.suppress(FileNotFoundError):
            for path in self._folder.iterdir():
                if matched := _NAME.fullmatch(path.name):
                    found.append(Segment(int(matched[1]), path))
        return sorted(found, key=lambda segment: segment.first)

    def write(self, before: bytes, rows: Sequence[Row]) -> None:
        """Write rows into a file of their own; written once more, it is the same file.

        :raises WriteError: it could not be written.
        """
        path = self._folder / f"events-{rows[0].number:012}.log"
        lines = [before.hex(), *(f"{row.hash.hex()} {row.text}" for row in rows), ""]
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise WriteError(path, error) from error
        write_atomically(path, "\n".join(lines).encode())

    def prune(self, kept_from: int) -> None:
        """Remove the files that begin before an event; one that cannot be removed stays until the next time."""
        for segment in self.list():
            if segment.first < kept_from:
                with contextlib.suppress(OSError):
                    segment.path.unlink()

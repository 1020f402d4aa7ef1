# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs of events for tests."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from licserver.events import Event, Kind
from licserver.events.chain import START, Head, Page, Row, link
from licserver.seats.ledger import Ledger

SEGMENT = 4
"""Events in a segment file of these tests."""
KEPT = 3
"""Segment files that these tests keep."""


def event(name: str, *, at: int = 0, kind: Kind = "granted") -> Event:
    return Event(at, kind, {"user": name})


def chain(length: int) -> list[Row]:
    """A whole log."""
    return link(START, [event(str(number)) for number in range(length)])


def pages(rows: list[Row], size: int = SEGMENT) -> list[Page]:
    """The same rows in pages, as they lie in segment files."""
    starts = [START, *(Head(row.number, row.hash) for row in rows[size - 1 :: size])]
    cut = [rows[start : start + size] for start in range(0, len(rows), size)]
    return [Page(before.hash, page) for before, page in zip(starts, cut, strict=False)]


def small_files(patch: pytest.MonkeyPatch) -> None:
    """Have few events lie in a file, and few files be kept."""
    patch.setattr("licserver.events.table.SEGMENT_EVENTS", SEGMENT)
    patch.setattr("licserver.events.table.SEGMENTS_KEPT", KEPT)


@contextlib.contextmanager
def ledger(state: Path) -> Iterator[Ledger]:
    opened = Ledger(state / "leases.sqlite")
    try:
        yield opened
    finally:
        opened.close()


def write(opened: Ledger, names: Iterable[object]) -> None:
    """Write events as a server does, and move what is old into files."""
    for name in names:
        opened.commit({}, [event(str(name))])
        if opened.has_old_events:
            opened.archive()

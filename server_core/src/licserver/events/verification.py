# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a log of events is whole. Pure. What this can show, and what not: docs/security.md, "Events"."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from licserver.events.chain import START, Head, Page, Row, number_of, row_hash

NAMED_PROBLEMS = 100
"""Only so many are named; the others are counted."""


@dataclass
class Verification:
    """What was found.

    :ivar first: the number of the first event, 0 if there is none.
    :ivar head: the end of the chain. Noted elsewhere, it shows later that everything up to it is still what it was.
    :ivar problems: what is wrong, each naming the events that it concerns.
    :ivar unnamed: how many problems more there are.
    """

    first: int = 0
    head: Head = START
    events: int = 0
    problems: list[str] = field(default_factory=list)
    unnamed: int = 0

    def report(self, problem: str) -> None:
        """Take in a problem."""
        if len(self.problems) < NAMED_PROBLEMS:
            self.problems.append(problem)
        else:
            self.unnamed += 1

    def data(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "events": self.events,
            "first": self.first,
            "last": self.head.number,
            "hash": self.head.hash.hex(),
            "problems": self.problems,
            "unnamed_problems": self.unnamed,
        }


def verify(pages: Iterable[Page], kept_from: int) -> Verification:
    """Find the rows of a log that were altered, removed or moved. What follows such a row is checked on.

    :param pages: all that is left of the log, oldest first.
    :param kept_from: the number of the first event that must be there; those before it may have been let go.
    """
    found = Verification()
    last: Head | None = START if kept_from == 1 else None
    for page in pages:
        before = page.before
        for row in page.rows:
            found.first = found.first or row.number
            found.events += 1
            last = _follow(found, last, before, row, kept_from)
            before = None
    if last is not None:
        found.head = last
    return found


def _follow(found: Verification, last: Head | None, before: bytes | None, row: Row, kept_from: int) -> Head:
    """Check a row against the one before it, and return it as the last one."""
    expected = last.number + 1 if last else min(kept_from, row.number)
    if last is not None and row.number < expected:
        found.report(f"event {row.number} stands after event {last.number}")
        return last
    if row.number > expected:
        fits = before is not None and _fits(row, before)
        found.report(_missing(expected, row.number - 1) + ("" if fits else f"; event {row.number} cannot be checked"))
        return Head(row.number, row.hash)
    if last is not None and before not in (None, last.hash):
        found.report(f"the first line of the file that begins with event {row.number} was altered")
    before = last.hash if last is not None else before
    if before is not None and not _fits(row, before):
        found.report(f"event {row.number} was altered")
    return Head(row.number, row.hash)


def _fits(row: Row, before: bytes) -> bool:
    return number_of(row.text) == row.number and row_hash(before, row.text) == row.hash


def _missing(first: int, last: int) -> str:
    return f"event {first} is missing" if first == last else f"events {first} to {last} are missing"

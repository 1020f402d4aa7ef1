# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading events: from the table and the segment files as one log."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

from licserver.events import Selection
from licserver.events.chain import Page, Row, head_of
from licserver.events.segments import Segment, Segments
from licserver.events.verification import Verification, verify


class History:
    """All events that are left.

    :param newest: the rows of the table, or the last of them.
    :param moved: the number of the last row that left the table. Segment files count up to it: while a block is being
        moved, it lies in both.
    :param kept_from: the number of the first event that must be there.
    """

    def __init__(self, segments: Segments, newest: Page, moved: int, kept_from: int) -> None:
        self._newest = newest
        self._moved = moved
        self._kept_from = kept_from
        self._segments = [one for one in segments.list() if one.first <= moved]

    def verify(self) -> Verification:
        """Whether all of it is whole."""
        return verify([*map(self._page, self._segments), self._newest], self._kept_from)

    def select(self, wanted: Selection) -> list[dict[str, Any]]:
        """The events that are wanted, oldest first. Rows that somebody made unreadable are passed over."""
        rows = self._newest_first() if wanted.after is None else self._following(wanted.after)
        events = (event for row in rows if _fits(row, wanted) and (event := _event(row)) and _says(event, wanted.text))
        found = list(itertools.islice(events, wanted.limit))
        return found[::-1] if wanted.after is None else found

    def _page(self, segment: Segment) -> Page:
        page = segment.page()
        return Page(page.before, [row for row in page.rows if row.number <= self._moved])

    def _following(self, after: int) -> Iterator[Row]:
        ends = [*(segment.first for segment in self._segments[1:]), self._moved + 1]
        for segment, end in zip(self._segments, ends, strict=False):
            if end > after + 1:
                yield from self._page(segment).rows
        yield from self._newest.rows

    def _newest_first(self) -> Iterator[Row]:
        yield from reversed(self._newest.rows)
        for segment in reversed(self._segments):
            yield from reversed(self._page(segment).rows)


def _fits(row: Row, wanted: Selection) -> bool:
    head = head_of(row.text)
    if head is None or row.number <= (wanted.after or 0):
        return False
    _, at, kind = head
    in_time = at >= wanted.since and (wanted.until is None or at <= wanted.until)
    in_order = wanted.before is None or row.number < wanted.before
    of_kind = not wanted.kinds or kind in wanted.kinds
    return in_time and in_order and of_kind and _as_written(wanted.text) in row.text.casefold()


def _as_written(text: str) -> str:
    """What a row has in it that says this, in a value or elsewhere: found much faster than its values are read."""
    return json.dumps(text, ensure_ascii=False)[1:-1].casefold()


def _says(event: dict[str, Any], text: str) -> bool:
    return not text or any(text.casefold() in str(value).casefold() for value in event.values())


def _event(row: Row) -> dict[str, Any] | None:
    try:
        event = json.loads(row.text)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest events, as rows of the ledger's database. docs/architecture.md, "Events"."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from licserver.bulk import execute_with_rows
from licserver.events.chain import Head, Page, Row
from licserver.events.history import History
from licserver.events.segments import SEGMENT_EVENTS, SEGMENTS_KEPT, Segments

SCHEMA = """
create table if not exists event (number integer primary key, body text not null, hash blob not null);
create table if not exists event_log (kept_from integer not null, moved integer not null, moved_hash blob not null);
insert into event_log select 1, 0, zeroblob(32) where not exists (select * from event_log);
"""
"""``kept_from`` is the number of the first event that must still be there, here or in a file; ``moved`` and
``moved_hash`` are those of the last row that left the table."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that are to leave the table.

    :ivar before: the hash of the row before them.
    :ivar kept_from: the number of the first event that is kept after that.
    """

    before: bytes
    rows: Sequence[Row]
    kept_from: int

    @property
    def files_from(self) -> int:
        """Files that begin before this event are removed after that; one more than is kept stays for who reads now."""
        return self.kept_from - SEGMENT_EVENTS


class EventTable:
    """The table of events of an open database; whoever opened it begins and ends the transactions."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def head(self) -> Head:
        """The end of the chain."""
        last = self._database.execute("select number, hash from event order by number desc limit 1").fetchone()
        return Head(*last) if last else self._moved()[1]

    def add(self, rows: Iterable[Row]) -> None:
        """Take in rows that continue the chain."""
        values = [(row.number, row.text, row.hash) for row in rows]
        execute_with_rows(self._database, "insert into event {rows}", values)

    def adopt(self, moved: Head, rows: Iterable[Row]) -> None:
        """Begin with rows of a log that was damaged; those up to ``moved`` lie in segment files."""
        self.add(rows)
        self._database.execute("update event_log set moved = ?, moved_hash = ?", (moved.number, moved.hash))

    def history(self, segments: Segments, after: int = 0) -> History:
        """The events here and in segment files; those here only after a number."""
        kept_from, moved = self._moved()
        return History(segments, Page(moved.hash, self._select("number > ?", after)), moved.number, kept_from)

    def full_at(self) -> int:
        """The number of the event with which there is a block to be moved into a segment file, and as many to stay."""
        return (self._moved()[1].number // SEGMENT_EVENTS + 2) * SEGMENT_EVENTS

    def oldest_block(self) -> Block:
        """The rows that go first into a segment file."""
        kept_from, moved = self._moved()
        end = self.full_at() - SEGMENT_EVENTS
        kept_from = max(kept_from, end - SEGMENTS_KEPT * SEGMENT_EVENTS + 1)
        return Block(moved.hash, self._select("number <= ?", end), kept_from)

    def drop(self, block: Block) -> None:
        """Forget rows that lie in a segment file now."""
        last = block.rows[-1]
        self._database.execute("delete from event where number <= ?", (last.number,))
        self._database.execute(
            "update event_log set kept_from = ?, moved = ?, moved_hash = ?", (block.kept_from, last.number, last.hash)
        )

    def _moved(self) -> tuple[int, Head]:
        kept_from, number, value = self._database.execute("select * from event_log").fetchone()
        return kept_from, Head(number, value)

    def _select(self, condition: str, number: int) -> list[Row]:
        # in a table that was damaged a column may hold anything, also text that is none
        query = f"select number, cast(body as blob), hash from event where {condition} order by number"
        found = self._database.execute(query, (number,))
        return [
            Row(row, (body or b"").decode(errors="replace"), value if isinstance(value, bytes) else b"")
            for row, body, value in found
        ]

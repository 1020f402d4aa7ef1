# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens a ledger; one that is damaged is set aside, and what can still be read of it goes into a new one.

docs/architecture.md, "State that is damaged".
"""

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from licserver.events.chain import START, Head, Row, number_of
from licserver.events.moments import Moment
from licserver.events.segments import SEGMENT_EVENTS, Segments
from licserver.kept_file import set_aside
from licserver.seats.lease import Lease
from licserver.seats.ledger import MOST_SECONDS, UNREADABLE, CorruptLedgerError, Ledger, Salvaged

SERVER_ID_NAME = "server_id"
_LOGS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database, by the ends of their names."""

_decoder = msgspec.msgpack.Decoder(Lease)
_log = logging.getLogger(__name__)


def open_ledger(path: Path, open_: Callable[[Path], Ledger] = Ledger) -> Ledger:
    """The ledger in a file, whatever the file holds.

    :raises LedgerError: it is in use, may not be read, was written by a newer server, or the disk is full.
    """
    try:
        if path.is_dir():
            raise CorruptLedgerError(path, "it is a folder")
        if _was_emptied(path):
            raise CorruptLedgerError(path, "it is empty")
        return _whole(open_(path))
    except CorruptLedgerError as error:
        found = _salvage(_set_aside(path, error), Segments(path.parent))
    ledger = open_(path)
    try:
        ledger.adopt(found)
    except BaseException:
        ledger.close()
        raise
    _log.error("of the damaged ledger %d connections and %d events were kept", len(found.leases), len(found.rows))
    return ledger


def mend(ledger: Ledger, leases: Mapping[str, bytes], problem: CorruptLedgerError) -> None:
    """Put a new file in the place of a ledger that was damaged while it was open.

    :param leases: every lease by its name, encoded: what the server knows, and the file perhaps no more.
    :raises LicensingError: that cannot be done.
    """
    seconds, head = ledger.now(), ledger.head
    ledger.close()
    found = _salvage(_set_aside(ledger.path, problem), Segments(ledger.path.parent))
    if not found.rows or found.rows[-1].number != head.number:
        found.rows, found.moved = [], head
    found.leases, found.seconds = dict(leases), seconds
    ledger.begin_anew(found)


def _set_aside(path: Path, problem: CorruptLedgerError) -> Path:
    aside = set_aside(path, problem)
    for end in _LOGS:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside


def _was_emptied(path: Path) -> bool:
    """Whether a file is empty that once was a ledger: a server has run in its folder."""
    return path.is_file() and path.stat().st_size == 0 and path.with_name(SERVER_ID_NAME).exists()


def _whole(ledger: Ledger) -> Ledger:
    try:
        ledger.check()
    except BaseException:
        ledger.close()
        raise
    return ledger


def _salvage(aside: Path, segments: Segments) -> Salvaged:
    found = Salvaged(moved=_end_of(segments))
    with contextlib.suppress(*UNREADABLE), contextlib.closing(sqlite3.connect(aside)) as database:
        database.execute("pragma locking_mode = exclusive")  # no file of shared memory
        found.leases = {name: body for name, body in _readable(database, "lease", "name") if _is_lease(body)}
        found.rows = [row for row in map(_row, _readable(database, "event", "number")) if row is not None]
        with contextlib.suppress(*UNREADABLE):
            found.seconds = float(database.execute("select max(seconds) from clock").fetchone()[0] or 0)
        with contextlib.suppress(*UNREADABLE, TypeError, ValueError):
            query = "select max(wall) from seen where wall between 0 and ?"
            found.seen = Moment(float(database.execute(query, (MOST_SECONDS,)).fetchone()[0]), 0.0, "")
    last = found.moved.number
    found.rows = [row for row in found.rows if row.number > last]
    if not found.rows:  # how many there were is not known: none of their numbers is given again
        found.moved = Head(last + 2 * SEGMENT_EVENTS, found.moved.hash)
    return found


def _end_of(segments: Segments) -> Head:
    files = segments.list()
    rows = files[-1].page().rows if files else []
    return Head(rows[-1].number, rows[-1].hash) if rows else START


def _readable(database: sqlite3.Connection, table: str, key: str) -> list[tuple[Any, ...]]:
    """Every row up to the first one that cannot be read, from both ends."""
    found: dict[Any, tuple[Any, ...]] = {}
    for order in ("asc", "desc"):
        with contextlib.suppress(*UNREADABLE):
            for row in database.execute(f"select * from {table} order by {key} {order}"):
                found[row[0]] = row
    return [found[key] for key in sorted(found)]


def _is_lease(body: object) -> bool:
    try:
        return isinstance(body, bytes) and bool(_decoder.decode(body))
    except msgspec.MsgspecError:
        return False


def _row(values: tuple[Any, ...]) -> Row | None:
    match values:
        case (int(number), str(text), bytes(value)) if number_of(text) == number:
            return Row(number, text, value)
    return None

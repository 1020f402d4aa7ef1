# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: every lease and the newest events on disk, in SQLite: they survive a stop, a crash and a power cut.

docs/specification.md, section 3. Write-ahead log with a flush per commit: when :meth:`Ledger.commit` returns, what it
wrote outlives a power cut. The ledger keeps time of its own: seconds for which the server has run, written with every
commit and taken up again at the next start. So the time a server was down is credited to the holders by itself, and a
clock that jumps frees nothing.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from licserver.bulk import execute_with_rows
from licserver.errors import LicensingError
from licserver.events import Event
from licserver.events.chain import Head, Row, link
from licserver.events.history import History
from licserver.events.moments import Moment, later, this_moment
from licserver.events.segments import Segments
from licserver.events.table import SCHEMA as EVENT_SCHEMA
from licserver.events.table import EventTable
from licserver.seats.lease import ACTIVE_SECONDS, Lease

SCHEMA_VERSION = 1
MOST_VERSIONS = 1000
MOST_SECONDS = 253_402_300_799
"""The end of the year 9999, in seconds since 1970-01-01 UTC."""
WAIT_SECONDS = 1.0
"""For so long a ledger may be in use when it is opened: a command may just be reading its events."""
ARCHIVE_AGAIN = 128
"""After so many events more, what could not be archived is tried again."""
UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What is raised where a ledger cannot be read; the second one when SQLite repeats a damaged word of its schema."""
_IN_USE = "another license server runs with the same state folder"
_NOT_THE_FILE = ("unable to open database", "disk I/O error", "readonly database", "out of memory")
"""What SQLite says where not what is in the file is wrong."""
_SCHEMA = """
create table lease (name text primary key, body blob not null) without rowid;
create table clock (seconds real not null);
insert into clock values (0);
"""
_MOMENTS = ("moment", "seen")
"""Tables of one row: when the ledger was written last, and the latest time that was ever seen then."""


class LedgerError(LicensingError):
    """The ledger cannot be opened or written."""

    def __init__(self, path: Path, problem: object, *, code: str = "ledger_failed", hint: str = "") -> None:
        hint = hint or "Check the rights of the state folder, its disk, and that one server uses it"
        super().__init__(code, f"the ledger {path} cannot be used: {problem}", hint=hint)


class DiskFullError(LedgerError):
    """There is no room for the ledger. It works again by itself when there is."""

    def __init__(self, path: Path, problem: object) -> None:
        hint = "Make room on the disk of the state folder; nothing else has to be done"
        super().__init__(path, problem, code="disk_full", hint=hint)


class CorruptLedgerError(LedgerError):
    """The file is no ledger, or not any more."""


@dataclass
class Salvaged:
    """What could be read of a damaged ledger.

    :ivar leases: by name, as :meth:`Ledger.encode` made them.
    :ivar rows: events that were not in segment files yet.
    :ivar moved: the end of those that are; a new event gets a number after it.
    :ivar seconds: the ledger's time, 0 if it is lost.
    :ivar seen: the latest time that was seen, as far as it is known.
    """

    moved: Head
    leases: dict[str, bytes] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    seconds: float = 0.0
    seen: Moment | None = None


class Ledger:
    """The file of leases. One writer: the server that opened it; a second one is refused.

    :ivar last_moment: when the server before this one wrote last, if one did.
    """

    def __init__(
        self,
        path: Path,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        moment: Callable[[], Moment] = this_moment,
    ) -> None:
        self.path = path
        self._moment = moment
        self._seen: Moment | None = None
        self._segments = Segments(path.parent)
        self._monotonic = monotonic
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Lease)
        self._open()

    def _open(self) -> None:
        try:
            self._database = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=WAIT_SECONDS
            )
            self._events = EventTable(self._database)
            try:
                self.path.chmod(0o600)
                self._prepare()
                (seconds,) = self._database.execute("select seconds from clock").fetchone()
                self._head = self._events.head()
                self._archive_at = self._events.full_at()
                self.last_moment, seen = map(self._kept_moment, _MOMENTS)
                self._seen = seen or self._seen
            except BaseException:
                self._database.close()
                raise
        except (*UNREADABLE, OSError, TypeError, ValueError) as error:
            raise _failed(self.path, error) from error
        self._origin: float = self._monotonic() - seconds

    @property
    def head(self) -> Head:
        """The end of the chain of events."""
        return self._head

    def now(self) -> float:
        """The ledger's time: seconds for which servers with this ledger have run."""
        return self._monotonic() - self._origin

    def date(self) -> float:
        """What time it is, in seconds since 1970-01-01 UTC, by a clock that cannot be turned back, also over restarts:
        see :func:`licserver.events.moments.later`."""
        self._seen = later(self._seen, self._moment())
        return self._seen.wall

    def leases(self) -> list[Lease]:
        """Every lease in the ledger.

        :raises LedgerError: a row cannot be understood.
        """
        try:
            # all of them first: a cursor that an error leaves open would keep the file locked after it was closed
            found = self._database.execute("select body from lease").fetchall()
            return [self._decoder.decode(body) for (body,) in found]
        except (*UNREADABLE, msgspec.MsgspecError) as error:
            raise _failed(self.path, error) from error

    def history(self, after: int = 0) -> History:
        """The events that are left; of those in the ledger itself only the ones after a number.

        :raises LedgerError: they cannot be read.
        """
        try:
            return self._events.history(self._segments, after)
        except (*UNREADABLE, TypeError) as error:
            raise _failed(self.path, error) from error

    def encode(self, lease: Lease) -> bytes:
        """A lease as it is now, ready to be committed later."""
        return self._encoder.encode(lease)

    def commit(self, changes: Mapping[str, bytes | None], events: Sequence[Event] = ()) -> None:
        """Write leases (by name, from :meth:`encode`; ``None`` for an ended one), events and the time, durably and as
        one.

        :raises LedgerError: nothing of it was written.
        """
        in_order = sorted(changes.items())  # as they lie on disk: one page after the other, and none twice
        saved = [(name, body) for name, body in in_order if body is not None]
        ended = [(name,) for name, body in in_order if body is None]
        rows = link(self._head, events)
        try:
            with self._transaction():
                execute_with_rows(self._database, "insert or replace into lease {rows}", saved)
                execute_with_rows(self._database, "delete from lease where name in ({rows})", ended)
                self._events.add(rows)
                self._database.execute("update clock set seconds = ?", (self.now(),))
                now = self._moment()
                self._seen = later(self._seen, now)
                for table, moment in zip(_MOMENTS, (now, self._seen), strict=True):
                    values = (moment.wall, moment.running, moment.boot)
                    self._database.execute(f"insert or replace into {table} values (1, ?, ?, ?)", values)
        except UNREADABLE as error:
            raise _failed(self.path, error) from error
        if rows:
            self._head = Head(rows[-1].number, rows[-1].hash)

    @property
    def has_old_events(self) -> bool:
        """Whether it is time for :meth:`archive`."""
        return self._head.number >= self._archive_at

    def archive(self) -> None:
        """Move a block of older events into a segment file, and remove the oldest files.

        :raises LedgerError: it could not be done. It is time for it again some events later.
        :raises WriteError: the same.
        """
        self._archive_at = self._head.number + ARCHIVE_AGAIN
        try:
            block = self._events.oldest_block()
            self._segments.write(block.before, block.rows)
            with self._transaction():
                self._events.drop(block)
        except UNREADABLE as error:
            raise _failed(self.path, error) from error
        self._archive_at = self._events.full_at()
        self._segments.prune(block.files_from)

    def check(self) -> None:
        """Look whether the file is whole.

        :raises CorruptLedgerError: it is not, or a lease in it makes no sense.
        """
        try:
            (found,) = self._database.execute("pragma quick_check(1)").fetchone()
        except UNREADABLE as error:
            raise _failed(self.path, error) from error
        if found != "ok":
            raise CorruptLedgerError(self.path, found)
        self.leases()

    def begin_anew(self, found: Salvaged) -> None:
        """Go on with a new file in the place of one that was set aside while it was open.

        :raises LedgerError: it could not be written.
        """
        self._open()
        self.adopt(found)

    def adopt(self, found: Salvaged) -> None:
        """Take over what was salvaged, into a ledger that is new.

        :raises LedgerError: it could not be written.
        """
        # where the time is lost, no state that was read may last longer than one that begins now
        ends = [self._decoder.decode(body).state_ends for body in found.leases.values()]
        seconds = max([found.seconds, *(end - ACTIVE_SECONDS for end in ends)])
        try:
            with self._transaction():
                execute_with_rows(self._database, "insert into lease {rows}", list(found.leases.items()))
                self._events.adopt(found.moved, found.rows)
                self._database.execute("update clock set seconds = ?", (seconds,))
        except UNREADABLE as error:
            raise _failed(self.path, error) from error
        self._origin = self._monotonic() - seconds
        self._seen = self._seen or found.seen
        self._head, self._archive_at = self._events.head(), self._events.full_at()

    def close(self) -> None:
        """Give the file free. May be called twice."""
        self._database.close()

    def _prepare(self) -> None:
        # exclusive comes first: then the log needs no file of shared memory, for which a full disk has no room
        self._database.execute("pragma locking_mode = exclusive")
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = full")
        self._database.execute("begin exclusive")
        (version,) = self._database.execute("pragma user_version").fetchone()
        if not 0 <= version <= MOST_VERSIONS:
            raise CorruptLedgerError(self.path, f"its format {version} cannot be")
        if version > SCHEMA_VERSION:
            raise LedgerError(self.path, f"it was written by a newer server (format {version})")
        if version == 0:
            self._run(_statements(_SCHEMA))
            self._database.execute(f"pragma user_version = {SCHEMA_VERSION}")
        columns = "(only integer primary key, wall real, running real, boot text)"
        self._run(
            [*(f"create table if not exists {table} {columns}" for table in _MOMENTS), *_statements(EVENT_SCHEMA)]
        )
        self._database.execute("commit")

    def _kept_moment(self, table: str) -> Moment | None:
        row = self._database.execute(f"select wall, running, boot from {table}").fetchone()
        if row is None:
            return None
        wall, running, boot = row
        if not 0 <= wall <= MOST_SECONDS:
            raise CorruptLedgerError(self.path, f"its time {wall} cannot be")
        return Moment(float(wall), float(running), str(boot))

    def _run(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self._database.execute(statement)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("begin immediate")
        try:
            yield
            self._database.execute("commit")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("rollback")
            raise


def _statements(script: str) -> list[str]:
    return [statement for statement in script.split(";") if statement.strip()]


def _failed(path: Path, error: Exception) -> LedgerError:
    if "locked" in str(error):
        return LedgerError(path, _IN_USE)
    if "is full" in str(error):
        return DiskFullError(path, "the disk is full")
    blameless = isinstance(error, OSError | sqlite3.ProgrammingError | sqlite3.IntegrityError)
    if blameless or any(said in str(error) for said in _NOT_THE_FILE):
        return LedgerError(path, error)
    return CorruptLedgerError(path, error)

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
from pathlib import Path

import msgspec

from licserver.errors import LicensingError
from licserver.events import Event
from licserver.events.chain import Head, link
from licserver.events.history import History
from licserver.events.segments import Segments
from licserver.events.table import SCHEMA as EVENT_SCHEMA
from licserver.events.table import EventTable
from licserver.seats.lease import Lease

SCHEMA_VERSION = 1
_IN_USE = "another license server runs with the same state folder"
_SCHEMA = """
create table lease (name text primary key, body blob not null) without rowid;
create table clock (seconds real not null);
insert into clock values (0);
"""


class LedgerError(LicensingError):
    """The ledger cannot be opened or written."""

    def __init__(self, path: Path, problem: object) -> None:
        super().__init__(
            "ledger_failed",
            f"the ledger {path} cannot be used: {problem}",
            hint="Check the free space and the rights of the state folder, and that one server uses it",
        )


class Ledger:
    """The file of leases. One writer: the server that opened it; a second one is refused."""

    def __init__(self, path: Path, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._segments = Segments(path.parent)
        self._monotonic = monotonic
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Lease)
        try:
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
            self._events = EventTable(self._database)
            try:
                path.chmod(0o600)
                self._prepare()
                (seconds,) = self._database.execute("select seconds from clock").fetchone()
                self._head = self._events.head()
                self._archive_at = self._events.full_at()
            except BaseException:
                self._database.close()
                raise
        except (sqlite3.Error, OSError, TypeError) as error:
            raise LedgerError(path, _IN_USE if "locked" in str(error) else error) from error
        self._origin: float = self._monotonic() - seconds

    def now(self) -> float:
        """The ledger's time: seconds for which servers with this ledger have run."""
        return self._monotonic() - self._origin

    def leases(self) -> list[Lease]:
        """Every lease in the ledger.

        :raises LedgerError: a row cannot be understood.
        """
        try:
            return [self._decoder.decode(body) for (body,) in self._database.execute("select body from lease")]
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            raise LedgerError(self.path, error) from error

    def history(self, after: int = 0) -> History:
        """The events that are left; of those in the ledger itself only the ones after a number.

        :raises LedgerError: they cannot be read.
        """
        try:
            return self._events.history(self._segments, after)
        except (sqlite3.Error, TypeError) as error:
            raise LedgerError(self.path, error) from error

    def encode(self, lease: Lease) -> bytes:
        """A lease as it is now, ready to be committed later."""
        return self._encoder.encode(lease)

    def commit(self, changes: Mapping[str, bytes | None], events: Sequence[Event] = ()) -> None:
        """Write leases (by name, from :meth:`encode`; ``None`` for an ended one), events and the time, durably and as
        one.

        :raises LedgerError: nothing of it was written.
        """
        saved = [(name, body) for name, body in changes.items() if body is not None]
        ended = [(name,) for name, body in changes.items() if body is None]
        rows = link(self._head, events)
        try:
            with self._transaction():
                self._database.executemany("insert or replace into lease values (?, ?)", saved)
                self._database.executemany("delete from lease where name = ?", ended)
                self._events.add(rows)
                self._database.execute("update clock set seconds = ?", (self.now(),))
        except sqlite3.Error as error:
            raise LedgerError(self.path, error) from error
        if rows:
            self._head = Head(rows[-1].number, rows[-1].hash)

    @property
    def has_old_events(self) -> bool:
        """Whether it is time for :meth:`archive`."""
        return self._head.number >= self._archive_at

    def archive(self) -> None:
        """Move a block of older events into a segment file, and remove the oldest files.

        :raises LedgerError: it could not be done. It is time for it again when as many events more have come.
        :raises WriteError: the same.
        """
        block = self._events.oldest_block()
        self._archive_at = self._head.number + len(block.rows)
        self._segments.write(block.before, block.rows)
        try:
            with self._transaction():
                self._events.drop(block)
        except sqlite3.Error as error:
            raise LedgerError(self.path, error) from error
        self._archive_at = self._events.full_at()
        self._segments.prune(block.files_from)

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
        if version > SCHEMA_VERSION:
            raise LedgerError(self.path, f"it was written by a newer server (format {version})")
        if version == 0:
            self._run(_statements(_SCHEMA))
            self._database.execute(f"pragma user_version = {SCHEMA_VERSION}")
        self._run(_statements(EVENT_SCHEMA))
        self._database.execute("commit")

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

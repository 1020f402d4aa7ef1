# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: every lease and the newest events on disk, in SQLite: they survive a stop, a crash and a power cut.

docs/specification.md, section 3. Write-ahead log with a flush per commit: when :meth:`Ledger.commit` returns, what it
wrote outlives a power cut. The ledger keeps time of its own: seconds for which the server has run, written with every
commit and taken up again at the next start. So the time a server was down is credited to the holders by itself, and a
clock that jumps frees nothing.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from licserver.errors import LicensingError
from licserver.events import Event
from licserver.events.chain import START, Head, Row, link
from licserver.seats.lease import Lease

SCHEMA_VERSION = 1
_IN_USE = "another license server runs with the same state folder"
_SCHEMA = """
create table lease (name text primary key, body blob not null) without rowid;
create table clock (seconds real not null);
insert into clock values (0);
"""
_ADDED = """
create table if not exists event (number integer primary key, body text not null, hash blob not null);
"""
"""What came later, and what an older server with the same format does not mind."""


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
        self._monotonic = monotonic
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Lease)
        try:
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
            try:
                path.chmod(0o600)
                self._prepare()
                (seconds,) = self._database.execute("select seconds from clock").fetchone()
                last = self._database.execute("select number, hash from event order by number desc limit 1").fetchone()
            except BaseException:
                self._database.close()
                raise
        except (sqlite3.Error, OSError, TypeError) as error:
            raise LedgerError(path, _IN_USE if "locked" in str(error) else error) from error
        self._origin: float = self._monotonic() - seconds
        self._head = Head(*last) if last else START

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

    def rows(self) -> list[Row]:
        """Every event in the ledger, oldest first.

        :raises LedgerError: they cannot be read.
        """
        try:
            return [Row(*row) for row in self._database.execute("select number, body, hash from event order by number")]
        except sqlite3.Error as error:
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
            self._database.execute("begin immediate")
            try:
                self._database.executemany("insert or replace into lease values (?, ?)", saved)
                self._database.executemany("delete from lease where name = ?", ended)
                self._database.executemany(
                    "insert into event values (?, ?, ?)", [(row.number, row.text, row.hash) for row in rows]
                )
                self._database.execute("update clock set seconds = ?", (self.now(),))
                self._database.execute("commit")
            except BaseException:
                self._rollback()
                raise
        except sqlite3.Error as error:
            raise LedgerError(self.path, error) from error
        if rows:
            self._head = Head(rows[-1].number, rows[-1].hash)

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
        self._run(_statements(_ADDED))
        self._database.execute("commit")

    def _run(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self._database.execute(statement)

    def _rollback(self) -> None:
        if self._database.in_transaction:
            self._database.execute("rollback")


def _statements(script: str) -> list[str]:
    return [statement for statement in script.split(";") if statement.strip()]

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The center's database: transactions that are kept whole or not at all, on SQLite and PostgreSQL alike."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from licserver.center import CenterError
from licserver.center.schema import products

_READ_ONLY = "center_read_only"
_READING: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {_READ_ONLY: True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
"""What makes a transaction one that only reads, and sees one state of the database however often it asks."""
_BUSY_SECONDS = 20
_CONNECTIONS = 4
"""SQLite has one writer at a time: more connections would only wait inside SQLite instead of in the pool's queue."""


class DatabaseError(CenterError):
    """The database cannot be reached or used; what was asked has not happened."""

    def __init__(self, problem: object) -> None:
        super().__init__(
            "database_unavailable",
            f"the center's database cannot be used: {problem}",
            hint="Nothing was spent or changed; see to the database and try the same again",
        )


class Database:
    """Transactions over one SQLAlchemy URL.

    :raises DatabaseError: the URL is wrong, or its driver is not installed.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        is_file = parsed.get_backend_name() == "sqlite"
        try:
            self._engine = create_engine(
                parsed,
                hide_parameters=True,
                pool_size=_CONNECTIONS,
                max_overflow=0,
                pool_timeout=_BUSY_SECONDS,
                pool_pre_ping=not is_file,  # a server may have been started again meanwhile
                connect_args={} if is_file else _patience(parsed),
            )
        except SQLAlchemyError as error:
            raise DatabaseError(error) from error
        except ImportError as error:
            raise DatabaseError(
                f"{error}; the driver of PostgreSQL comes with the extra center-postgresql of protect-licensing"
            ) from error
        if is_file:
            _prepare_sqlite(self._engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view of the whole database."""
        with _translated_errors(), self._engine.connect() as connection:
            yield connection.execution_options(**_READING[connection.dialect.name])

    @contextmanager
    def writing(self, *, keep: bool = True) -> Iterator[Connection]:
        """A transaction, committed at the end of the block; undone by an exception, or always if not ``keep``."""
        with _translated_errors(), self._engine.connect() as connection, connection.begin() as transaction:
            yield connection
            if not keep:
                transaction.rollback()

    def check(self) -> None:
        """Read something.

        :raises DatabaseError: it cannot be read.
        """
        with self.reading() as connection:
            connection.execute(select(products.c.product).limit(1))

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()


def sqlite_file(url: str) -> Path | None:
    """The file behind a URL, where the database is one.

    :raises DatabaseError: this is no URL.
    """
    parsed = _parse(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(error) from error
    if parsed.get_backend_name() not in _READING:
        raise DatabaseError(f"it is {parsed.get_backend_name()}, neither SQLite nor PostgreSQL")
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise DatabaseError("a SQLite database in memory would forget everything")
    return parsed


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise DatabaseError("somebody else changed the same thing at the same moment") from error
    except SQLAlchemyError as error:
        raise DatabaseError(getattr(error, "orig", None) or type(error).__name__) from error


def _patience(url: URL) -> dict[str, Any]:
    """How long PostgreSQL is waited for, and how long it waits for an instance that died while it held a lock."""
    limit = f"{_BUSY_SECONDS * 1000}"
    given = url.query.get("options", ())
    options = [*([given] if isinstance(given, str) else given)]
    options += [f"-c lock_timeout={limit}", f"-c idle_in_transaction_session_timeout={limit}"]
    return {"connect_timeout": _BUSY_SECONDS, "options": " ".join(options)}


def _lower(text: str | None) -> str | None:
    """SQLite's own knows Latin letters only."""
    return None if text is None else str(text).lower()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # transactions begin below, not when the driver thinks fit
        connection.create_function("lower", 1, _lower, deterministic=True)
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(_READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

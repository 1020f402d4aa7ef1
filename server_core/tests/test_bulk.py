# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""However many rows there are, all of them are written, in statements that every SQLite takes."""

import sqlite3
from collections.abc import Iterator

import pytest

from licserver.bulk import MOST_ROWS, execute_with_rows


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    """A table of two columns, in a SQLite that takes no more values in a statement than any does."""
    made = sqlite3.connect(":memory:")
    made.execute("create table pair (name text primary key, body blob)")
    if hasattr(made, "setlimit"):
        made.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
    yield made
    made.close()


def pairs(count: int) -> list[tuple[str, bytes]]:
    return [(f"name {number:05}", bytes([number % 256])) for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 2, 31, MOST_ROWS - 1, MOST_ROWS, MOST_ROWS + 1, 5 * MOST_ROWS])
def test_all_rows_are_inserted(database: sqlite3.Connection, count: int) -> None:
    execute_with_rows(database, "insert into pair {rows}", pairs(count))

    assert database.execute("select name, body from pair order by name").fetchall() == pairs(count)


@pytest.mark.parametrize("count", [0, 1, MOST_ROWS, MOST_ROWS + 1])
def test_the_rows_that_are_named_are_deleted_and_no_others(database: sqlite3.Connection, count: int) -> None:
    everything = pairs(MOST_ROWS + 10)
    execute_with_rows(database, "insert into pair {rows}", everything)

    execute_with_rows(database, "delete from pair where name in ({rows})", [(name,) for name, _ in everything[:count]])

    assert database.execute("select name, body from pair order by name").fetchall() == everything[count:]

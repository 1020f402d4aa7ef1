# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many rows of a SQLite database in one statement."""

import sqlite3
from collections.abc import Sequence
from itertools import chain

MOST_ROWS = 256
"""In one statement; some builds of SQLite take 999 values."""


def execute_with_rows(database: sqlite3.Connection, statement: str, rows: Sequence[Sequence[object]]) -> None:
    """Execute a statement with all rows in the place of its ``{rows}``, and not at all if there are none.

    ``executemany`` lets another thread run before each row, and waits until that lets go again. The number of rows in a
    statement is a power of two, since Python keeps the statements that it has prepared.
    """
    start = 0
    while left := len(rows) - start:
        count = min(MOST_ROWS, 1 << left.bit_length() - 1)
        values = f"values {', '.join([_row_of(len(rows[0]))] * count)}"
        database.execute(statement.format(rows=values), list(chain.from_iterable(rows[start : start + count])))
        start += count


def _row_of(columns: int) -> str:
    return f"({', '.join('?' * columns)})"

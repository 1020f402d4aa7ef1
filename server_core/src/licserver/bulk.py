# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many rows of a SQLite database in one statement."""

import sqlite3
from collections.abc import Sequence
from itertools import chain

MOST_VALUES = 900
"""Some builds of SQLite take 999 in one statement."""


def execute_with_rows(database: sqlite3.Connection, statement: str, rows: Sequence[Sequence[object]]) -> None:
    """Execute a statement with all rows in the place of its ``{rows}``, and not at all if there are none.

    ``executemany`` lets another thread run before each row, and waits until that lets go again.
    """
    if not rows:
        return
    width = len(rows[0])
    most = MOST_VALUES // width
    one_row = f"({', '.join('?' * width)})"
    for start in range(0, len(rows), most):
        some = rows[start : start + most]
        database.execute(
            statement.format(rows=f"values {', '.join([one_row] * len(some))}"), list(chain.from_iterable(some))
        )

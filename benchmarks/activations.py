# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many activations an activation center carries out in a second: over SQLite, and two instances over PostgreSQL.

16 connections over TLS, each activation of another key; the yardstick is a bare Starlette endpoint over the same kind
of database that signs what it is sent and stores one row, measured in turn with the center. The best round of each
counts.
"""

from __future__ import annotations

from benchmarks._load.centers import Load, on_postgresql, on_sqlite
from benchmarks._report import Goal, Row

ROUNDS = 3
ACTIVATIONS = 800


def measure() -> list[Row]:
    """Both kinds of database, one after the other."""
    with on_sqlite() as load:
        alone = _rounds(load)
    with on_postgresql() as load:
        pair = _rounds(load)
    return [
        Row("activations_on_sqlite", "1/s", alone["activations"], 200, Goal("at least", 1)),
        Row("activations_on_sqlite_to_bare_rows", "1/s", alone["activations"], alone["bare"], Goal("at least", 0.5)),
        Row("activations_of_two_on_postgresql", "1/s", pair["activations"], 300, Goal("at least", 1)),
        Row("activations_of_two_to_bare_rows", "1/s", pair["activations"], pair["bare"], Goal("at least", 0.5)),
    ]


def _rounds(load: Load) -> dict[str, float]:
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        figures = {"bare": load.bare(ACTIVATIONS), "activations": load.activations(ACTIVATIONS)}
        best = {name: max(figure, best.get(name, 0.0)) for name, figure in figures.items()}
        print({name: round(figure) for name, figure in figures.items()})
    return best

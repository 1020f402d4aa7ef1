# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a benchmark found out, and how it is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks._report import Goal, Row, as_table, write_results


@pytest.mark.parametrize(
    ("goal", "measured", "passed"),
    [
        (Goal("at most", 4), 8.0, True),
        (Goal("at most", 4), 8.1, False),
        (Goal("at least", 0.5), 1.0, True),
        (Goal("at least", 0.5), 0.9, False),
    ],
)
def test_a_row_passes_when_its_ratio_meets_the_goal(goal: Goal, measured: float, passed: bool) -> None:
    assert Row("run", "s", measured, 2.0, goal).passed is passed


def test_the_table_says_what_was_measured_against_what() -> None:
    rows = [Row("run", "s", 6.0, 2.0, Goal("at most", 4)), Row("rate", "1/s", 10.0, 100.0, Goal("at least", 0.5))]

    assert as_table(rows).splitlines() == [
        "benchmark  measured  yardstick  ratio  goal",
        "run        6 s       2 s        3.00   at most 4     passed",
        "rate       10 1/s    100 1/s    0.10   at least 0.5  FAILED",
    ]


def test_every_row_is_kept_as_a_file(tmp_path: Path) -> None:
    write_results([Row("run", "s", 6.0, 2.0, Goal("at most", 4))], tmp_path / "results")

    assert json.loads((tmp_path / "results/run.json").read_text(encoding="utf-8")) == {
        "name": "run",
        "unit": "s",
        "measured": 6.0,
        "yardstick": 2.0,
        "ratio": 3.0,
        "goal": "at most 4",
        "passed": True,
    }

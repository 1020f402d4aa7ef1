# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a benchmark found out, and how it is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


class BenchmarkError(Exception):
    """A benchmark cannot be measured here; the message says why, and what to do about it."""


@dataclass(frozen=True)
class Goal:
    """What the ratio of measured to yardstick must be."""

    bound: Literal["at most", "at least"]
    ratio: float

    def is_met_by(self, ratio: float) -> bool:
        return ratio <= self.ratio if self.bound == "at most" else ratio >= self.ratio

    def __str__(self) -> str:
        return f"{self.bound} {self.ratio:g}"


@dataclass(frozen=True)
class Row:
    """One measurement; `measured` and `yardstick` are in `unit`. The name is also that of the file it is kept in."""

    name: str
    unit: str
    measured: float
    yardstick: float
    goal: Goal

    @property
    def ratio(self) -> float:
        return self.measured / self.yardstick

    @property
    def passed(self) -> bool:
        return self.goal.is_met_by(self.ratio)


def as_table(rows: Sequence[Row]) -> str:
    """The rows for people to read."""
    head = ("benchmark", "measured", "yardstick", "ratio", "goal", "")
    body = [
        (
            row.name,
            f"{row.measured:.3g} {row.unit}",
            f"{row.yardstick:.3g} {row.unit}",
            f"{row.ratio:.2f}",
            str(row.goal),
            "passed" if row.passed else "FAILED",
        )
        for row in rows
    ]
    widths = [max(len(cell) for cell in column) for column in zip(head, *body, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in (head, *body))
    return "\n".join(line.rstrip() for line in lines)


def write_results(rows: Sequence[Row], folder: Path) -> None:
    """Keep each row as a file of JSON in `folder`, over what an earlier run kept there."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        result = {
            "name": row.name,
            "unit": row.unit,
            "measured": round(row.measured, 4),
            "yardstick": round(row.yardstick, 4),
            "ratio": round(row.ratio, 4),
            "goal": str(row.goal),
            "passed": row.passed,
        }
        (folder / f"{row.name}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")

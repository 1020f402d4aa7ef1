# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the benchmarks, prints a table and keeps the results in benchmarks/results. Fails if a goal is missed."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

from benchmarks._report import BenchmarkError, Row, as_table, write_results

HERE = Path(__file__).parent


def main() -> int:
    names = sorted(module.name for module in pkgutil.iter_modules([str(HERE)]) if not module.name.startswith("_"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="NAME", choices=names, help=f"run one of: {', '.join(names)}")
    only = parser.parse_args().only
    rows: list[Row] = []
    for name in [only] if only else names:
        try:
            rows += importlib.import_module(f"benchmarks.{name}").measure()
        except BenchmarkError as error:
            print(f"benchmark {name}: {error}", file=sys.stderr)
            return 1
    write_results(rows, HERE / "results")
    print(as_table(rows))
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

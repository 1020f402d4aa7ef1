# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills a license server 200 times, interrupts activations everywhere, then attacks a server with a million datagrams
and lines: about three quarters of an hour.

Fails if anything was lost, given twice, or is in the log that must not be, and if the honest client had to wait longer
than the goal says: measure on a computer that does nothing else.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.endurance.activations import interrupt
from tests.endurance.crashes import crash
from tests.endurance.hostility import GOAL_SECONDS, Scale, besiege

HALF_OPEN = 5_000
FLOODING = 200


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description=__doc__)
    parser.add_argument("--cycles", type=int, default=200, help="how often the server is killed")
    parser.add_argument("--seed", type=int, default=0, help="another seed: other moments")
    parser.add_argument("--cut-every", type=int, default=1, help="cut activations after each so many bytes; 0: none")
    parser.add_argument("--hostile", type=int, default=1_000_000, help="datagrams, and lines; with TLS a twentieth")
    parser.add_argument("--per-second", type=int, default=3_000, help="how many of each in a second")
    arguments = parser.parse_args()
    problems = []
    if arguments.cycles:
        with tempfile.TemporaryDirectory() as folder:
            crashes = crash(Path(folder), arguments.cycles, seed=arguments.seed)
        print(crashes, flush=True)
        problems += crashes.problems
    if arguments.cut_every:
        with tempfile.TemporaryDirectory() as folder:
            activations = interrupt(Path(folder), every=arguments.cut_every)
        print(activations, flush=True)
        problems += activations.problems
    if arguments.hostile:
        for tls, part in ((False, 1), (True, 20)):
            hostile = arguments.hostile // part
            scale = Scale(hostile, hostile, min(HALF_OPEN, hostile // 10), FLOODING, arguments.per_second)
            siege = besiege(scale, tls=tls)
            print(f"{'with' if tls else 'without'} TLS: {siege}", flush=True)
            problems += siege.problems
            if siege.slowest > GOAL_SECONDS:
                problems.append(f"an answer took {siege.slowest * 1000:.0f} ms, of {GOAL_SECONDS * 1000:.0f}")
    for problem in problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

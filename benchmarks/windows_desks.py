# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long 20 Windows desks take over WinRM, as declared and drifted, against a bare win_ping of the same desks."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks._report import BenchmarkError, Goal, Row

ROOT = Path(__file__).resolve().parents[1]
INVENTORY = ROOT / "build/lab/windows/inventory.json"
DESKS = 20
ROUNDS = 3


def measure() -> list[Row]:
    """Point the desks at a server, then time pings, runs without and with drift in turn; the median of each counts."""
    if os.geteuid() != 0:
        raise BenchmarkError("the hosts of the lab need namespaces and mounts: run this as root")
    _lab("down")
    _lab("up", "0", "--desks", str(DESKS))
    try:
        _declare("server-0")
        rounds = [_round(number) for number in range(1, ROUNDS + 1)]
    finally:
        _lab("down")
    ping, same, drifted = (statistics.median(times) for times in zip(*rounds, strict=True))
    return [
        Row("windows_desks_without_drift", "s", same, ping, Goal("at most", 1.3)),
        Row("windows_desks_with_drift", "s", drifted, ping, Goal("at most", 5)),
    ]


def _round(number: int) -> tuple[float, float, float]:
    server = f"server-{number}"
    drifted = _declare(server)
    return _module("ansible.windows.win_ping"), _declare(server), drifted


def _declare(server: str) -> float:
    return _module("protect.licensing.client_config", f"--args=servers={server}")


def _module(name: str, *arguments: str) -> float:
    program = Path(sys.executable).parent / "ansible"
    return _run(program, "all", f"--module-name={name}", *arguments, f"--inventory={INVENTORY}", f"--forks={DESKS}")


def _lab(*words: str) -> None:
    _run(Path(sys.executable), "-m", "tests.lab.windows", *words)


def _run(*command: str | Path) -> float:
    environment = os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build/collections")}
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    if done.returncode != 0:
        raise BenchmarkError(f"{' '.join(map(str, command))} failed:\n{(done.stdout + done.stderr)[-4000:]}")
    return time.monotonic() - started

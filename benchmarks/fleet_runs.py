# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the playbooks take over 30 hosts on which nothing has drifted, against a bare ping of the same hosts."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks._report import BenchmarkError, Goal, Row

ROOT = Path(__file__).resolve().parents[1]
FLEET = ROOT / "tests/lab/fleet"
INVENTORIES = [f"--inventory={ROOT / place}" for place in ("build/lab/inventory.json", "molecule/inventory")]
HOSTS = 30
FORKS = 30
ROUNDS = 3


def measure() -> list[Row]:
    """Roll out to new hosts once, then time pings and runs in turn; the median of each counts."""
    if os.geteuid() != 0:
        raise BenchmarkError("the hosts of the lab need namespaces and mounts: run this as root")
    _run(FLEET, "down")
    _run(FLEET, "up", str(HOSTS))
    try:
        _playbook("site")
        rounds = [(_ping(), _playbook("site"), _playbook("drift")) for _ in range(ROUNDS)]
    finally:
        _run(FLEET, "down")
    ping, site, drift = (statistics.median(times) for times in zip(*rounds, strict=True))
    return [
        Row("second_site_run_30_hosts", "s", site, ping, Goal("at most", 4)),
        Row("drift_run_30_hosts", "s", drift, ping, Goal("at most", 2)),
    ]


def _ping() -> float:
    hosts = "activation_center:license_servers:license_clients"
    return _ansible("ansible", hosts, "--module-name=ansible.builtin.ping")


def _playbook(name: str) -> float:
    return _ansible("ansible-playbook", f"protect.licensing.{name}")


def _ansible(program: str, *arguments: str) -> float:
    return _run(Path(sys.executable).parent / program, *arguments, *INVENTORIES, f"--forks={FORKS}")


def _run(*command: str | Path) -> float:
    environment = os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build/collections")}
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    if done.returncode != 0:
        raise BenchmarkError(f"{' '.join(map(str, command))} failed:\n{(done.stdout + done.stderr)[-4000:]}")
    return time.monotonic() - started

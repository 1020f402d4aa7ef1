# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How soon ``*AUTO`` finds the license server on the lab's bridge, from a computer of its own."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks._report import BenchmarkError, Goal, Row
from server_core.tests.processes import words
from tests.lab import network, system

GOAL_SECONDS = 0.05
START_SECONDS = 30.0


@dataclass(frozen=True)
class Host:
    """A computer on the lab's bridge."""

    name: str
    address: str
    mac: str


SERVER = Host("bench-server", f"{network.PREFIX}.241", "02:00:00:78:00:f1")
CLIENT = Host("bench-client", f"{network.PREFIX}.242", "02:00:00:78:00:f2")


def measure() -> list[Row]:
    """A server on one computer of the bridge, searched for from another."""
    if os.geteuid() != 0:
        raise BenchmarkError("the computers of the lab need namespaces: run this as root")
    try:
        with system.one_at_a_time():
            network.connect(SERVER)
            network.connect(CLIENT)
        waits = _search()
    except system.LabError as error:
        raise BenchmarkError(str(error)) from error
    finally:
        with system.one_at_a_time():
            network.disconnect(SERVER)
            network.disconnect(CLIENT)
            network.clear_unless_used()
    return [
        Row("search_on_the_bridge", "s", statistics.median(waits), GOAL_SECONDS, Goal("at most", 1)),
        Row("slowest_search_on_the_bridge", "s", max(waits), GOAL_SECONDS, Goal("at most", 1)),
    ]


def _search() -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        ini, state = Path(folder, "licserver.ini"), Path(folder, "state")
        ini.write_text("port=15200\nWebPort=15201\nLocal=0\n", encoding="ascii")
        command = [*words("licserver"), "run", "--ini", str(ini), "--state", str(state)]
        with (
            Path(folder, "log").open("wb") as log,
            subprocess.Popen(["ip", "netns", "exec", SERVER.name, *command], stdout=log, stderr=log) as server,
        ):
            try:
                _wait_for(state / "control.json")
                searching = ["ip", "netns", "exec", CLIENT.name, sys.executable, "-m", "benchmarks._load.search"]
                waits: list[float] = json.loads(system.run(*searching))
                return waits
            finally:
                server.kill()


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not path.exists():
        if time.monotonic() > deadline:
            raise BenchmarkError("the license server does not start")
        time.sleep(0.01)  # asked again until the deadline

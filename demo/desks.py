# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protected product on the desks, and every process that a demonstration leaves running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playbooks import ROOT, DemoError, Place

PRODUCT = ROOT / "examples" / "product.py"
WORKING_DAY = 8 * 3600
FIRST_LICENSE_WITHIN = 30.0
STOPPED_WITHIN = 20.0


@dataclass(frozen=True)
class Desk:
    host: str
    user: str


def start_products(place: Place, desks: list[Desk], product: str) -> dict[str, dict[str, Any]]:
    """Starts the product on every desk at once and waits until each holds its license.

    :return: host to what its product said of its license.
    :raises DemoError: a product got none; the message says what it answered.
    """
    running = {desk.host: _start(place, desk, product, number) for number, desk in enumerate(desks, start=1)}
    deadline = time.monotonic() + FIRST_LICENSE_WITHIN
    return {host: _first_answer(place, host, process, deadline) for host, process in running.items()}


def _log(place: Place, host: str) -> Path:
    return place.logs / f"product-{host}.log"


def _start(place: Place, desk: Desk, product: str, number: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(PRODUCT), "--json", "--product", product, "--user", desk.user]
    command += ["--kit", str(place.directory / "kit.json"), "--client-ini", str(place.of(desk.host) / "client.ini")]
    command += ["--session-number", str(number), "--hold", str(WORKING_DAY)]
    with _log(place, desk.host).open("wb") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


def _first_answer(place: Place, host: str, process: subprocess.Popen[bytes], deadline: float) -> dict[str, Any]:
    log = _log(place, host)
    while time.monotonic() < deadline:
        said, complete, _ = log.read_text(encoding="utf-8").partition("\n")
        ended = process.poll() is not None
        if complete and not ended:
            answer: dict[str, Any] = json.loads(said)
            return answer
        if ended:
            raise DemoError(f"the product on {host} got no license:\n{log.read_text(encoding='utf-8').strip()}")
        time.sleep(0.05)  # asked again until the deadline
    raise DemoError(f"the product on {host} said nothing for {FIRST_LICENSE_WITHIN:.0f} s; see {log}")


def stop_products(place: Place) -> int:
    """Ends the products; they give their licenses back. Returns how many ran."""
    return _end([pid for pid, command in processes(place).items() if str(PRODUCT) in command])


def stop_everything(place: Place) -> int:
    """Ends the products, then the servers and what supervises them. Returns how many processes ended.

    :raises DemoError: one of them does not end.
    """
    return stop_products(place) + _end(list(processes(place)))


def processes(place: Place) -> dict[int, list[str]]:
    """This user's Python processes that were started with a path inside the demonstration's folder."""
    inside = f"{place.directory}{os.sep}"
    found: dict[int, list[str]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            owner = entry.stat().st_uid
            command = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it ended meanwhile
            continue
        ours = owner == os.getuid() and Path(command[0]).name.startswith("python")
        if ours and any(inside in argument for argument in command):
            found[int(entry.name)] = command
    return found


def _end(pids: list[int]) -> int:
    for pid in pids:
        _signal(pid)
    deadline = time.monotonic() + STOPPED_WITHIN
    left = pids
    while left := [pid for pid in left if _runs(pid)]:
        if time.monotonic() > deadline:
            raise DemoError(f"still running after {STOPPED_WITHIN:.0f} s: {', '.join(map(str, left))}")
        time.sleep(0.05)  # asked again until the deadline
    return len(pids)


def _signal(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"

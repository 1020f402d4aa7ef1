# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A license server under load is killed again and again; what it granted must be in force all the same."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

from licserver.documents import Counter as LicenseCounter
from licserver.kit import Kit
from licserver.system import this_system
from server_core.tests.helpers import Vendor
from server_core.tests.processes import server_process
from server_core.tests.running import PORT, http_request
from tests.endurance.holders import Diary, Held, hold, most_at_once

PROCESSES = 3
HOLDERS = 16
KEYS = ("100-0001", "100-0002")
LICENSES_OF_A_KEY = 12
LIMIT = LICENSES_OF_A_KEY * len(KEYS)
"""Half as many licenses as there are holders: most of the time somebody is denied."""
START_SECONDS = 60.0
"""Enough on a computer that does much else: how fast a server starts is not what is tested here."""

_stop: Event


@dataclass
class CrashReport:
    """What came of it.

    :ivar most: how many licenses were in force at once, as their holders saw it.
    :ivar twice: names of leases that two holders had.
    :ivar left: licenses that the server thinks in use after everybody has logged out.
    """

    cycles: int
    grants: int
    renewals: int
    denials: int
    losses: int
    most: int
    twice: list[str]
    broken: list[str]
    left: int
    log: str

    @property
    def problems(self) -> list[str]:
        """Everything that must not be, in words."""
        found = list(self.broken)
        found += [f"the lease {name} was given twice" for name in self.twice]
        if self.most > LIMIT:
            found.append(f"{self.most} licenses were in force at once, of {LIMIT}")
        if self.left:
            found.append(f"{self.left} licenses are in use after everybody has logged out")
        if "Traceback" in self.log:
            found.append("the server's log has a traceback")
        if not (self.grants and self.renewals and self.denials and self.losses):
            found.append("the load was none: nothing was tested")
        return found

    def __str__(self) -> str:
        return (
            f"{self.cycles} times killed: {self.grants} grants, {self.renewals} renewals, {self.denials} denials, "
            f"{self.losses} answers lost, at most {self.most} of {LIMIT} licenses in force at once"
        )


def crash(folder: Path, cycles: int, *, seed: int = 0) -> CrashReport:
    """Kill a server so many times while processes full of holders take, use and give back its licenses."""
    chance, vendor, context = random.Random(seed), Vendor(), get_context("spawn")
    stop = context.Event()
    with (
        server_process(folder) as server,
        ProcessPoolExecutor(PROCESSES, context, initializer=_remember, initargs=(stop,)) as pool,
    ):
        for number in KEYS:
            counter = LicenseCounter(name="main", type="session", limit=LICENSES_OF_A_KEY)
            vendor.install(server.state, this_system().fact_reader(), number, counter)
        address = (server.start().address, PORT)
        holding = [pool.submit(_hold, address, vendor.kit, seed * 100 + number) for number in range(PROCESSES)]
        try:
            for _ in range(cycles):
                time.sleep(chance.uniform(0.05, 0.6))  # the load goes on for a while: when it ends is up to chance
                server.end(signal.SIGKILL)
                server.start(START_SECONDS)
        finally:
            stop.set()
        diaries = [one.result() for one in holding]
        _, info = http_request(server.address, "GET", "/api/v1/info")
        return _report(cycles, diaries, info["connections"], server.log.read_text())


def _report(cycles: int, diaries: list[Diary], left: int, log: str) -> CrashReport:
    held: list[Held] = [one for diary in diaries for one in diary.held]
    names = Counter(one.lease for one in held)
    return CrashReport(
        cycles=cycles,
        grants=len(held),
        renewals=sum(diary.renewals for diary in diaries),
        denials=sum(diary.denials for diary in diaries),
        losses=sum(diary.losses for diary in diaries),
        most=most_at_once(held),
        twice=[name for name, count in names.items() if count > 1],
        broken=[line for diary in diaries for line in diary.broken],
        left=left,
        log=log,
    )


def _remember(stop: Event) -> None:
    global _stop
    _stop = stop


def _hold(address: tuple[str, int], kit: Kit, seed: int) -> Diary:
    return hold(address, kit, HOLDERS, seed, _stop)

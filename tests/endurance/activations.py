# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activations that are interrupted everywhere: a server process is killed before every step of every command of every
way, and the connection to the center is cut after every byte. Each is finished by the same command, for one PIN.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from licserver.errors import LicensingError
from server_core.tests.faults.processes import kill_real_server
from server_core.tests.faults.proxy import Cut, Proxy, proxy_to
from server_core.tests.faults.site import WAYS, RealCenter, Site, real_center

CUTS_OF_A_SITE = 50
"""So many keys one server gets before another one takes its place."""


@dataclass
class ActivationReport:
    """What came of it.

    :ivar kills: how often a server was killed; ``cuts``: how often a connection was cut.
    """

    kills: int = 0
    cuts: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        how = f"{self.kills} times killed, {self.cuts} times cut"
        return f"activations: {how}, {len(self.problems)} not finished as must be"


def interrupt(folder: Path, *, every: int = 1) -> ActivationReport:
    """Kill and cut everywhere.

    :param every: cut after each so many bytes.
    """
    report = ActivationReport()
    with real_center(folder / "center") as center:
        for way, commands in WAYS.items():
            for at in range(len(commands)):
                _kill(center, folder / way.replace(" ", "-") / str(at), way, at, report)
        _cut(center, folder / "cut", every, report)
    return report


def _kill(center: RealCenter, folder: Path, way: str, at: int, report: ActivationReport) -> None:
    for last in count():
        killed, problems = kill_real_server(center, folder / str(last), way, at, last)
        if not killed:
            return
        report.kills += 1
        report.problems += problems


def _cut(center: RealCenter, folder: Path, every: int, report: ActivationReport) -> None:
    with proxy_to(center.place) as proxy:
        site = _site(folder / "first", center, proxy)
        site.activate(center.sell())
        cuts = list(_cuts(proxy, every))
        for number, cut in enumerate(cuts):
            if number % CUTS_OF_A_SITE == 0:
                site.server.close()
                site = _site(folder / str(number), center, proxy)
            key = center.sell()
            proxy.cut = cut
            with suppress(LicensingError):
                site.activate(key)
            proxy.cut = None
            site.activate(key)
            found = (center.spent(key), site.state_of(key))
            if found != ((1, False), ("active", 2, 0)):
                report.problems.append(f"cut after {cut.after} bytes {cut.way}: {found}")
            report.cuts += 1
        site.server.close()


def _site(folder: Path, center: RealCenter, proxy: Proxy) -> Site:
    folder.mkdir(parents=True)
    site = Site(folder, center)
    site.center_url = proxy.url
    return site


def _cuts(proxy: Proxy, every: int) -> Iterator[Cut]:
    for way, data in proxy.passed.items():
        yield from (Cut(way, after) for after in range(0, len(data), every))

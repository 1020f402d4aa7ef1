# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many renewals, and how many durable logins with their logouts, a license server carries out in a second.

A product that runs has one private key, however often it comes and goes; strangers each have one that was never seen
before.

64 connections from one process; the yardstick is a bare asyncio line echo of the same bytes, measured in turn with the
server in rounds that follow each other. The best round of each counts: what other work takes away from one is noise.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks._load.instances import Instance, come_and_go, greeted, lease_in, log_in, unheard
from benchmarks._load.servers import echo_server, license_server
from benchmarks._load.talk import connect, converse, recite
from benchmarks._report import Goal, Row
from licserver.kit import Kit
from licserver.wire.messages import Welcome
from server_core.tests.helpers import Vendor

CONNECTIONS = 64
ROUNDS = 5
LINES = 60_000
PAIRS = 10_000
FEW_LEASES, MANY_LEASES = 100, 10_000
MANY_KEYS = 1_000

Address = tuple[str, int]


def measure() -> list[Row]:
    """Two servers, one with little and one with much to keep, and the echo, in turn."""
    vendor = Vendor()
    with (
        echo_server() as echo,
        license_server(vendor, keys=1, licenses=FEW_LEASES + CONNECTIONS) as small,
        license_server(vendor, keys=MANY_KEYS, licenses=MANY_LEASES // MANY_KEYS + 1) as large,
        ProcessPoolExecutor(1, get_context("spawn")) as clients,
    ):
        servers = [(small.start().address, 15200), (large.start().address, 15200)]
        best = clients.submit(_rounds, echo, servers, vendor.kit).result()
    return [
        Row("renewals", "1/s", best["renewals"], best["echoes"], Goal("at least", 0.5)),
        Row("durable_login_logout_pairs", "1/s", best["pairs"], best["echoes_of_pairs"], Goal("at least", 0.15)),
        Row("pairs_of_strangers", "1/s", best["pairs_of_strangers"], best["pairs"], Goal("at least", 0.7)),
        Row("renewals_among_10000_leases", "1/s", best["renewals_of_many"], best["renewals"], Goal("at least", 0.9)),
        Row("pairs_among_10000_leases", "1/s", best["pairs_of_many"], best["pairs"], Goal("at least", 0.9)),
    ]


class Fleet:
    """64 connections to one server, and the products that hold its licenses."""

    def __init__(self, server: Address, kit: Kit, leases: int) -> None:
        self._kit = kit
        self._sockets = connect([server] * CONNECTIONS)
        self._instances = [Instance(f"user {number}") for number in range(leases)]
        self._welcomes = greeted(self._sockets)
        self._comers = [_met(welcome) for welcome in self._welcomes]
        converse(self._sockets, list(map(log_in, self._welcomes, _shares(self._instances))))
        self._by_lease = {one.lease: one for one in self._instances}
        for one in self._instances[::100]:
            one.check_granted(self._kit)

    def renewal_lines(self) -> list[list[bytes]]:
        """What each connection says to renew its share of the leases in turn."""
        shares = _shares(self._instances)
        return [[share[turn % len(share)].renewal() for turn in range(LINES // CONNECTIONS)] for share in shares]

    def renew(self, lines: list[list[bytes]]) -> float:
        """How many of the renewals are carried out in a second."""
        answers: list[bytes] = []
        seconds = converse(self._sockets, [recite(share, answers) for share in lines])
        for line in answers[::97]:
            self._by_lease[lease_in(line)].check_renewed(line)
        return _rate(lines, seconds)

    def pair_lines(self) -> list[list[bytes]]:
        """What each connection says to log in and out, so that the echo can say the same bytes."""
        one, gone = Instance("stranger"), unheard()
        return [[one.login_line(welcome), gone.leave()] * (LINES // CONNECTIONS // 2) for welcome in self._welcomes]

    def come_and_go(self) -> float:
        """Pairs of a login and a logout in a second, by one product on each connection."""
        return self._come_and_go([self._comers[number % CONNECTIONS] for number in range(PAIRS)])

    def come_and_go_once(self) -> float:
        """Pairs of a login and a logout in a second, each by a product that was never seen before."""
        return self._come_and_go([_met(self._welcomes[0]) for _ in range(PAIRS)])

    def _come_and_go(self, comers: list[Instance]) -> float:
        seconds = converse(self._sockets, list(map(come_and_go, self._welcomes, _shares(comers))))
        for one in comers[-CONNECTIONS:]:
            one.check_granted(self._kit)
        return PAIRS / seconds


def _rounds(echo: Address, servers: list[Address], kit: Kit) -> dict[str, float]:
    small, large = Fleet(servers[0], kit, FEW_LEASES), Fleet(servers[1], kit, MANY_LEASES)
    echoing = connect([echo] * CONNECTIONS)
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        lines, pairs = small.renewal_lines(), small.pair_lines()
        figures = {
            "echoes": _rate(lines, converse(echoing, [recite(share, []) for share in lines])),
            "echoes_of_pairs": _rate(pairs, converse(echoing, [recite(share, []) for share in pairs])),
            "renewals": small.renew(lines),
            "renewals_of_many": large.renew(large.renewal_lines()),
            "pairs": small.come_and_go(),
            "pairs_of_strangers": small.come_and_go_once(),
            "pairs_of_many": large.come_and_go(),
        }
        best = {name: max(figure, best.get(name, 0.0)) for name, figure in figures.items()}
        print({name: round(figure) for name, figure in figures.items()})
    return best


def _met(welcome: Welcome) -> Instance:
    made = Instance("stranger")
    made.meet(welcome)
    return made


def _rate(lines: list[list[bytes]], seconds: float) -> float:
    return sum(map(len, lines)) / seconds


def _shares(instances: list[Instance]) -> list[list[Instance]]:
    return [instances[number::CONNECTIONS] for number in range(CONNECTIONS)]

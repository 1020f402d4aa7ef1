# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An honest client, alone in its process, that measures how long it has to wait for each answer."""

from __future__ import annotations

import contextlib
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event

from benchmarks._load.instances import HELLO, Instance, welcome_in
from licserver.kit import Kit
from licserver.settings import DISCOVERY_PORT
from licserver.wire.discovery import make_question, read_answer
from server_core.tests.running import believing_tls

SOURCE = "127.201.0.1"
"""Another address than those of the attackers: the server gives each address its share."""
PAUSE_SECONDS = 0.02
EVERY = 5
"""Of so many renewals one is followed by a new client, and one by a search."""
PATIENCE_SECONDS = 10.0


@dataclass
class Waits:
    """How long the probe waited for answers, in seconds, by what it asked for.

    :ivar newcomers: for each answer: the welcome, connecting included, the grant, the renewal and the farewell.
    :ivar visits: for all four of them together.
    :ivar late: how much longer than asked for its own pauses were: what the computer is to blame for, not the server.
    """

    renewals: list[float] = field(default_factory=list)
    newcomers: list[float] = field(default_factory=list)
    visits: list[float] = field(default_factory=list)
    searches: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)


def probe(address: tuple[str, int], kit: Kit, stop: Event, *, tls: bool) -> Waits:
    """Renew, come and go, and search until ``stop``.

    :raises OSError: the server did not serve an honest client in time.
    """
    waits, turn = Waits(), 0
    with contextlib.closing(_Client(address, kit, tls)) as resident:
        resident.log_in()
        while not stop.is_set():
            waits.renewals.append(_timed(resident.renew))
            turn += 1
            if turn % EVERY == 0:
                answers = _come_and_go(address, kit, tls)
                waits.newcomers += answers
                waits.visits.append(sum(answers))
            elif turn % EVERY == 1:
                waits.searches.append(_timed(lambda: _search(address[0])))
            waits.late.append(_timed(lambda: time.sleep(PAUSE_SECONDS)) - PAUSE_SECONDS)
        resident.log_out()
    return waits


class _Client:
    def __init__(self, address: tuple[str, int], kit: Kit, tls: bool) -> None:
        self._kit = kit
        self._instance = Instance("probe")
        self._socket = socket.create_connection(address, PATIENCE_SECONDS, (SOURCE, 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self._socket = believing_tls().wrap_socket(self._socket)
        self._answers = self._socket.makefile("rb")
        self._welcome = welcome_in(self._ask(HELLO))

    def log_in(self) -> None:
        self._instance.hold(self._ask(self._instance.login_line(self._welcome)))
        self._instance.check_granted(self._kit)

    def renew(self) -> None:
        self._instance.check_renewed(self._ask(self._instance.renewal()))

    def log_out(self) -> None:
        self._ask(self._instance.leave())

    def close(self) -> None:
        self._answers.close()
        self._socket.close()

    def _ask(self, line: bytes) -> bytes:
        self._socket.sendall(line)
        answer = self._answers.readline()
        if not answer:
            raise ConnectionError("the server hung up on an honest client")
        return answer


def _come_and_go(address: tuple[str, int], kit: Kit, tls: bool) -> list[float]:
    """The wait for each answer."""
    started = time.perf_counter()
    with contextlib.closing(_Client(address, kit, tls)) as client:
        welcomed = time.perf_counter() - started
        return [welcomed, *map(_timed, (client.log_in, client.renew, client.log_out))]


def _search(host: str) -> None:
    """Ask who is there until there is an answer: a datagram may get lost, and every client asks again."""
    nonce = secrets.token_urlsafe(32)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind((SOURCE, 0))
        asking.settimeout(0.5)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            asking.sendto(make_question(nonce), (host, DISCOVERY_PORT))
            with contextlib.suppress(TimeoutError):
                assert read_answer(asking.recv(65536), nonce) is not None
                return
    raise TimeoutError("no server answers the search")


def _timed(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started

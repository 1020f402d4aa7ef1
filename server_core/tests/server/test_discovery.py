# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""UDP 15200: who is there, for those who may know."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any, cast

import pytest

from licserver.server.discovery import (
    ALL_ANSWERS_PER_SECOND,
    ANSWERS_PER_SECOND,
    DATAGRAMS_AT_ONCE,
    DiscoveryPort,
)
from licserver.server.sessions import Sessions
from licserver.wire.discovery import make_question, read_answer
from server_core.tests.running import DEADLINE_SECONDS, PORT, ServerThread

NONCE = "n" * 43
QUESTION = make_question(NONCE)
HERE, ELSEWHERE = ("127.0.0.1", 50000), ("192.0.2.7", 50000)


class Post(asyncio.DatagramTransport):
    """Remembers what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[bytes, Any]] = []

    def sendto(self, data: Any, addr: Any = None) -> None:
        self.sent.append((data, addr))


class Arrived:
    """What waits in the system's buffer."""

    def __init__(self, *datagrams: tuple[bytes, tuple[str, int]]) -> None:
        self.datagrams = list(datagrams)

    def recvfrom(self, most: int) -> tuple[bytes, tuple[str, int]]:
        if not self.datagrams:
            raise BlockingIOError
        return self.datagrams.pop(0)


def port(*, local: bool = False, name: str = "host", arrived: Arrived | None = None) -> tuple[DiscoveryPort, Post]:
    bound = cast(socket.socket, arrived or Arrived())
    made, post = DiscoveryPort(bound, name, PORT, Sessions("server"), local=local), Post()
    made.connection_made(post)
    return made, post


@pytest.fixture
def asking() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.settimeout(DEADLINE_SECONDS)
        yield made


def test_a_question_is_answered_with_who_is_there(server: ServerThread, asking: socket.socket) -> None:
    asking.sendto(QUESTION, (server.address, PORT))

    here = read_answer(asking.recv(65536), NONCE)

    assert here is not None
    assert (here.name, here.port) == (socket.gethostname(), PORT)
    with server.client() as client:
        welcome = client.hello()
    assert (here.server_id, here.session_public) == (welcome.server_id, welcome.session_public)


def test_what_arrived_meanwhile_is_answered_at_once_but_not_without_an_end() -> None:
    arrived = Arrived(*[(b"garbage", ELSEWHERE)] * (DATAGRAMS_AT_ONCE - 1), (QUESTION, HERE), (QUESTION, HERE))
    made, post = port(arrived=arrived)

    made.datagram_received(b"garbage", ELSEWHERE)

    assert [address for _, address in post.sent] == [HERE]
    assert len(arrived.datagrams) == 1


def test_anything_else_gets_no_answer(server: ServerThread, asking: socket.socket) -> None:
    for datagram in (b"", b"?", QUESTION[:-1], b"\xff" * 1024, b"[" * 60_000):
        asking.sendto(datagram, (server.address, PORT))
    asking.sendto(make_question("last"), (server.address, PORT))

    assert read_answer(asking.recv(65536), "last") is not None


@pytest.mark.parametrize("asker", [HERE, ELSEWHERE, ("::ffff:192.0.2.7", 1, 0, 0), ("fe80::1%eth0", 1, 0, 2)])
def test_in_a_network_everybody_is_answered(asker: Any) -> None:
    made, post = port()

    made.datagram_received(QUESTION, asker)

    assert [to for _, to in post.sent] == [asker]


@pytest.mark.parametrize(
    ("asker", "answers"), [(HERE, 1), (("::1", 1, 0, 0), 1), (ELSEWHERE, 0), (("fe80::1%eth0", 1, 0, 2), 0)]
)
def test_with_local_only_this_computer_is_answered(asker: Any, answers: int) -> None:
    made, post = port(local=True)

    made.datagram_received(QUESTION, asker)

    assert len(post.sent) == answers


@pytest.mark.parametrize("name", ["h", "h" * 64, "h" * 253, "х" * 253])
def test_no_answer_is_longer_than_its_question(name: str) -> None:
    made, post = port(name=name)

    made.datagram_received(make_question("n" * 64), ELSEWHERE)

    assert all(len(answer) <= len(QUESTION) for answer, _ in post.sent)


def test_a_flood_from_one_address_gets_few_answers_and_does_not_silence_others() -> None:
    made, post = port()
    for _ in range(1000):
        made.datagram_received(QUESTION, ELSEWHERE)
    made.datagram_received(QUESTION, HERE)

    flooded = [to for _, to in post.sent if to == ELSEWHERE]
    assert len(flooded) <= ANSWERS_PER_SECOND + 5
    assert post.sent[-1][1] == HERE


def test_a_flood_from_forged_addresses_gets_no_more_answers_than_the_server_can_sign() -> None:
    made, post = port()
    for number in range(2 * ALL_ANSWERS_PER_SECOND):
        made.datagram_received(QUESTION, (f"198.51.{number // 250}.{number % 250}", 50000))

    assert ALL_ANSWERS_PER_SECOND <= len(post.sent) < 1.5 * ALL_ANSWERS_PER_SECOND

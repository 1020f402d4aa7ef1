# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection to TCP 15200 without a network: no client takes more than its turn."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from types import SimpleNamespace
from typing import cast

import pytest

from licserver.server.desk import Desk
from licserver.server.tcp import MAX_WAITING, REQUESTS_A_TURN, ClientConnection
from licserver.server.visitors import Visitors
from licserver.wire.conversation import encode
from licserver.wire.messages import AnyAnswer, AnyRequest, Hello, Login
from server_core.tests.seats.helpers import holder_of
from server_core.tests.server.helpers import Office

HELLO = encode(Hello(id=0, versions=[1]))
LOGIN = encode(Login(id=1, product="retail", nonce="n", holder=holder_of("anna"), client_proof=""))
WELCOME, REFUSAL = b'"welcome"', b'"bad_client_key"'

Converse = Callable[[Callable[[ClientConnection], Awaitable[None]]], None]


class Wire(asyncio.Transport):
    """A transport that remembers what was done to it."""

    def __init__(self) -> None:
        super().__init__({"socket": socket.socket(), "peername": ("127.0.0.1", 50000)})
        self.reading = True
        self.written = bytearray()

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return False

    def write(self, data: object) -> None:
        assert isinstance(data, bytes)
        self.written += data

    def answers(self, kind: bytes) -> int:
        return self.written.count(kind)

    def abort(self) -> None:
        raise AssertionError("not cut off in this test")


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.get_extra_info("socket").close()


@pytest.fixture
def converse(office: Office, wire: Wire) -> Converse:
    """Has a test talk to a connection in a loop."""

    async def run(talk: Callable[[ClientConnection], Awaitable[None]]) -> None:
        connection = ClientConnection(office.desk, Visitors("the port", 8))
        connection.connection_made(wire)
        await talk(connection)
        connection.connection_lost(None)

    return lambda talk: asyncio.run(run(talk))


async def until_answered(wire: Wire, kind: bytes, count: int) -> None:
    for _ in range(10 * count):
        if wire.answers(kind) == count:
            break
        await asyncio.sleep(0)
    assert wire.answers(kind) == count
    await asyncio.sleep(0)


def test_a_client_that_is_gone_without_a_word_is_looked_for(wire: Wire, converse: Converse) -> None:
    async def talk(connection: ClientConnection) -> None:
        assert wire.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1

    converse(talk)


def test_of_many_requests_that_come_at_once_only_some_are_answered_in_one_go(wire: Wire, converse: Converse) -> None:
    async def talk(connection: ClientConnection) -> None:
        connection.data_received(HELLO * 5 * REQUESTS_A_TURN)
        assert (wire.answers(WELCOME), wire.reading) == (REQUESTS_A_TURN, False)

        await asyncio.sleep(0)
        assert wire.answers(WELCOME) == 2 * REQUESTS_A_TURN

        await until_answered(wire, WELCOME, 5 * REQUESTS_A_TURN)
        assert wire.reading

    converse(talk)


def test_a_client_that_does_not_read_its_answers_is_not_listened_to(wire: Wire, converse: Converse) -> None:
    async def talk(connection: ClientConnection) -> None:
        connection.data_received(HELLO * 2 * REQUESTS_A_TURN)
        connection.pause_writing()
        for _ in range(10):
            await asyncio.sleep(0)
        assert (wire.answers(WELCOME), wire.reading) == (REQUESTS_A_TURN, False)

        connection.resume_writing()
        await until_answered(wire, WELCOME, 2 * REQUESTS_A_TURN)
        assert wire.reading

    converse(talk)


def test_a_client_with_too_many_requests_under_way_is_listened_to_when_they_are_answered(
    office: Office, wire: Wire, converse: Converse
) -> None:
    async def talk(connection: ClientConnection) -> None:
        started, finish = [], asyncio.Event()

        async def later(request: AnyRequest, challenge: str, address: str) -> AnyAnswer:
            started.append(request)
            await finish.wait()
            return await office.ask(request)

        connection.data_received(HELLO)
        connection._desk = cast(Desk, SimpleNamespace(answer=later))
        connection.data_received(LOGIN * (MAX_WAITING + 9))
        for _ in range(20):
            await asyncio.sleep(0)
        assert (len(started), wire.reading) == (MAX_WAITING, False)

        finish.set()
        await until_answered(wire, REFUSAL, MAX_WAITING + 9)
        assert wire.reading

    converse(talk)

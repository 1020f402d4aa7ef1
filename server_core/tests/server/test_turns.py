# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection to TCP 15200 without a network: no client takes more than its turn."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from types import SimpleNamespace
from typing import cast

import pytest

from licserver.server.desk import Desk, Reply
from licserver.server.latencies import Latencies
from licserver.server.tcp import LONG_LINE_BYTES, MAX_UNDER_WAY, REQUESTS_A_TURN, ClientConnection, Visitor
from licserver.server.turns import TURN_SECONDS, Turns
from licserver.server.visitors import Visitors
from licserver.wire.conversation import encode
from licserver.wire.messages import AnyRequest, Hello, Login
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
        self.aborted = False
        self.written = bytearray()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        pass

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
        self.aborted = True


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.get_extra_info("socket").close()


@pytest.fixture
def converse(office: Office, wire: Wire) -> Converse:
    """Has a test talk to a connection in a loop."""

    async def run(talk: Callable[[ClientConnection], Awaitable[None]]) -> None:
        turns = Turns(asyncio.get_running_loop().call_soon)
        visitors, long_lines = Visitors[Visitor]("connections", 8), Visitors[ClientConnection]("long lines", 1)
        connection = ClientConnection(office.desk, visitors, turns, long_lines, Latencies())
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
        started: list[tuple[AnyRequest, Reply]] = []

        def later(request: AnyRequest, challenge: str, address: str, reply: Reply) -> None:
            started.append((request, reply))

        connection.data_received(HELLO)
        connection._desk = cast(Desk, SimpleNamespace(answer=later))
        connection.data_received(LOGIN * (MAX_UNDER_WAY + 9))
        for _ in range(20):
            await asyncio.sleep(0)
        assert (len(started), wire.reading) == (MAX_UNDER_WAY, False)

        for request, reply in started:  # more come while these are answered
            reply(await office.ask(request))
        await until_answered(wire, REFUSAL, MAX_UNDER_WAY + 9)
        assert wire.reading

    converse(talk)


class Rounds:
    """The event loop's rounds, one at a time."""

    def __init__(self) -> None:
        self.coming: list[Callable[[], None]] = []
        self.turns = Turns(self.coming.append)
        self.served: list[str] = []

    def want(self, peer: str, times: int, seconds: float = TURN_SECONDS) -> None:
        def go_on() -> None:
            self.served.append(peer)
            self.turns.use(peer, seconds)

        for _ in range(times):
            self.turns.wait(peer, go_on)

    def next(self) -> list[str]:
        self.served = []
        coming, self.coming[:] = list(self.coming), []
        for call in coming:
            call()
        return self.served


def test_in_a_round_an_address_gets_its_time_and_no_more_however_much_it_wants() -> None:
    rounds = Rounds()
    rounds.want("many", 100)
    rounds.want("one", 1)

    assert [rounds.next(), rounds.next()] == [["many", "one"], ["many"]]


def test_what_takes_little_time_is_served_in_one_round() -> None:
    rounds = Rounds()
    rounds.want("many", 9, TURN_SECONDS / 10)

    assert rounds.next() == ["many"] * 9
    assert rounds.next() == []
    assert rounds.coming == []


def test_who_has_used_up_his_time_has_none_until_the_next_round() -> None:
    rounds = Rounds()
    rounds.turns.use("one", TURN_SECONDS)
    assert (rounds.turns.has_time("one"), rounds.turns.has_time("other")) == (False, True)

    rounds.next()
    assert rounds.turns.has_time("one")


def test_a_connection_whose_address_had_its_time_is_answered_in_the_next_round(wire: Wire, converse: Converse) -> None:
    async def talk(connection: ClientConnection) -> None:
        connection._turns.use("127.0.0.1", TURN_SECONDS)
        connection.data_received(HELLO)
        assert (wire.answers(WELCOME), wire.reading) == (0, True)

        await until_answered(wire, WELCOME, 1)

    converse(talk)


def test_a_turn_is_measured_by_a_clock_that_knows_less_than_the_loops_16_ms_on_windows(
    wire: Wire, converse: Converse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def talk(connection: ClientConnection) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        monkeypatch.setattr(loop, "time", lambda: now)
        connection.data_received(HELLO)

        assert connection._turns._used["127.0.0.1"] > 0

    converse(talk)


def test_a_connection_that_waits_for_its_turn_is_listened_to_only_for_so_much(wire: Wire, converse: Converse) -> None:
    async def talk(connection: ClientConnection) -> None:
        connection._turns.use("127.0.0.1", TURN_SECONDS)
        connection.data_received(HELLO)
        connection.data_received(HELLO * (LONG_LINE_BYTES // len(HELLO) + 1))
        assert not wire.reading

        await until_answered(wire, WELCOME, LONG_LINE_BYTES // len(HELLO) + 2)
        assert wire.reading

    converse(talk)


def test_a_long_line_is_taken_in_where_there_is_room_for_it(wire: Wire, converse: Converse) -> None:
    async def talk(connection: ClientConnection) -> None:
        connection.data_received(HELLO[:-1] + b" " * LONG_LINE_BYTES)
        connection.data_received(b"\n")
        assert wire.answers(WELCOME) == 1
        assert list(connection._long_lines) == []

    converse(talk)


def test_who_sends_one_long_line_too_many_is_hung_up_on(wire: Wire, converse: Converse) -> None:
    async def talk(connection: ClientConnection) -> None:
        connection._long_lines.enter(cast(ClientConnection, object()), "127.0.0.1")
        connection.data_received(b" " * LONG_LINE_BYTES)
        assert wire.aborted

    converse(talk)


@pytest.mark.parametrize(("takes_them", "aborted"), [(False, True), (True, False)])
def test_who_does_not_take_his_answers_in_time_is_hung_up_on(
    monkeypatch: pytest.MonkeyPatch, wire: Wire, converse: Converse, takes_them: bool, aborted: bool
) -> None:
    monkeypatch.setattr("licserver.server.tcp.STUCK_SECONDS", 0.02)

    async def talk(connection: ClientConnection) -> None:
        connection.pause_writing()
        if takes_them:
            connection.resume_writing()
        await asyncio.sleep(0.05)  # more than twice the deadline: that nothing happens can only be waited for
        assert wire.aborted == aborted

    converse(talk)


def test_who_takes_his_answers_late_and_then_breaks_the_protocol_is_hung_up_on_once(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    async def talk() -> None:
        loop = asyncio.get_running_loop()
        visitors, long_lines = Visitors[Visitor]("connections", 8), Visitors[ClientConnection]("long lines", 1)
        connection = ClientConnection(office.desk, visitors, Turns(loop.call_soon), long_lines, Latencies())
        with socket.create_server(("127.0.0.1", 0)) as listening:
            client = socket.create_connection(listening.getsockname())
            accepted, _ = listening.accept()
        client.setblocking(False)
        await loop.connect_accepted_socket(lambda: connection, accepted)
        while not connection._congested:
            connection.data_received(HELLO)
            await asyncio.sleep(0)
        connection.data_received(encode(Hello(id=1, versions=[2])))
        while await loop.sock_recv(client, 65536):
            pass
        client.close()

    asyncio.run(talk())

    assert caplog.messages == []

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP 15200: connections of clients. docs/protocol.md, "The conversation"."""

import asyncio
import contextlib
import logging
import secrets
import socket
import time
from typing import cast

from licserver.limits import peer_of
from licserver.seats.lease import ACTIVE_SECONDS
from licserver.server.configuration import Configuration
from licserver.server.desk import Desk
from licserver.server.encryption import EncryptedConnection, handshakes_of
from licserver.server.latencies import Latencies
from licserver.server.listening import lengthen_queue
from licserver.server.transports import open_circle
from licserver.server.turns import Turns
from licserver.server.visitors import Room, Visitors
from licserver.wire import WireError
from licserver.wire.conversation import ServerConversation, encode, failure
from licserver.wire.messages import AnyAnswer, AnyRequest, Renewed

HELLO_SECONDS = 10
STUCK_SECONDS = 10
"""A client that does not take its answers for so long is hung up on."""
MAX_UNDER_WAY = 16
"""Requests of one connection under way; the next one waits until an answer is out."""
REQUESTS_A_TURN = 16
"""Requests of one connection that are looked at before other connections have their turn."""

LONG_LINE_BYTES = 8 * 1024
"""Longer than any request of a client in good order; of those longer a port takes in only so many at once."""
LONG_LINES = 256
BUFFERED_BYTES = 16 * 1024
"""What the system, and what the server, keeps of one connection until it is taken."""

_log = logging.getLogger(__name__)


class ClientConnection(asyncio.Protocol):
    """One connection: bytes to requests, answers to bytes. What a client sends never brings it down.

    It ends after so long a silence that every lease of its client has ended too.
    """

    def __init__(
        self,
        desk: Desk,
        visitors: "Visitors[Visitor]",
        turns: Turns,
        long_lines: "Visitors[ClientConnection]",
        renewals: Latencies,
    ) -> None:
        self._desk = desk
        self._renewals = renewals
        self._visitors = visitors
        self._turns = turns
        self._long_lines = long_lines
        self._conversation = ServerConversation()
        self._challenge = secrets.token_urlsafe(32)
        self._under_way = 0
        self._all_answered: asyncio.Future[None] | None = None
        self._congested = False
        self._greeted = False
        self._silence: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None
        self._waits_for_turn = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast(asyncio.Transport, transport)
        self._address = self._transport.get_extra_info("peername")[0]
        if not self._visitors.enter(self, self._address):
            self._transport.abort()
            return
        self._peer = peer_of(self._address)
        set_up(self._transport.get_extra_info("socket"))
        self._transport.set_write_buffer_limits(BUFFERED_BYTES)
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._silence = self._loop.call_later(HELLO_SECONDS, self._look_whether_silent)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._conversation.feed(data)
        if self._waits_for_turn and self._conversation.unread > LONG_LINE_BYTES:
            self._transport.pause_reading()
        self._go_on()

    def connection_lost(self, error: Exception | None) -> None:
        """Called by asyncio. The leases of the client stay: it may come back within their time."""
        self._visitors.leave(self)
        self._long_lines.leave(self)
        for timer in (self._silence, self._stuck):
            if timer is not None:
                timer.cancel()
        open_circle(self._transport, error)

    def pause_writing(self) -> None:
        """Called by asyncio. The client does not read its answers: it is not listened to until it does."""
        self._congested = True
        self._stuck = self._loop.call_later(STUCK_SECONDS, self._transport.abort)
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Called by asyncio."""
        self._congested = False
        if self._stuck is not None:
            self._stuck.cancel()
        self._loop.call_soon(self._go_on)  # asyncio closes a transport twice that is closed in here

    async def drain(self) -> None:
        """Let the answers out that are under way, then close."""
        if self._under_way:
            self._all_answered = self._loop.create_future()
            await self._all_answered
        self._transport.close()

    def _go_on(self) -> None:
        """Answer what came, but no more in one go than is fair to others."""
        if self._waits_for_turn or self._transport.is_closing():
            return
        if not self._turns.has_time(self._peer):
            self._wait_for_turn()
            return
        started = time.perf_counter()  # the loop's own clock moves on in steps of 16 ms on Windows
        if self._answer_some(started):
            self._transport.pause_reading()
            self._wait_for_turn()
        self._turns.use(self._peer, time.perf_counter() - started)

    def _answer_some(self, started: float) -> bool:
        """Whether there may be more to answer at once."""
        for _ in range(REQUESTS_A_TURN):
            if self._congested or self._under_way >= MAX_UNDER_WAY:
                self._transport.pause_reading()
                return False
            request = self._conversation.next()
            if request is None:
                self._listen()
                return False
            self._answer(request, started)
        return True

    def _listen(self) -> None:
        if self._conversation.unread < LONG_LINE_BYTES:
            self._long_lines.leave(self)
        elif not self._long_lines.enter(self, self._address):
            self._transport.abort()
            return
        self._transport.resume_reading()

    def _wait_for_turn(self) -> None:
        self._waits_for_turn = True
        self._turns.wait(self._peer, self._take_turn)

    def _take_turn(self) -> None:
        self._waits_for_turn = False
        self._go_on()

    def _answer(self, request: AnyRequest | WireError, started: float) -> None:
        if isinstance(request, WireError):
            self._send(failure(request))
            if request.fatal:
                self._transport.close()
            return
        self._greeted = True
        self._heard = self._loop.time()
        answer = self._desk.answer(request, self._challenge, self._address, self._reply)
        if answer is None:
            self._under_way += 1
            return
        self._send(answer)
        if isinstance(answer, Renewed):
            self._renewals.add(time.perf_counter() - started)

    def _look_whether_silent(self) -> None:
        patience = ACTIVE_SECONDS + self._desk.book.idle_seconds if self._greeted else HELLO_SECONDS
        left = self._heard + patience - self._loop.time()
        if left <= 0:
            self._transport.abort()
        else:
            self._silence = self._loop.call_later(left, self._look_whether_silent)

    def _reply(self, answer: AnyAnswer) -> None:
        was_full = self._under_way >= MAX_UNDER_WAY
        self._under_way -= 1
        self._send(answer)
        if self._all_answered is not None:
            if not self._under_way and not self._all_answered.done():
                self._all_answered.set_result(None)
        elif was_full or self._conversation.unread:
            self._go_on()

    def _send(self, answer: AnyAnswer) -> None:
        if not self._transport.is_closing():
            self._transport.write(encode(answer))


def set_up(connected: socket.socket) -> None:
    """Have answers leave at once, and a client that is gone without a word be noticed within two minutes."""
    # asyncio leaves the first out where accepted sockets do not name their protocol
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            with contextlib.suppress(OSError):  # an older system keeps its own
                connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


Visitor = ClientConnection | EncryptedConnection


class LicensePort:
    """The listening socket and everything connected to it."""

    def __init__(self, desk: Desk, configuration: Configuration, room: Room, renewals: Latencies) -> None:
        self._desk = desk
        self._renewals = renewals
        self._configuration = configuration
        self._at_once = room.at_once
        self._visitors: Visitors[Visitor] = Visitors("connections to the license port", room.licenses)
        self._long_lines: Visitors[ClientConnection] = Visitors("long lines on the license port", LONG_LINES)
        self._handshakes = handshakes_of("the license port")
        self._servers: list[asyncio.Server] = []

    async def start(self, sockets: list[socket.socket]) -> None:
        """Accept connections on sockets that are bound already."""
        loop = asyncio.get_running_loop()
        self._turns = Turns(loop.call_soon)
        for listening in sockets:
            for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):  # connections get them from the socket that accepts
                listening.setsockopt(socket.SOL_SOCKET, buffer, BUFFERED_BYTES)
            self._servers.append(await loop.create_server(self._visitor, sock=listening, backlog=self._at_once))
            lengthen_queue(listening)

    async def stop(self) -> None:
        """Accept nothing more, let answers out that are under way, and close all connections."""
        for server in self._servers:
            server.close()
        await asyncio.gather(*(connection.drain() for connection in self._visitors))

    def _visitor(self) -> Visitor:
        connection = ClientConnection(self._desk, self._visitors, self._turns, self._long_lines, self._renewals)
        certificate = self._configuration.certificate
        if certificate is None:
            return connection
        return EncryptedConnection(connection, certificate.context, self._visitors, self._handshakes)

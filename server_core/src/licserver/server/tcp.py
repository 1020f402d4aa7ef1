# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP 15200: connections of clients. docs/protocol.md, "The conversation"."""

import asyncio
import logging
import secrets
import socket
from collections.abc import Awaitable
from typing import cast

from licserver.server.desk import Desk
from licserver.wire import WireError
from licserver.wire.conversation import ServerConversation, encode, failure
from licserver.wire.messages import AnyAnswer, AnyRequest

HELLO_SECONDS = 10
MAX_WAITING = 64
"""Requests of one connection under way; the next one waits until an answer is out."""
REQUESTS_A_TURN = 16
"""Requests of one connection that are looked at before other connections have their turn."""

_log = logging.getLogger(__name__)


class ClientConnection(asyncio.Protocol):
    """One connection: bytes to requests, answers to bytes. What a client sends never brings it down."""

    def __init__(self, desk: Desk, open_connections: "set[ClientConnection]") -> None:
        self._desk = desk
        self._open_connections = open_connections
        self._conversation = ServerConversation()
        self._challenge = secrets.token_urlsafe(32)
        self._waiting: set[asyncio.Task[None]] = set()
        self._congested = False
        self._turn: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast(asyncio.Transport, transport)
        connected = self._transport.get_extra_info("socket")
        # asyncio leaves it out where accepted sockets do not name their protocol, and then every answer waits
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open_connections.add(self)
        self._silent = asyncio.get_running_loop().call_later(HELLO_SECONDS, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._conversation.feed(data)
        self._go_on()

    def connection_lost(self, error: Exception | None) -> None:
        """Called by asyncio. The leases of the client stay: it may come back within their time."""
        self._silent.cancel()
        self._open_connections.discard(self)

    def pause_writing(self) -> None:
        """Called by asyncio. The client does not read its answers: it is not listened to until it does."""
        self._congested = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Called by asyncio."""
        self._congested = False
        self._go_on()

    async def drain(self) -> None:
        """Let the answers out that are under way, then close."""
        await asyncio.gather(*self._waiting, return_exceptions=True)
        self._transport.close()

    def _go_on(self) -> None:
        """Answer what came, but no more in one go than is fair to other connections."""
        if self._turn is not None or self._transport.is_closing():
            return
        for _ in range(REQUESTS_A_TURN):
            if self._congested or len(self._waiting) >= MAX_WAITING:
                self._transport.pause_reading()
                return
            request = self._conversation.next()
            if request is None:
                self._transport.resume_reading()
                return
            self._answer(request)
        self._transport.pause_reading()
        self._turn = asyncio.get_running_loop().call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._turn = None
        self._go_on()

    def _answer(self, request: AnyRequest | WireError) -> None:
        if isinstance(request, WireError):
            self._send(failure(request))
            if request.fatal:
                self._transport.close()
            return
        self._silent.cancel()
        answer = self._desk.answer(request, self._challenge)
        if isinstance(answer, Awaitable):
            self._wait_for(answer)
        else:
            self._send(answer)

    def _wait_for(self, answer: Awaitable[AnyAnswer]) -> None:
        task = asyncio.ensure_future(self._send_later(answer))
        self._waiting.add(task)
        task.add_done_callback(self._waited)

    def _waited(self, task: "asyncio.Task[None]") -> None:
        self._waiting.discard(task)
        self._go_on()

    async def _send_later(self, answer: Awaitable[AnyAnswer]) -> None:
        self._send(await answer)

    def _send(self, answer: AnyAnswer) -> None:
        if not self._transport.is_closing():
            self._transport.write(encode(answer))


class LicensePort:
    """The listening socket and everything connected to it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: set[ClientConnection] = set()
        self._servers: list[asyncio.Server] = []

    async def start(self, sockets: list[socket.socket]) -> None:
        """Accept connections on sockets that are bound already."""
        loop = asyncio.get_running_loop()
        for listening in sockets:
            self._servers.append(
                await loop.create_server(lambda: ClientConnection(self._desk, self._open), sock=listening, backlog=1024)
            )

    async def stop(self) -> None:
        """Accept nothing more, let answers out that are under way, and close all connections."""
        for server in self._servers:
            server.close()
        await asyncio.gather(*(connection.drain() for connection in list(self._open)))

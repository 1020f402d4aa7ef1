# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server on TCP 15201, which carries the application of :mod:`licserver.server.web`."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from licserver.server.configuration import Configuration
from licserver.server.encryption import EncryptedConnection, handshakes_of
from licserver.server.listening import lengthen_queue
from licserver.server.transports import open_circle
from licserver.server.visitors import Room, Visitors

STUCK_SECONDS = 10.0
"""A browser that for so long sends no whole request, or takes nothing of an answer, is hung up on."""
REFUSED_SECONDS = 1.0
"""Whoever is one too many has so long to begin his request, and is told so; hung up on earlier, he may not see it."""
_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nConnection: close\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 57\r\n\r\n"
    b"Too many connections are open. Close some, and try again\n"
)


class WebServer(uvicorn.Server):
    """The web server of a license server, which stops it together with itself."""

    def __init__(self, app: Starlette, configuration: Configuration, room: Room) -> None:
        self._app = app
        super().__init__(
            uvicorn.Config(
                app,
                http=cast(type[asyncio.Protocol], _protocol(configuration, room)),
                backlog=room.at_once,
                log_config=None,
                access_log=False,
                lifespan="off",
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=5,
                ws="none",
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn."""
        await super().startup(sockets)
        for listening in sockets or []:
            lengthen_queue(listening)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn. Streams, which have no end of their own, are not waited for."""
        self._app.state.live.end()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """In place of uvicorn's own: the license server stops itself, and its web page with it."""
        yield


def _protocol(configuration: Configuration, room: Room) -> Callable[..., asyncio.Protocol]:
    """What uvicorn calls for each connection, with its own arguments."""
    visitors: Visitors[H11Protocol | EncryptedConnection] = Visitors("connections to the web page", room.web)
    refused: Visitors[H11Protocol] = Visitors("connections to the web page, without a word,", room.at_once)
    handshakes = handshakes_of("the web page")

    class Connection(H11Protocol):
        _silence: asyncio.TimerHandle | None = None
        _is_refused = False
        _resumed = 0

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            address = transport.get_extra_info("peername")[0]
            if visitors.enter(self, address):
                self._watch()
            elif refused.enter(self, address):
                self._is_refused = True
                self._silence = self.loop.call_later(REFUSED_SECONDS, transport.abort)
            else:
                transport.abort()

        def data_received(self, data: bytes) -> None:
            if not self._is_refused:
                super().data_received(data)
            elif not self.transport.is_closing():
                self.transport.write(_TOO_MANY)
                self.transport.close()

        def connection_lost(self, exc: Exception | None) -> None:
            visitors.leave(self)
            refused.leave(self)
            if self._silence is not None:
                self._silence.cancel()
            super().connection_lost(exc)
            open_circle(self.transport, exc)

        def resume_writing(self) -> None:
            self._resumed += 1
            super().resume_writing()

        def _watch(self) -> None:
            state = (self.cycle, self.transport.get_write_buffer_size(), self._resumed)
            self._silence = self.loop.call_later(STUCK_SECONDS, self._look_whether_stuck, *state)

        def _look_whether_stuck(self, cycle: object, unsent: int, resumed: int) -> None:
            """An answer is written at once as far as there is room for it: while it goes out, little by little over a
            slow line, nothing is asked."""
            left = self.transport.get_write_buffer_size()
            is_idle = self.cycle is cycle and (self.cycle is None or self.cycle.response_complete)
            takes_nothing = 0 < unsent <= left and self._resumed == resumed
            if (takes_nothing and (is_idle or self.flow.write_paused)) or (is_idle and not left):
                self.transport.abort()
            else:
                self._watch()

    def connection(*uvicorns: Any, **own: Any) -> asyncio.Protocol:
        inner, certificate = Connection(*uvicorns, **own), configuration.certificate
        return EncryptedConnection(inner, certificate.context, visitors, handshakes) if certificate else inner

    return connection

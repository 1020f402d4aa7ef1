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
from licserver.server.visitors import Room, Visitors

STUCK_SECONDS = 10.0
"""A browser that sends no whole request for so long is hung up on."""


class WebServer(uvicorn.Server):
    """The web server of a license server, which stops it together with itself."""

    def __init__(self, app: Starlette, configuration: Configuration, room: Room) -> None:
        self._app = app
        super().__init__(
            uvicorn.Config(
                app,
                http=cast(
                    type[asyncio.Protocol], _protocol(configuration, Visitors("connections to the web page", room.web))
                ),
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


def _protocol(
    configuration: Configuration, visitors: Visitors[H11Protocol | EncryptedConnection]
) -> Callable[..., asyncio.Protocol]:
    """What uvicorn calls for each connection, with its own arguments."""
    handshakes = handshakes_of("the web page")

    class Connection(H11Protocol):
        _silence: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            if visitors.enter(self, transport.get_extra_info("peername")[0]):
                self._watch()
            else:
                transport.abort()

        def connection_lost(self, exc: Exception | None) -> None:
            visitors.leave(self)
            if self._silence is not None:
                self._silence.cancel()
            super().connection_lost(exc)

        def _watch(self) -> None:
            self._silence = self.loop.call_later(STUCK_SECONDS, self._look_whether_stuck, self.cycle)

        def _look_whether_stuck(self, before: object) -> None:
            if self.cycle is before and (self.cycle is None or self.cycle.response_complete):
                self.transport.abort()
            else:
                self._watch()

    def connection(*uvicorns: Any, **own: Any) -> asyncio.Protocol:
        inner, certificate = Connection(*uvicorns, **own), configuration.certificate
        return EncryptedConnection(inner, certificate.context, visitors, handshakes) if certificate else inner

    return connection

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP side of WinRM: a listener on ports 5985 and 5986 of every host, all in one process."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any, Protocol

from .authentication import PLAIN_TYPE, SEALED_TYPE, Connection, MessageError
from .shells import Shells

MAX_ENVELOPE = 512_000
"""Bytes of one message; MaxEnvelopeSizekb of the settings of WinRM, which is 500 on a new Windows."""
MAX_SEALED = MAX_ENVELOPE + 4096
SEALED = f'multipart/encrypted;protocol="{SEALED_TYPE}";boundary="Encrypted Boundary"'


class Settings(Protocol):
    """The settings of WinRM that the lab can change while it runs."""

    @property
    def basic(self) -> bool: ...

    @property
    def allow_unencrypted(self) -> bool: ...


@dataclass(frozen=True)
class Site:
    """What a listener serves: the shells of one host, for one account, while the host is on."""

    is_on: Callable[[], bool]
    settings: Settings
    shells: Shells
    user: str
    password: str


class Listener(ThreadingHTTPServer):
    """Serves a host on one address; `tls` makes it the HTTPS listener."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], site: Site, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(address, _Handler)
        self.site, self.tls = site, tls

    def get_request(self) -> tuple[socket, Any]:
        connection, address = super().get_request()
        if self.tls:
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return self.site.is_on()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or does not trust the certificate, is no error of the listener."""

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def setup(self) -> None:
        super().setup()
        self.peer = Connection(self.server.site.user, self.server.site.password)

    def do_POST(self) -> None:
        """Answer a request; the name is the one that the base class looks for."""
        settings, encrypted = self.server.site.settings, self.server.tls is not None
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        verdict = self.peer.authenticate(self.headers, basic=settings.basic)
        if not verdict.accepted:
            offers = [verdict.challenge] if verdict.challenge else ["Negotiate"]
            if not verdict.challenge and settings.basic:
                offers.append('Basic realm="WSMAN"')
            return self._answer(401, challenges=offers)
        challenges = [verdict.challenge] if verdict.challenge else []
        sealed = SEALED_TYPE in self.headers.get("Content-Type", "")
        if self.path.partition("?")[0].rstrip("/") != "/wsman":
            return self._answer(404)
        if len(body) > MAX_SEALED:
            return self._answer(413)
        if not body:
            return self._answer(200, challenges=challenges)
        if not sealed:
            if not encrypted and not settings.allow_unencrypted:
                return self._answer(500)  # what Windows answers while AllowUnencrypted is false
            status, message = self.server.site.shells.handle(body)
            return self._answer(status, message, challenges=challenges)
        try:
            opened = self.peer.open(body)
        except MessageError:
            return self._answer(400)
        status, message = self.server.site.shells.handle(opened)
        return self._answer(status, self.peer.seal(message), SEALED, challenges)

    def _answer(
        self, status: int, body: bytes = b"", kind: str = PLAIN_TYPE, challenges: list[str] | None = None
    ) -> None:
        lines = [f"HTTP/1.1 {status} {'OK' if status == 200 else 'Error'}", "Server: Microsoft-HTTPAPI/2.0"]
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        lines += [f"WWW-Authenticate: {challenge}" for challenge in challenges or []]
        self.wfile.write("\r\n".join((*lines, "", "")).encode() + body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: what matters is in the log of the host."""

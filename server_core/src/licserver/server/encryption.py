# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS between a socket and the protocol of a port. docs/protocol.md, "TLS".

In place of asyncio's own for two reasons. There a protocol learns of its connection after the handshake only, and
whoever never ends it is counted by nobody; here he is a visitor from the beginning, and is hung up on after a while.
And there each connection has a buffer of 256 KiB: 2.5 GB for 10,000 clients.
"""

import asyncio
import contextlib
import ssl
from typing import Any, cast

from licserver.server.transports import open_circle
from licserver.server.visitors import Visitors

HANDSHAKE_SECONDS = 10.0
HANDSHAKES = 800
"""So many are under way on a port at once: for each, OpenSSL takes as much memory as the first bytes of a client say
that it needs, up to 145 KB."""
_CHUNK = 65536


def handshakes_of(port: str) -> "Visitors[EncryptedConnection]":
    """The handshakes under way on a port, of which there are none yet."""
    return Visitors(f"handshakes on {port}", HANDSHAKES)


class EncryptedConnection(asyncio.Protocol, asyncio.Transport):
    """The protocol of a socket, and the transport of ``inner``, which learns of it after the handshake.

    :param visitors: those of the port; this connection is one of them until ``inner`` enters for itself.
    :param handshakes: those visitors of the port who have begun a handshake and not ended it.
    """

    def __init__(
        self,
        inner: asyncio.Protocol,
        context: ssl.SSLContext,
        visitors: Visitors[Any],
        handshakes: "Visitors[EncryptedConnection]",
    ) -> None:
        super().__init__()
        self._inner = inner
        self._context = context
        self._visitors = visitors
        self._handshakes = handshakes
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._is_encrypted = False
        self._patience: asyncio.TimerHandle | None = None

    # The protocol of the socket.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._plain = cast(asyncio.Transport, transport)
        self._address = self._plain.get_extra_info("peername")[0]
        if self._visitors.enter(self, self._address):
            self._patience = asyncio.get_running_loop().call_later(HANDSHAKE_SECONDS, self._plain.abort)
        else:
            self._plain.abort()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self._plain.is_closing():
            return
        if not (self._is_encrypted or self._handshakes.enter(self, self._address)):
            self._plain.abort()
            return
        self._incoming.write(data)
        try:
            if self._is_encrypted or self._shake_hands():
                self._read()
        except ssl.SSLError:  # no TLS, or none that both sides speak
            self._send()  # what says so
            self._plain.close()

    def pause_writing(self) -> None:
        """Called by asyncio."""
        if self._is_encrypted:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Called by asyncio."""
        if self._is_encrypted:
            self._inner.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        """Called by asyncio."""
        self._end_handshake()
        if self._is_encrypted:
            self._inner.connection_lost(error)
        open_circle(self._plain, error)

    async def drain(self) -> None:
        """Hang up: nothing was asked yet."""
        self._plain.abort()

    # The transport of the inner protocol.

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """See asyncio."""
        self._inner = cast(asyncio.Protocol, protocol)

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        """See asyncio."""
        left = memoryview(data)
        while left and not self._plain.is_closing():
            left = left[self._tls.write(left) :]
        self._send()

    def close(self) -> None:
        """See asyncio. Does not wait for the other side to agree."""
        if not self._plain.is_closing():
            with contextlib.suppress(ssl.SSLError):
                self._tls.unwrap()
            self._send()
            self._plain.close()

    def abort(self) -> None:
        """See asyncio."""
        self._plain.abort()

    def is_closing(self) -> bool:
        """See asyncio."""
        return self._plain.is_closing()

    def pause_reading(self) -> None:
        """See asyncio."""
        self._plain.pause_reading()

    def resume_reading(self) -> None:
        """See asyncio."""
        self._plain.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """See asyncio."""
        self._plain.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """See asyncio."""
        return self._plain.get_write_buffer_size()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """See asyncio."""
        return self._context if name == "sslcontext" else self._plain.get_extra_info(name, default)

    def _shake_hands(self) -> bool:
        """Go on with the handshake; whether it has ended."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._send()
            return False
        self._send()
        self._end_handshake()
        self._is_encrypted = True
        self._inner.connection_made(self)
        return True

    def _end_handshake(self) -> None:
        self._visitors.leave(self)
        self._handshakes.leave(self)
        if self._patience is not None:
            self._patience.cancel()

    def _read(self) -> None:
        received, ended = bytearray(), False
        try:
            while data := self._tls.read(_CHUNK):
                received += data
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:  # the other side said that nothing more comes
            ended = True
        self._send()
        if received:
            self._inner.data_received(bytes(received))
        if ended:
            self.close()

    def _send(self) -> None:
        if data := self._outgoing.read():
            self._plain.write(data)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One TCP connection to a license server, blocking, with a deadline for every answer."""

import socket
import time
from dataclasses import dataclass
from typing import TypeVar

from licserver import __version__
from licserver.component.errors import ConnectionLostError, LicenseDeniedError, UntrustedServerError
from licserver.wire import WireError
from licserver.wire.conversation import ClientConversation, encode
from licserver.wire.messages import PROTOCOL_VERSIONS, Answer, AnyAnswer, Failed, Hello, Request, Welcome

ANSWER_SECONDS = 10.0

Expected = TypeVar("Expected", bound=Answer)


@dataclass(frozen=True)
class Address:
    """A server to try.

    :ivar session_public: the key that its answer to a discovery was signed with, if it was found so.
    """

    host: str
    port: int
    session_public: str | None = None

    def __str__(self) -> str:
        return f"{self.host} port {self.port}"


class Connection:
    """A connection that has exchanged its greetings.

    :raises ConnectionLostError: nobody answers there in time.
    :raises UntrustedServerError: somebody else answers there than answered the discovery.
    """

    def __init__(self, address: Address, *, seconds: float = ANSWER_SECONDS) -> None:
        self.address = address
        self._seconds = seconds
        self._conversation = ClientConversation()
        try:
            self._socket = socket.create_connection((address.host, address.port), timeout=seconds)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise ConnectionLostError(str(address), _reason(error)) from error
        try:
            hello = Hello(id=self.next_id(), versions=list(PROTOCOL_VERSIONS), software=f"component {__version__}")
            self.welcome = self.ask(hello, Welcome)
            if address.session_public not in (None, self.welcome.session_public):
                raise UntrustedServerError(f"{address} is not the server that answered the search")
        except BaseException:
            self.close()
            raise

    def next_id(self) -> int:
        """The number for the next request."""
        return self._conversation.next_id()

    def ask(self, request: Request, expected: type[Expected]) -> Expected:
        """Send a request and wait for its answer.

        :raises LicenseDeniedError: the server refused, with its code.
        :raises ConnectionLostError: no answer in time, or none that can be understood.
        """
        deadline = time.monotonic() + self._seconds
        try:
            self._socket.settimeout(self._seconds)
            self._socket.sendall(encode(request))
            while (left := deadline - time.monotonic()) > 0:
                self._socket.settimeout(left)
                data = self._socket.recv(65536)
                if not data:
                    raise ConnectionLostError(str(self.address), "the server closed the connection")
                for answer in self._conversation.receive(data):
                    if answer.id == request.id:
                        return _expect(answer, expected)
            raise TimeoutError
        except WireError as error:
            raise ConnectionLostError(str(self.address), f"no license server answers there: {error.message}") from error
        except OSError as error:
            raise ConnectionLostError(str(self.address), _reason(error)) from error

    def close(self) -> None:
        """Hang up. May be called twice."""
        self._socket.close()


def _expect(answer: AnyAnswer, expected: type[Expected]) -> Expected:
    if isinstance(answer, Failed):
        raise LicenseDeniedError(answer.code, answer.message, hint=answer.hint)
    if not isinstance(answer, expected):
        raise WireError("bad_message", f"expected {expected.__name__}, not {type(answer).__name__}")
    return answer


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time; it may be off, or a firewall swallows the packets"
    if isinstance(error, socket.gaierror):
        return "the name is not known"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there; the license server may be stopped, or Local=1 keeps the network out"
    return error.strerror or str(error)

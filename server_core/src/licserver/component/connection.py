# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One conversation with a license server, blocking, with a deadline for every answer."""

import time
from collections.abc import Collection
from typing import TypeVar

from licserver import __version__
from licserver.component.errors import ConnectionLostError, LicenseDeniedError, UntrustedServerError
from licserver.component.transport import Address, describe, open_socket
from licserver.wire import WireError
from licserver.wire.conversation import ClientConversation, encode
from licserver.wire.messages import PROTOCOL_VERSIONS, Answer, AnyAnswer, Failed, Hello, Request, Welcome

ANSWER_SECONDS = 10.0

Expected = TypeVar("Expected", bound=Answer)


class Connection:
    """A connection that has exchanged its greetings.

    :param tls_pins: by which certificates the server may be known; empty: no TLS.
    :param seconds: how long to wait for each answer; may be set to another time later.
    :raises ConnectionLostError: nobody answers there in time, or something that is no license server.
    :raises LicenseDeniedError: ``unknown_version``: the server speaks no version of the protocol that this side does.
    :raises UntrustedServerError: somebody else answers there than answered the discovery, or with another certificate.
    """

    def __init__(self, address: Address, tls_pins: Collection[str] = (), *, seconds: float = ANSWER_SECONDS) -> None:
        self.address = address
        self.seconds = seconds
        self._conversation = ClientConversation()
        self._socket = open_socket(address, tls_pins, seconds=seconds)
        try:
            hello = Hello(id=self.next_id(), versions=list(PROTOCOL_VERSIONS), software=f"component {__version__}")
            self.welcome = self._greet(hello, secured=bool(tls_pins))
            if self.welcome.version not in PROTOCOL_VERSIONS:
                raise ConnectionLostError(
                    str(address), f"it chose version {self.welcome.version} of the protocol, which was not offered"
                )
            if address.session_public not in (None, self.welcome.session_public):
                raise UntrustedServerError(f"{address} is not the server that answered the search")
        except BaseException:
            self.close()
            raise

    def _greet(self, hello: Hello, *, secured: bool) -> Welcome:
        try:
            return self.ask(hello, Welcome)
        except ConnectionLostError as error:
            if secured or not isinstance(error.__cause__, ConnectionError):
                raise
            problem = f"{error.problem}; if it speaks TLS, name its certificate as tls_pins in client.ini"
            raise ConnectionLostError(str(self.address), problem) from error

    def next_id(self) -> int:
        """The number for the next request."""
        return self._conversation.next_id()

    def ask(self, request: Request, expected: type[Expected]) -> Expected:
        """Send a request and wait for its answer.

        :raises LicenseDeniedError: the server refused, with its code.
        :raises ConnectionLostError: no answer in time, or none that can be understood.
        """
        deadline = time.monotonic() + self.seconds
        try:
            self._socket.settimeout(self.seconds)
            self._socket.sendall(encode(request))
            while (left := deadline - time.monotonic()) > 0:
                self._socket.settimeout(left)
                data = self._socket.recv(65536)
                if not data:
                    raise ConnectionResetError("the server closed the connection")
                for answer in self._conversation.receive(data):
                    if answer.id == request.id:
                        return _expect(answer, expected)
            raise TimeoutError
        except WireError as error:
            raise ConnectionLostError(str(self.address), f"no license server answers there: {error.message}") from error
        except OSError as error:
            raise ConnectionLostError(str(self.address), describe(error)) from error

    def close(self) -> None:
        """Hang up. May be called twice."""
        self._socket.close()


def _expect(answer: AnyAnswer, expected: type[Expected]) -> Expected:
    if isinstance(answer, Failed):
        raise LicenseDeniedError(answer.code, answer.message, hint=answer.hint)
    if not isinstance(answer, expected):
        raise WireError("bad_message", f"expected {expected.__name__}, not {type(answer).__name__}")
    return answer

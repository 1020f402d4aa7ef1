# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running server, as the command line talks to it over its web port: the one of this computer, with the token of the
control file, or one elsewhere, see :mod:`licserver.cli._elsewhere`. Standard library only: a command starts fast.
"""

import contextlib
import hashlib
import hmac
import http.client
import json
import secrets
import ssl
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from licserver.errors import LicensingError
from licserver.server.control import control_path, control_proof

ANSWER_SECONDS = 90
_FAILURES = (OSError, http.client.HTTPException, ValueError, RecursionError)
"""What is raised where no server answers, or something else does."""

_NO_SENSE = "its answer makes no sense"

_Answer = TypeVar("_Answer")


class ServerNotRunningError(LicensingError):
    """No server answers on this computer."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "server_not_running",
            f"the license server is not running: {reason}",
            hint="Start it, and look into its log if it does not stay up",
        )


class ForeignCertificateError(OSError):
    """A server shows a certificate that was not expected.

    :ivar sha256: of that certificate, in hexadecimal.
    """

    def __init__(self, sha256: str) -> None:
        super().__init__(f"another certificate: sha256:{sha256}")
        self.sha256 = sha256


class Server(Protocol):
    """A server that a command asks."""

    def connect(self, seconds: float) -> tuple[http.client.HTTPConnection, dict[str, str]]:
        """A connection to it and to nobody else, and the headers of what may be asked on it.

        :param seconds: how long to wait for each of its answers.
        :raises LicensingError: that cannot be had.
        """

    def failed(self, error: Exception) -> LicensingError:
        """What to say when a connection broke, or what came makes no sense."""

    def refused(self, status: int) -> LicensingError | None:
        """What to say of an answer that has a meaning of its own; ``None`` where it speaks for itself."""


def ask_server(
    server: Server | Path,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    field: str,
    seconds: float = ANSWER_SECONDS,
) -> Any:
    """The server's answer to one request of its JSON API.

    :param server: a path: the server of this computer with that state folder.
    :param field: what the answer holds.
    :param seconds: how long to wait for it.
    :raises ServerNotRunningError: nothing answers on this computer, or another program does: it is told nothing.
    :raises LicensingError: another server is not to be had; or the server's own refusal.
    """

    def read(data: bytes) -> Any:
        answer = json.loads(data)
        if not isinstance(answer, dict) or field not in answer:
            raise ValueError(_NO_SENSE)
        return answer

    return _answer(server, method, path, body, seconds, read)


def download(server: Server | Path, path: str, *, seconds: float = ANSWER_SECONDS) -> bytes:
    """A file that the server gives away; for the rest see :func:`ask_server`."""
    return _answer(server, "GET", path, None, seconds, lambda data: data)


def _answer(
    server: Server | Path,
    method: str,
    path: str,
    body: Mapping[str, Any] | None,
    seconds: float,
    read: Callable[[bytes], _Answer],
) -> _Answer:
    asked = ThisComputer(server) if isinstance(server, Path) else server
    connection, headers = asked.connect(seconds)
    with contextlib.closing(connection):
        try:
            content = None if body is None else json.dumps(body)
            status, data = _ask(connection, method, path, content, {"Content-Type": "application/json", **headers})
            if status == http.client.OK:
                return read(data)
            answer = json.loads(data)
        except _FAILURES as error:
            raise asked.failed(error) from error
    raise asked.refused(status) or _refusal(answer, asked)


class ThisComputer:
    """The server of this computer.

    :param state: its state folder.
    """

    def __init__(self, state: Path) -> None:
        self._state = state
        self._where = ""

    def connect(self, seconds: float) -> tuple[http.client.HTTPConnection, dict[str, str]]:
        """See :class:`Server`. Before it is told the token, the server shows that it wrote the control file."""
        host, port, token, pin = _read_control(self._state)
        self._where = f"{host} port {port}: "
        try:
            pins = None if pin is None else {pin}
            connection = open_connection(host, port, pins, seconds=seconds, answer_seconds=seconds)
        except ForeignCertificateError as error:
            raise ServerNotRunningError("another program answers on its port, with another certificate") from error
        except OSError as error:
            raise self.failed(error) from error
        try:
            _demand_proof(connection, token)
        except _FAILURES as error:
            connection.close()
            raise self.failed(error) from error
        except BaseException:
            connection.close()
            raise
        return connection, {"Authorization": f"Bearer {token}"}

    def failed(self, error: Exception) -> LicensingError:
        """See :class:`Server`."""
        return ServerNotRunningError(f"{self._where}{error}")

    def refused(self, status: int) -> LicensingError | None:
        """See :class:`Server`."""
        return None


def open_connection(
    host: str, port: int, pins: Collection[str] | None, *, seconds: float, answer_seconds: float
) -> http.client.HTTPConnection:
    """A connection to a web port; one that speaks TLS has shown a certificate that was expected.

    :param pins: SHA-256 of the certificates that are expected, in hexadecimal; ``None`` without TLS.
    :param seconds: how long to wait for the connection, and ``answer_seconds`` for each answer.
    :raises ForeignCertificateError: another certificate was shown.
    :raises OSError: there is no connection to be had.
    """
    if pins is None:
        connection = http.client.HTTPConnection(host, port, timeout=seconds)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the pin says more than any authority
        connection = http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
    try:
        connection.connect()
        if isinstance(connection.sock, ssl.SSLSocket) and pins is not None:
            shown = hashlib.sha256(connection.sock.getpeercert(binary_form=True) or b"").hexdigest()
            if shown not in pins:
                raise ForeignCertificateError(shown)
        connection.sock.settimeout(answer_seconds)
    except BaseException:
        connection.close()
        raise
    connection.auto_open = 0  # whoever answers on another connection has proved nothing
    return connection


def _demand_proof(connection: http.client.HTTPConnection, token: str) -> None:
    """Have whoever answers show that it is the server that wrote the control file, before it is told the token."""
    nonce = secrets.token_hex(16)
    _, data = _ask(connection, "GET", f"/proof/{nonce}")
    answer = json.loads(data)
    proof = answer.get("proof") if isinstance(answer, dict) else None
    if not isinstance(proof, str) or not hmac.compare_digest(proof.encode(), control_proof(token, nonce).encode()):
        raise ServerNotRunningError("another program answers on its port, or it was started with another state folder")


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    connection.request(method, f"/api/v1{path}", body, dict(headers or {}))
    response = connection.getresponse()
    return response.status, response.read()


def _refusal(answer: Any, server: Server) -> LicensingError:
    try:
        error = answer["error"]
        return LicensingError(error["code"], error["message"], hint=error["hint"])
    except (KeyError, TypeError):
        return server.failed(ValueError(_NO_SENSE))


def _read_control(state: Path) -> tuple[str, int, str, str | None]:
    path = control_path(state)
    try:
        control = json.loads(path.read_bytes())
        pin = control.get("certificate_sha256")
        return str(control["host"]), int(control["port"]), str(control["token"]), None if pin is None else str(pin)
    except FileNotFoundError:
        raise ServerNotRunningError(f"it has left no {path}") from None
    except PermissionError:
        raise LicensingError(
            "forbidden", f"{path} may not be read", hint="Run the command as the administrator or the server's own user"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ServerNotRunningError(f"{path} was cut or altered: {error}") from error

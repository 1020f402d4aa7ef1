# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running server of this computer, as the command line talks to it: over its web port, with the token of the
control file. Standard library only, so that a command starts fast.
"""

import hashlib
import hmac
import http.client
import json
import secrets
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from licserver.errors import LicensingError
from licserver.server.control import control_path, control_proof

ANSWER_SECONDS = 90


class ServerNotRunningError(LicensingError):
    """No server answers on this computer."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "server_not_running",
            f"the license server is not running: {reason}",
            hint="Start it, and look into its log if it does not stay up",
        )


def ask_server(state: Path, method: str, path: str, body: Mapping[str, Any] | None = None, *, field: str) -> Any:
    """The server's answer to one request of its JSON API.

    :param field: what the answer holds.
    :raises ServerNotRunningError: nothing answers, or another program does: it is told nothing.
    :raises LicensingError: the server's own refusal.
    """
    host, port, token, pin = _read_control(state)
    try:
        connection = _connect(host, port, pin)
    except OSError as error:
        raise ServerNotRunningError(f"{host} port {port}: {error}") from error
    try:
        _demand_proof(connection, token)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        status, answer = _ask(connection, method, path, None if body is None else json.dumps(body), headers)
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
        raise ServerNotRunningError(f"{host} port {port}: {error}") from error
    finally:
        connection.close()
    if status == http.client.OK and isinstance(answer, dict) and field in answer:
        return answer
    raise _refusal(answer)


def _connect(host: str, port: int, pin: str | None) -> http.client.HTTPConnection:
    """A connection to the web port; one that speaks TLS has shown the certificate that the control file names."""
    if pin is None:
        return http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the pin says more than any authority
    connection = http.client.HTTPSConnection(host, port, timeout=ANSWER_SECONDS, context=context)
    connection.connect()
    shown = connection.sock.getpeercert(binary_form=True) or b""
    if not hmac.compare_digest(hashlib.sha256(shown).hexdigest(), pin):
        connection.close()
        raise ServerNotRunningError("another program answers on its port, with another certificate")
    return connection


def _demand_proof(connection: http.client.HTTPConnection, token: str) -> None:
    """Have whoever answers show that it is the server that wrote the control file, before it is told the token."""
    nonce = secrets.token_hex(16)
    _, answer = _ask(connection, "GET", f"/proof/{nonce}")
    proof = answer.get("proof") if isinstance(answer, dict) else None
    if not isinstance(proof, str) or not hmac.compare_digest(proof.encode(), control_proof(token, nonce).encode()):
        raise ServerNotRunningError("another program answers on its port, or it was started with another state folder")
    connection.auto_open = 0  # whoever answers on another connection has proved nothing


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    connection.request(method, f"/api/v1{path}", body, dict(headers or {}))
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def _refusal(answer: Any) -> LicensingError:
    try:
        error = answer["error"]
        return LicensingError(error["code"], error["message"], hint=error["hint"])
    except (KeyError, TypeError):
        return ServerNotRunningError("its answer makes no sense")


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

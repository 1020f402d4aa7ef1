# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP 15201: the web page and the JSON API. docs/specification.md, section 3 "Web page".

Reading is open to everybody who can reach the port until a user and a password are set; whatever changes something
asks for the token of the control file or for the user and password.
"""

import base64
import functools
from collections.abc import Awaitable, Callable, Mapping
from hmac import compare_digest
from pathlib import Path
from typing import Any, TypeVar

import anyio.to_thread
import msgspec
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from licserver.documents import MAX_DOCUMENT_CHARS
from licserver.errors import LicensingError
from licserver.ini_text import verify_credential
from licserver.server.activate import ActivationOrder
from licserver.server.control import control_proof
from licserver.server.reports import Reports
from licserver.settings import Settings

Handler = Callable[[Request], Awaitable[Response]]
Content = TypeVar("Content")

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
_pages = Environment(loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=select_autoescape())


class Gate:
    """Who may read and who may change something."""

    def __init__(self, settings: Settings, token: str) -> None:
        self._settings = settings
        self._token = token
        self._verify = functools.lru_cache(maxsize=32)(self._verify_slowly)

    def proof(self, nonce: str) -> str:
        """What convinces a command that it talks to this server."""
        return control_proof(self._token, nonce)

    async def may_change(self, request: Request) -> bool:
        """The token of the control file, or the user and password that are set."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return compare_digest(value.encode(), self._token.encode())
        if scheme.lower() == "basic" and self._settings.user is not None:
            return await anyio.to_thread.run_sync(self._verify, value)
        return False

    async def may_read(self, request: Request) -> bool:
        """Everybody while no user is set."""
        return self._settings.user is None or await self.may_change(request)

    def _verify_slowly(self, credentials: str) -> bool:
        try:
            user, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
        except ValueError:  # not base64, or not UTF-8 below it
            return False
        sealed = (self._settings.user or "", self._settings.password or "")
        return all([verify_credential(sealed[0], user), verify_credential(sealed[1], password)])


def make_app(
    reports: Reports,
    gate: Gate,
    activate: Callable[[ActivationOrder], Awaitable[dict[str, Any]]],
    set_options: Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]],
) -> Starlette:
    """The web application of one server.

    :param activate: carries out an activation and describes it.
    :param set_options: changes the options of a key and describes it.
    """

    async def page(request: Request) -> Response:
        content = _pages.get_template("overview.html").render(
            server=reports.server(), keys=reports.keys(), connections=reports.connections()
        )
        return HTMLResponse(content, headers=_HEADERS)

    async def info(request: Request) -> Response:
        return JSONResponse(
            {"server": reports.server(), "keys": reports.keys(), "connections": len(reports.desk.book.leases)}
        )

    async def connections(request: Request) -> Response:
        return JSONResponse({"connections": reports.connections()})

    async def activations(request: Request) -> Response:
        order = await _read(request, ActivationOrder)
        return JSONResponse(await activate(order))

    async def key_options(request: Request) -> Response:
        wanted = await _read(request, dict[str, Any])
        return JSONResponse(await set_options(request.path_params["key_number"], wanted))

    async def proof(request: Request) -> Response:
        return JSONResponse({"proof": gate.proof(request.path_params["nonce"])})

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    def route(path: str, handler: Handler, allowed: Callable[[Request], Awaitable[bool]], method: str = "GET") -> Route:
        async def guarded(request: Request) -> Response:
            if not await allowed(request):
                raise HTTPException(401, headers={"WWW-Authenticate": 'Basic realm="licserver", charset="UTF-8"'})
            return await handler(request)

        return Route(path, guarded, methods=[method])

    return Starlette(
        routes=[
            Route("/healthz", health),
            Route("/api/v1/proof/{nonce}", proof),
            route("/", page, gate.may_read),
            route("/api/v1/info", info, gate.may_read),
            route("/api/v1/connections", connections, gate.may_read),
            route("/api/v1/activations", activations, gate.may_change, "POST"),
            route("/api/v1/keys/{key_number}", key_options, gate.may_change, "PATCH"),
        ],
        exception_handlers={LicensingError: _refusal, msgspec.MsgspecError: _misunderstood, HTTPException: _stopped},
    )


async def _read(request: Request, kind: type[Content]) -> Content:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_DOCUMENT_CHARS:
            raise HTTPException(413, "the request is too large")
    try:
        return msgspec.json.decode(body, type=kind)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error


def _error(status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": {"code": code, "message": message, "hint": hint}}, status, headers)


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, LicensingError)
    return _error(409, error.code, error.message, error.hint)


async def _misunderstood(request: Request, error: Exception) -> Response:
    return _error(400, "bad_request", f"the request cannot be understood: {error}")


async def _stopped(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(error.status_code, "http_error", error.detail, headers=error.headers)

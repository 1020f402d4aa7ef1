# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The center over HTTP: activation requests in, licenses or reasons out. docs/protocol.md, "Activation center"."""

import asyncio
from collections.abc import Mapping

from jinja2 import Environment, PackageLoader
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from licserver.center import CenterError
from licserver.center.database import Database, DatabaseError
from licserver.center.issuing import Issuer
from licserver.center.settings import Settings
from licserver.documents import MAX_DOCUMENT_CHARS, DocumentError
from licserver.errors import LicensingError

ACTIVATIONS_PATH = "/api/v1/activations"
_BODY_SECONDS = 30
"""A request that did not arrive within this time is given up."""
_STATUS: Mapping[str, int] = {
    "unknown_key": 404,
    "unknown_pack": 404,
    "wrong_password": 403,
    "wrong_pin": 403,
    "too_large": 413,
    "too_slow": 408,
    "too_many_attempts": 429,
}
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class WebApi:
    """The routes of one center."""

    def __init__(self, issuer: Issuer, database: Database, settings: Settings) -> None:
        self._issuer = issuer
        self._database = database
        pages = Environment(loader=PackageLoader("licserver.center"), autoescape=True)
        self._page = pages.get_template("index.html").render(settings=settings, activations_path=ACTIVATIONS_PATH)

    async def activate(self, request: Request) -> Response:
        """A signed request in the body; the signed license, or why there is none."""
        token = await _read_token(request)
        return PlainTextResponse(await run_in_threadpool(self._issuer.answer, token))

    async def health(self, request: Request) -> Response:
        """Can the center answer requests now?"""
        await run_in_threadpool(self._database.check)
        return JSONResponse({"status": "ok"})

    async def index(self, request: Request) -> Response:
        """What this is, for whoever opens the address in a browser."""
        return HTMLResponse(self._page, headers=_PAGE_HEADERS)


def create_app(issuer: Issuer, database: Database, settings: Settings) -> Starlette:
    """The ASGI application of one center."""
    api = WebApi(issuer, database, settings)
    return Starlette(
        routes=[
            Route(ACTIVATIONS_PATH, api.activate, methods=["POST"]),
            Route("/healthz", api.health),
            Route("/", api.index),
        ],
        exception_handlers={
            LicensingError: _refuse,
            HTTPException: _refuse_http,
            Exception: _apologize,
        },
    )


async def _read_token(request: Request) -> str:
    try:
        return await asyncio.wait_for(_read_body(request), _BODY_SECONDS)
    except asyncio.TimeoutError as error:
        raise CenterError("too_slow", f"the request took longer than {_BODY_SECONDS} seconds to arrive") from error
    except ClientDisconnect as error:
        raise CenterError("too_slow", "the connection was closed before the request was whole") from error
    except UnicodeDecodeError as error:
        raise DocumentError("this is not a signed document", hint="Send the request as it was made") from error


async def _read_body(request: Request) -> str:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_DOCUMENT_CHARS:
            raise CenterError("too_large", f"a request has at most {MAX_DOCUMENT_CHARS // 1024} KiB")
    return body.decode("ascii").strip()


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, LicensingError)
    return _error_response(_status(error), error)


async def _refuse_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    reason = LicensingError("bad_http_request", error.detail, hint=f"Send requests by POST to {ACTIVATIONS_PATH}")
    return _error_response(error.status_code, reason, error.headers)


async def _apologize(request: Request, error: Exception) -> Response:
    """The traceback goes to the log, not to the client."""
    reason = LicensingError("internal_error", "the center failed", hint="Send the same request again later")
    return _error_response(500, reason)


def _status(error: LicensingError) -> int:
    if isinstance(error, DocumentError):
        return 400
    if isinstance(error, DatabaseError):
        return 503
    return _STATUS.get(error.code, 409)


def _error_response(status: int, error: LicensingError, headers: Mapping[str, str] | None = None) -> Response:
    content = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
    return JSONResponse(content, status_code=status, headers=headers)

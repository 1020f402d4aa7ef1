# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the JSON API answers, and what becomes of an error."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from licserver.errors import LicensingError


def to_json(content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer for programs."""
    # several times faster than the standard library, which lets no other thread run meanwhile
    return Response(msgspec.json.encode(content), status, headers, media_type="application/json")


def _error(status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None) -> Response:
    return to_json({"error": {"code": code, "message": message, "hint": hint}}, status, headers)


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, LicensingError)
    return _error(409, error.code, error.message, error.hint)


async def _misunderstood(request: Request, error: Exception) -> Response:
    return _error(400, "bad_request", f"the request cannot be understood: {error}")


async def _stopped(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(error.status_code, "http_error", error.detail, headers=error.headers)


async def _left(request: Request, error: Exception) -> Response:
    return _error(400, "bad_request", "the request ended before its end")  # nobody reads it


async def _accident(request: Request, error: Exception) -> Response:
    # the web server writes the error itself into the log, with its traceback
    problem = f"{error.filename or ''}: {error.strerror}" if isinstance(error, OSError) else type(error).__name__
    return _error(500, "internal_error", f"the server failed: {problem}", "Look into the log of the server")


ERROR_HANDLERS: Mapping[Any, Any] = {
    LicensingError: _refusal,
    msgspec.MsgspecError: _misunderstood,
    HTTPException: _stopped,
    ClientDisconnect: _left,
    Exception: _accident,
}

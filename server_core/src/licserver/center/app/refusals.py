# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of an error: JSON for programs, a page for people, and for neither a traceback."""

import logging
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from licserver.center.app.api import ACTIVATIONS_PATH
from licserver.center.app.words import explain
from licserver.center.database import DatabaseError
from licserver.documents import DocumentError
from licserver.errors import LicensingError
from licserver.pages.rendering import Pages

_STATUS: Mapping[str, int] = {
    "unknown_key": 404,
    "unknown_pack": 404,
    "wrong_password": 403,
    "wrong_pin": 403,
    "too_many_attempts": 429,
    "token_unusable": 503,
}
_FAULT = 500
_log = logging.getLogger(__name__)
_HTTP_CODES: Mapping[int, str] = {408: "too_slow", 413: "too_large", 429: "too_many_requests"}


class Refusals:
    """The handlers of one application's errors."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def handlers(self) -> Mapping[Any, Any]:
        """As Starlette takes them."""
        return {LicensingError: self._refuse, HTTPException: self._refuse_http, Exception: self._apologize}

    async def _refuse(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, LicensingError)
        status = status_of(error)
        if status >= _FAULT:
            note_fault(error)
            error = LicensingError(error.code, "the center cannot answer now", hint="Send the same request again later")
        return self._answer(request, status, error)

    async def _refuse_http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = _HTTP_CODES.get(error.status_code, "bad_http_request")
        hint = f"Send requests by POST to {ACTIVATIONS_PATH}" if error.status_code in (404, 405) else ""
        return self._answer(request, error.status_code, LicensingError(code, error.detail, hint=hint), error.headers)

    async def _apologize(self, request: Request, error: Exception) -> Response:
        """The traceback goes to the log, not to the client."""
        reason = LicensingError("internal_error", "the center failed", hint="Send the same request again later")
        return self._answer(request, 500, reason)

    def _answer(
        self, request: Request, status: int, error: LicensingError, headers: Mapping[str, str] | None = None
    ) -> Response:
        if wants_page(request):
            problem = explain(error, self._pages.texts(request), status=status)
            return self._pages.page(request, "refused.html", status, headers, problem=problem)
        content = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
        return JSONResponse(content, status, headers)


def status_of(error: LicensingError) -> int:
    """The HTTP status that goes with a refusal."""
    if isinstance(error, DocumentError):
        return 400
    if isinstance(error, DatabaseError):
        return 503
    return _STATUS.get(error.code, 409)


def note_fault(error: LicensingError) -> None:
    """What is wrong at the center itself goes to its log and to nobody else: it may name computers and users there."""
    if status_of(error) >= _FAULT:
        _log.error("%s", error)


def wants_page(request: Request) -> bool:
    """Whether a person looks at the answer."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of an error for whoever looks at a page; programs are answered as ever."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from licserver.errors import LicensingError
from licserver.server.web.door import Door
from licserver.server.web.pages.frame import Screens
from licserver.server.web.pages.words import explain

Handler = Callable[[Request, Exception], Awaitable[Response]]
_NOWHERE = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)


class Refusals:
    """The handlers of an application's errors.

    :param others: those for programs.
    """

    def __init__(self, screens: Screens, door: Door, others: Mapping[Any, Handler]) -> None:
        self._screens = screens
        self._door = door
        self._others = others

    def handlers(self) -> dict[Any, Handler]:
        """As Starlette takes them."""
        return {kind: self._handler(handler) for kind, handler in self._others.items()}

    def _handler(self, other: Handler) -> Handler:
        async def handle(request: Request, error: Exception) -> Response:
            answer = await other(request, error)
            if not wants_page(request):
                return answer
            if answer.status_code in _NOWHERE and not hasattr(request.state, "scope"):
                with contextlib.suppress(HTTPException):  # to a stranger the page is shown without the way to others
                    await self._door.recognize(request)
            reason = error if isinstance(error, LicensingError) else LicensingError("", _said(error))
            problem = explain(reason, self._screens.texts(request), status=answer.status_code)
            page = await self._screens.page(request, "refused.html", answer.status_code, problem=problem)
            for name in ("www-authenticate", "retry-after"):
                if name in answer.headers:
                    page.headers[name] = answer.headers[name]
            return page

        return handle


def wants_page(request: Request) -> bool:
    """Whether a person looks at the answer."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _said(error: Exception) -> str:
    return error.detail if isinstance(error, HTTPException) else type(error).__name__

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands before every address: for whom a request is made, and whether who makes it may."""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from licserver.server.browsers import OwnNames, check_sender
from licserver.server.web.parts import Parts

Handler = Callable[[Request], Awaitable[Response]]


class Guard:
    """Makes the routes of one server."""

    def __init__(self, parts: Parts) -> None:
        self._gate = parts.gate
        self._names = OwnNames(parts.reports.desk.name)

    def reading(self, path: str, handler: Handler) -> Route:
        """Shows something."""
        return self._route(path, handler, self._gate.may_read, "GET")

    def changing(self, path: str, handler: Handler, method: str) -> Route:
        """Changes something, or shows what only who changes something may see."""
        return self._route(path, handler, self._gate.may_change, method)

    def _route(self, path: str, handler: Handler, allowed: Callable[[Request], Awaitable[bool]], method: str) -> Route:
        async def guarded(request: Request) -> Response:
            await check_sender(request, self._names)
            if not await allowed(request):
                raise HTTPException(401, headers={"WWW-Authenticate": 'Basic realm="licserver", charset="UTF-8"'})
            return await handler(request)

        return Route(path, guarded, methods=[method])

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands before every address of the JSON API: for whom a request is made, and whether who makes it may."""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from licserver.server.actors import acting
from licserver.server.browsers import OwnNames, check_sender
from licserver.server.scopes import Scope
from licserver.server.web.parts import Parts

Handler = Callable[[Request], Awaitable[Response]]
CHALLENGE = {"WWW-Authenticate": 'Basic realm="licserver", charset="UTF-8"'}


class Guard:
    """Makes the routes of one server."""

    def __init__(self, parts: Parts, names: OwnNames) -> None:
        self._gate = parts.gate
        self._names = names

    def reading(self, path: str, handler: Handler, scope: Scope = Scope.READ) -> Route:
        """Shows something."""
        return self._route("GET", path, handler, scope, has_effect=False)

    def taking(self, path: str, handler: Handler, scope: Scope = Scope.READ) -> Route:
        """Makes a file to be taken away."""
        return self._route("GET", path, handler, scope, has_effect=True)

    def changing(self, method: str, path: str, handler: Handler, scope: Scope = Scope.OPERATE) -> Route:
        """Changes something."""
        return self._route(method, path, handler, scope, has_effect=True)

    def _route(self, method: str, path: str, handler: Handler, needed: Scope, *, has_effect: bool) -> Route:
        async def guarded(request: Request) -> Response:
            await check_sender(request, self._names, has_effect=has_effect)
            actor = await self._gate.program(request)
            if actor is None and (needed > Scope.READ or self._gate.has_user):
                raise HTTPException(401, headers=CHALLENGE)
            if actor is not None and actor.scope < needed:
                raise HTTPException(403, f"this token may only {actor.scope.name.lower()}")
            request.state.scope = None if actor is None else actor.scope
            with acting(actor):
                return await handler(request)

        return Route(path, guarded, methods=[method])

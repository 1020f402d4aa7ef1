# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP 15201: the web page and the JSON API. docs/specification.md, section 3 "Web page".

- ``parts``: the running server that both are made for;
- ``api``: the JSON API; ``bodies``: what is sent to it; ``answers``: what it answers, refusals too;
- ``openapi``, ``shapes``: the description of all that; ``downloads``: what is taken away as a file;
- ``guard``: what stands before every address of it;
- ``pages``: what people look at;
- ``door``: where people sign in, and what stands before every page.
"""

from starlette.applications import Starlette
from starlette.middleware import Middleware

from licserver.pages.headers import SecurityHeaders
from licserver.pages.rendering import COMMON_ROUTES, script_route
from licserver.server.browsers import OwnNames
from licserver.server.visitors import Room
from licserver.server.web.answers import ERROR_HANDLERS
from licserver.server.web.api import Api
from licserver.server.web.door import Door
from licserver.server.web.guard import Guard
from licserver.server.web.pages import page_routes
from licserver.server.web.pages.frame import Screens
from licserver.server.web.pages.live import Live
from licserver.server.web.pages.refusals import Refusals
from licserver.server.web.parts import Parts

__all__ = ["Parts", "make_app"]


def make_app(parts: Parts, room: Room) -> Starlette:
    """The web application of one server; its ``state.live`` is to be ended before it stops."""
    names = OwnNames(parts.reports.desk.name, lambda: parts.reports.configuration.settings.names)
    screens = Screens(parts)
    live = Live(screens, room)
    door = Door(parts.gate, names, screens.pages)
    app = Starlette(
        routes=[
            *door.routes(),
            *page_routes(parts, door, screens, live),
            *COMMON_ROUTES,
            script_route,
            *Api(parts).routes(Guard(parts, names)),
        ],
        middleware=[Middleware(SecurityHeaders, script=True)],
        exception_handlers=Refusals(screens, door, ERROR_HANDLERS).handlers(),
    )
    app.state.live = live
    return app

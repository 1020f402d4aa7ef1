# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP 15201: the web page and the JSON API. docs/specification.md, section 3 "Web page".

- ``parts``: the running server that both are made for;
- ``api``: the JSON API; ``bodies``: what is sent to it; ``answers``: what it answers, refusals too;
- ``guard``: what stands before every address of it;
- ``pages``: what people look at; ``frame``: what all pages have around them;
- ``door``: where people sign in, and what stands before every page.
"""

from starlette.applications import Starlette
from starlette.middleware import Middleware

from licserver.pages.headers import SecurityHeaders
from licserver.pages.rendering import COMMON_ROUTES
from licserver.server.browsers import OwnNames
from licserver.server.web.answers import ERROR_HANDLERS
from licserver.server.web.api import Api
from licserver.server.web.door import Door
from licserver.server.web.frame import make_pages
from licserver.server.web.guard import Guard
from licserver.server.web.pages import Overview
from licserver.server.web.parts import Parts

__all__ = ["Parts", "make_app"]


def make_app(parts: Parts) -> Starlette:
    """The web application of one server."""
    names = OwnNames(parts.reports.desk.name)
    door = Door(parts.gate, names, make_pages(parts))
    return Starlette(
        routes=[
            *door.routes(),
            *Overview(parts).routes(door),
            *COMMON_ROUTES,
            *Api(parts).routes(Guard(parts, names)),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers=ERROR_HANDLERS,
    )

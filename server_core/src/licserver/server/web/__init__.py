# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP 15201: the web page and the JSON API. docs/specification.md, section 3 "Web page".

- ``parts``: the running server that both are made for;
- ``guard``: what stands before every address;
- ``api``: the JSON API; ``bodies``: what is sent to it; ``answers``: what it answers, refusals too;
- ``pages``: what people look at.
"""

from starlette.applications import Starlette

from licserver.server.web.answers import ERROR_HANDLERS
from licserver.server.web.api import Api
from licserver.server.web.guard import Guard
from licserver.server.web.pages import Overview
from licserver.server.web.parts import Parts

__all__ = ["Parts", "make_app"]


def make_app(parts: Parts) -> Starlette:
    """The web application of one server."""
    guard = Guard(parts)
    return Starlette(
        routes=[*Overview(parts).routes(guard), *Api(parts).routes(guard)], exception_handlers=ERROR_HANDLERS
    )

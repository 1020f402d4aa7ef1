# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The center over HTTPS: the API for license servers, and pages for people. docs/protocol.md, "Activation center".

- ``api``, ``openapi``: activation requests in, licenses or reasons out, and the description of that;
- ``exchange``: the same for whoever carries a file;
- ``frame``, ``throttle``: what all pages have around them, and how much one address may ask;
- ``door``: staff sign in; behind it their pages, ``phone_desk``, ``key_pages``, ``pack_pages``,
  ``goods`` (products and customers) and ``history_pages``;
- ``filled_in``: what they type into forms; ``edits``: where two of them change the same thing;
- ``words``: every refusal in words for people;
- ``refusals``: what becomes of an error, for programs and for people.
"""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from licserver.center.app.api import ACTIVATIONS_PATH, Api
from licserver.center.app.door import HOME, SIGN_IN, Door, begin
from licserver.center.app.exchange import Exchange
from licserver.center.app.frame import make_pages
from licserver.center.app.goods import Goods
from licserver.center.app.history_pages import HistoryPages
from licserver.center.app.key_pages import KeyPages
from licserver.center.app.openapi import OPENAPI_PATH, show_openapi
from licserver.center.app.pack_pages import PackPages
from licserver.center.app.phone_desk import PhoneDesk
from licserver.center.app.refusals import Refusals
from licserver.center.app.throttle import Throttle
from licserver.center.foundation import Center
from licserver.center.issuing import Issuer
from licserver.pages.headers import SecurityHeaders
from licserver.pages.rendering import COMMON_ROUTES

__all__ = ["ACTIVATIONS_PATH", "REQUESTS_PER_MINUTE", "create_app"]

REQUESTS_PER_MINUTE = 600
"""What one address may ask for, unless ``liccenter serve`` is told otherwise."""


def create_app(center: Center, issuer: Issuer, *, requests_per_minute: int = REQUESTS_PER_MINUTE) -> Starlette:
    """The ASGI application of one center.

    :param requests_per_minute: of one address; 0 for no limit.
    """
    pages = make_pages(center.settings)
    api = Api(issuer, center.database)
    exchange = Exchange(pages, issuer, center.settings)
    door = Door(pages, center.database)
    routes = Throttle(requests_per_minute).over(
        [
            Route(ACTIVATIONS_PATH, api.activate, methods=["POST"]),
            Route(OPENAPI_PATH, show_openapi),
            Route("/healthz", api.health),
            Route("/", exchange.show),
            Route("/exchange", exchange.show),
            Route("/exchange", exchange.answer, methods=["POST"]),
            Route(SIGN_IN, door.show),
            Route(SIGN_IN, door.sign_in, methods=["POST"]),
            Route("/staff/sign-out", door.sign_out, methods=["POST"]),
            Route(HOME, door.only("desk", "vendor")(begin)),
            *PhoneDesk(pages, issuer).routes(door),
            *KeyPages(pages, center).routes(door),
            *PackPages(pages, center).routes(door),
            *HistoryPages(pages, center.database).routes(door),
            *Goods(pages, center.database).routes(door),
        ]
    )
    return Starlette(
        routes=[*routes, *COMMON_ROUTES],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers=Refusals(pages).handlers(),
    )

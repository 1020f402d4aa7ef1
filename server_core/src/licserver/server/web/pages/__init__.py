# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people look at in a browser. docs/specification.md, section 3 "Web page".

- ``frame``: what all pages have around them; ``words``: what the server says, for people;
- ``live``: pages that stay up to date;
- ``overview``, ``connections``, ``keys``, ``activation``, ``functions``, ``settings``, ``tokens``, ``events``: pages;
- ``orders``: what is filled in to activate something.
"""

from starlette.routing import Route

from licserver.server.web.door import Door
from licserver.server.web.pages.activation import Activation
from licserver.server.web.pages.connections import Connections
from licserver.server.web.pages.events import Events
from licserver.server.web.pages.frame import Screens
from licserver.server.web.pages.functions import Functions
from licserver.server.web.pages.keys import Keys
from licserver.server.web.pages.live import Live
from licserver.server.web.pages.overview import Overview
from licserver.server.web.pages.settings import Settings
from licserver.server.web.pages.tokens import TokenPages
from licserver.server.web.parts import Parts


def page_routes(parts: Parts, door: Door, screens: Screens, live: Live) -> list[Route]:
    """The addresses of all pages of one server."""
    return [
        *Overview(parts, screens, live).routes(door),
        *Connections(parts, screens, live).routes(door),
        *Activation(parts, screens).routes(door),
        *Events(parts, screens, live).routes(door),
        *Functions(parts, screens).routes(door),
        *Keys(parts, screens, live).routes(door),
        *Settings(parts, screens).routes(door),
        *TokenPages(parts, screens).routes(door),
    ]

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people look at."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from licserver.server.web.door import Door, Visit
from licserver.server.web.parts import Parts

SHOWN_CONNECTIONS = 500
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
_pages = Environment(loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=select_autoescape())


class Overview:
    """Who holds which license, and the keys."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self, door: Door) -> list[Route]:
        """As Starlette takes them."""
        return [door.page("/", self._show)]

    async def _show(self, visit: Visit) -> Response:
        reports = self._parts.reports
        server, keys, total = reports.server(), reports.keys(), len(reports.desk.book.leases)

        def render() -> Response:
            connections = reports.connections(most=SHOWN_CONNECTIONS)
            content = _pages.get_template("overview.html").render(
                server=server, keys=keys, connections=connections, total=total
            )
            return HTMLResponse(content, headers=_HEADERS)

        return await self._parts.aside(render)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds which license: found, sorted, and disconnected by hand."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from licserver.pages.languages import N_
from licserver.server.connection_list import Query, look_through
from licserver.server.scopes import Scope
from licserver.server.web.door import Door, Visit
from licserver.server.web.pages.frame import Screens
from licserver.server.web.pages.live import Live, View
from licserver.server.web.parts import Parts

COLUMNS = (
    ("type", N_("Type"), ""),
    ("user", N_("User"), ""),
    ("computer", N_("Computer"), ""),
    ("program", N_("Program"), ""),
    ("session", N_("Session"), "number"),
    ("rdp", N_("RDP session"), "number"),
    ("key", N_("Key"), ""),
    ("since", N_("For how long"), "number"),
    ("licenses", N_("Licenses"), "number"),
    ("state", N_("State"), ""),
)
_NAMED = 10


class Connections:
    """The list of connections."""

    def __init__(self, parts: Parts, screens: Screens, live: Live) -> None:
        self._parts = parts
        self._reports = parts.reports
        self._screens = screens
        self._live = live

    def routes(self, door: Door) -> list[Route]:
        """As Starlette takes them."""
        return [
            door.page("/connections", self._show),
            door.page("/live/connections", self._stream),
            door.page("/connections/disconnect-all", self._ask_all, Scope.OPERATE),
            door.form("/connections/disconnect-all", self._disconnect_all),
            door.page("/connections/{lease}/disconnect", self._ask, Scope.OPERATE),
            door.form("/connections/{lease}/disconnect", self._disconnect),
        ]

    async def _show(self, visit: Visit) -> Response:
        query = Query.read(visit.request.query_params)
        done = visit.request.query_params.get("disconnected", "")
        content = await self._look(query)
        return await self._screens.page(
            visit.request,
            "connections.html",
            disconnected=int(done) if done.isascii() and done.isdecimal() and len(done) < 10 else None,
            **content,
        )

    async def _stream(self, visit: Visit) -> Response:
        query = Query.read(visit.request.query_params)
        view = View(_live(query), "connections_live.html", lambda: self._look(query))
        return self._live.stream(visit.request, view)

    async def _look(self, query: Query) -> Mapping[str, Any]:
        leases = list(self._reports.desk.book.leases.values())  # in one step: the book goes on changing
        return {
            "live": _live(query),
            "query": query,
            "columns": COLUMNS,
            "found": await self._parts.aside(lambda: look_through(leases, query)),
            "products": {
                one.license.product: one.license.product_name
                for one in self._reports.desk.keys.attached.values()
                if one.license is not None
            },
        }

    async def _ask(self, visit: Visit) -> Response:
        lease = self._reports.desk.book.leases.get(visit.request.path_params["lease"])
        if lease is None:
            return RedirectResponse("/connections?disconnected=0", 303)
        return await self._screens.page(visit.request, "disconnect.html", lease=lease)

    async def _disconnect(self, visit: Visit) -> Response:
        return await self._release([visit.request.path_params["lease"]])

    async def _ask_all(self, visit: Visit) -> Response:
        leases = list(self._reports.desk.book.leases.values())
        users = Counter(lease.holder.user for lease in leases)
        return await self._screens.page(
            visit.request,
            "disconnect_all.html",
            count=len(leases),
            users=users.most_common(_NAMED),
            more=len(users) - _NAMED,
        )

    async def _disconnect_all(self, visit: Visit) -> Response:
        if visit.form.text("sure") != "yes":
            raise HTTPException(400, "nobody said that it is meant")
        return await self._release(list(self._reports.desk.book.leases))

    async def _release(self, names: list[str]) -> Response:
        released = await self._reports.desk.release(names)
        return RedirectResponse(f"/connections?disconnected={released}", 303)


def _live(query: Query) -> str:
    return f"/live/connections?{query.address()}"

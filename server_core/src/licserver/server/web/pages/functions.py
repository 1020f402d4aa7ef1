# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done with the server as a whole: started again, saved, told to the vendor's support."""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from licserver.errors import LicensingError
from licserver.server.browsers import is_this_computer, plain_address
from licserver.server.scopes import Scope
from licserver.server.web.door import Door, Visit
from licserver.server.web.downloads import Downloads
from licserver.server.web.pages.frame import Screens
from licserver.server.web.parts import Parts


class Functions:
    """The page of functions."""

    def __init__(self, parts: Parts, screens: Screens) -> None:
        self._parts = parts
        self._screens = screens
        self._downloads = Downloads(parts.support)
        self._run = secrets.token_hex(8)
        """Tells this run of the server from the next one."""

    def routes(self, door: Door) -> list[Route]:
        """As Starlette takes them."""
        return [
            door.page("/functions", self._show),
            door.page("/functions/run", self._name_run),
            door.page("/functions/restart", self._ask_restart, Scope.ADMIN),
            door.form("/functions/restart", self._restart, Scope.ADMIN),
            door.page("/functions/key-update", self._show, Scope.OPERATE),
            door.form("/functions/key-update", self._update_key),
            door.file("/functions/support-bundle", self._bundle, Scope.ADMIN),
            door.file("/functions/distribution", self._distribution, Scope.ADMIN),
        ]

    async def _show(self, visit: Visit) -> Response:
        restarted = "restarted" in visit.request.query_params
        return await self._page(visit, restarted=restarted)

    async def _name_run(self, visit: Visit) -> Response:
        return PlainTextResponse(self._run, headers={"Cache-Control": "no-store"})

    async def _ask_restart(self, visit: Visit) -> Response:
        try:
            wanted = await self._parts.settings.look()
        except LicensingError as error:
            return await self._page(visit, error=error)
        settings = wanted["settings"]
        return await self._screens.page(
            visit.request,
            "restart.html",
            count=len(self._parts.reports.desk.book.leases),
            pending=wanted["restart_needed"],
            moved=_address(visit, settings) if _moves(visit, settings) else None,
            away=settings["local"] and not is_this_computer(visit.request),
        )

    async def _restart(self, visit: Visit) -> Response:
        try:
            settings = (await self._parts.settings.look())["settings"]
            await self._parts.restarter.restart()
        except LicensingError as error:
            return await self._page(visit, error=error)
        if _moves(visit, settings):
            return await self._screens.page(visit.request, "moving.html", there=_address(visit, settings))
        return await self._screens.page(visit.request, "restarting.html", run=self._run)

    async def _update_key(self, visit: Visit) -> Response:
        text = visit.form.text("text")
        try:
            done = await self._parts.activating.update(text)
        except LicensingError as error:
            return await self._page(visit, error=error, update=text)
        said = "updated" if done["changed"] else "unchanged"
        return RedirectResponse(f"/keys/of/{done['key']['key_number']}?done={said}", 303)

    async def _bundle(self, visit: Visit) -> Response:
        return await self._downloads.bundle()

    async def _distribution(self, visit: Visit) -> Response:
        try:
            return await self._downloads.distribution()
        except LicensingError as error:
            return await self._page(visit, error=error)

    async def _page(
        self, visit: Visit, *, restarted: bool = False, error: LicensingError | None = None, update: str = ""
    ) -> Response:
        problem = None if error is None else self._screens.explained(visit.request, error, {})
        status = 409 if problem else 200
        return await self._screens.page(
            visit.request, "functions.html", status, restarted=restarted, problem=problem, update=update
        )


def _moves(visit: Visit, settings: Mapping[str, Any]) -> bool:
    """Whether the page is at another address after the restart."""
    url = visit.request.url
    is_other_port = (url.scheme == "https") != settings["tls"] or url.port != settings["web_port"]
    return is_other_port or _host(visit, settings) != url.hostname


def _address(visit: Visit, settings: Mapping[str, Any]) -> str:
    scheme, host = "https" if settings["tls"] else "http", _host(visit, settings) or "localhost"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings['web_port']}/functions?restarted=1"


def _host(visit: Visit, settings: Mapping[str, Any]) -> str | None:
    """Whom a browser asks after the restart: the same as now, unless the server will not listen at its address."""
    asked = plain_address(visit.request.scope["server"][0])
    if settings["local"]:
        return visit.request.url.hostname if asked.is_loopback else "localhost"
    bound = plain_address(settings["bind_address"] or "::")
    return visit.request.url.hostname if bound.is_unspecified or bound == asked else str(bound)

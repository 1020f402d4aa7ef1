# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys: their list, and each one with its licenses, packs, history, and what is set for it."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from licserver.errors import LicensingError
from licserver.events import Selection
from licserver.server.scopes import Scope
from licserver.server.web.door import Door, Visit
from licserver.server.web.pages.frame import Screens
from licserver.server.web.pages.live import Live, View
from licserver.server.web.parts import Parts

HISTORY = 20
_LOOKED_THROUGH = 1000
"""Events that name a key somewhere; of other keys, too, whose number begins with its own."""
_LIVE = "/live/keys"
_FORMS = ("use", "access-code", "shown-access-code")
_KEY_EVENTS = frozenset(("key_attached", "key_lost", "key_changed", "alarm", "alarm_ended", "denied"))


class Keys:
    """The list of keys, and the page of each one."""

    def __init__(self, parts: Parts, screens: Screens, live: Live) -> None:
        self._parts = parts
        self._reports = parts.reports
        self._screens = screens
        self._live = live

    def routes(self, door: Door) -> list[Route]:
        """As Starlette takes them."""
        return [
            door.page("/keys", self._list),
            door.page(_LIVE, self._stream),
            door.page("/keys/of/{key_number}", self._show),
            *(door.page(f"/keys/of/{{key_number}}/{form}", self._go_back) for form in _FORMS),
            door.form("/keys/of/{key_number}/use", self._set_use),
            door.form("/keys/of/{key_number}/access-code", self._set_access_code, Scope.ADMIN),
            door.form("/keys/of/{key_number}/shown-access-code", self._show_access_code, Scope.ADMIN),
            door.file("/keys/of/{key_number}/state", self._state, Scope.OPERATE),
            door.page("/keys/of/{key_number}/remove", self._ask_removal, Scope.ADMIN),
            door.form("/keys/of/{key_number}/remove", self._remove, Scope.ADMIN),
        ]

    async def _list(self, visit: Visit) -> Response:
        asked = visit.request.query_params
        return await self._screens.page(
            visit.request,
            "keys.html",
            removed=asked.get("removed"),
            gone=asked.get("gone"),
            waiting=self._parts.activating.requests(),
            **await self._look(),
        )

    async def _stream(self, visit: Visit) -> Response:
        return self._live.stream(visit.request, View(_LIVE, "keys_live.html", self._look))

    async def _look(self) -> Mapping[str, Any]:
        return {"live": _LIVE, "keys": self._reports.keys()}

    async def _show(self, visit: Visit) -> Response:
        return await self._page(visit, done=visit.request.query_params.get("done"))

    async def _go_back(self, visit: Visit) -> Response:
        """Whoever changes the language, or signs in again, after he sent a form."""
        return RedirectResponse(f"/keys/of/{self._key(visit)['key_number']}", 303)

    async def _set_use(self, visit: Visit) -> Response:
        return await self._set(visit, {"use": visit.form.text("use") == "yes"}, "use")

    async def _set_access_code(self, visit: Visit) -> Response:
        if visit.form.text("clear"):
            return await self._set(visit, {"access_code": ""}, "no_access_code")
        if not visit.form.text("access_code"):
            return await self._page(visit, 409, code_missing=True)
        return await self._set(visit, {"access_code": visit.form.text("access_code")}, "access_code")

    async def _set(self, visit: Visit, wanted: Mapping[str, Any], done: str) -> Response:
        number = visit.request.path_params["key_number"]
        try:
            await self._parts.keeper.set_options(number, wanted)
        except LicensingError as error:
            if number not in self._reports.desk.keys.attached:
                return _to_list(gone=number)
            return await self._page(visit, 409, error=error)
        return RedirectResponse(f"/keys/of/{number}?done={done}", 303)

    async def _show_access_code(self, visit: Visit) -> Response:
        options = self._reports.desk.keys.options_of(visit.request.path_params["key_number"])
        return await self._page(visit, access_code=options.access_code)

    async def _state(self, visit: Visit) -> Response:
        self._key(visit)
        try:
            state = await self._parts.activating.key_state(visit.request.path_params["key_number"])
        except LicensingError as error:
            return await self._page(visit, 409, error=error)
        headers = {
            "Content-Disposition": f'attachment; filename="{state["file_name"]}"',
            "Cache-Control": "no-store",
        }
        return PlainTextResponse(state["text"], headers=headers)

    async def _ask_removal(self, visit: Visit) -> Response:
        number = visit.request.path_params["key_number"]
        if number not in self._reports.desk.keys.attached:
            return _to_list(gone=number)
        return await self._screens.page(visit.request, "remove_key.html", key=self._key(visit))

    async def _remove(self, visit: Visit) -> Response:
        number, purge = visit.request.path_params["key_number"], visit.form.text("purge") == "yes"
        done = await self._parts.activating.remove(number, purge=purge, only_check=False)
        return _to_list(removed=number) if done["changed"] else _to_list(gone=number)

    def _key(self, visit: Visit) -> dict[str, Any]:
        attached = self._reports.desk.keys.attached.get(visit.request.path_params["key_number"])
        if attached is None:
            raise HTTPException(404, "no such key is attached")
        return self._reports.key(attached)

    async def _page(
        self,
        visit: Visit,
        status: int = 200,
        *,
        done: str | None = None,
        error: LicensingError | None = None,
        access_code: str | None = None,
        code_missing: bool = False,
    ) -> Response:
        key = self._key(visit)
        number = key["key_number"]
        attached = self._reports.desk.keys.attached[number]
        facts = (await self._parts.keeper.verify([number]))[0]["facts"] if visit.scope >= Scope.OPERATE else ()
        history = await self._reports.journal.history()
        selection = Selection(text=number, kinds=_KEY_EVENTS, limit=_LOOKED_THROUGH)
        found = await self._parts.aside(lambda: history.select(selection))
        return await self._screens.page(
            visit.request,
            "key.html",
            status,
            key=key,
            company=attached.license.company if attached.license else None,
            facts=facts,
            history=[event for event in reversed(found) if is_about(event, number)][:HISTORY],
            done=done,
            problem=None if error is None else self._screens.explained(visit.request, error, {"key_number": number}),
            access_code=access_code,
            code_missing=code_missing,
        )


def _to_list(**said: str) -> Response:
    return RedirectResponse(f"/keys?{urlencode(said)}", 303)


def is_about(event: Mapping[str, Any], number: str) -> bool:
    """Whether an event tells of a key: not of one whose number has it in it, nor of a user who calls himself so."""
    named = re.findall(r"[\w.-]*\w", str(event.get("reason", "")))
    return number in (event.get("key_number"), event.get("subject"), *named)

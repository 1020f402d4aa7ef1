# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activating keys and license packs: online, by file, by telephone, or through the browser that looks at the page.

docs/specification.md, sections 5 and 6.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from licserver.errors import LicensingError
from licserver.kit import Kit
from licserver.pages.bodies import Form
from licserver.pages.headers import policy
from licserver.pages.problems import Problem
from licserver.server.activate import read_order
from licserver.server.packs import PackOrder
from licserver.server.scopes import Scope
from licserver.server.web.door import Door, Visit
from licserver.server.web.pages.frame import Screens
from licserver.server.web.pages.orders import (
    COMPANY,
    Way,
    answer_in,
    blocks_in,
    field_of,
    key_order,
    kit_in,
    pack_order,
    refusal,
    way_in,
)
from licserver.server.web.parts import Parts

_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?=/|\Z)", re.IGNORECASE)
"""A kit may say anything; only this goes into a header."""
_PACK_WAYS: tuple[Way, ...] = ("online", "file", "relay")
_KEPT = ("key_number", "reactivate", "anew", "kit_name", *(f"company_{name}" for name in COMPANY))
"""The fields that stay filled in after a refusal; secrets do not."""
_NO_PROBLEMS: Mapping[str, str] = MappingProxyType({})


class Activation:
    """The forms, and the pages of requests under way."""

    def __init__(self, parts: Parts, screens: Screens) -> None:
        self._parts = parts
        self._activating = parts.activating
        self._screens = screens

    def routes(self, door: Door) -> list[Route]:
        """As Starlette takes them."""
        return [
            door.page("/activate", self._show, Scope.OPERATE),
            door.form("/activate", self._activate),
            door.page("/keys/of/{key_number}/pack", self._show_pack, Scope.OPERATE),
            door.form("/keys/of/{key_number}/pack", self._activate_pack),
            door.page("/requests/{request_id}", self._show_request, Scope.OPERATE),
            door.page("/requests/{request_id}/file", self._download, Scope.OPERATE),
            door.page("/requests/{request_id}/answer", self._show_request, Scope.OPERATE),
            door.form("/requests/{request_id}/answer", self._answer),
            door.page("/answers", self._show_answer, Scope.OPERATE),
            door.form("/answers", self._answer_any),
        ]

    async def _show(self, visit: Visit) -> Response:
        asked = visit.request.query_params
        again = "yes" if asked.get("again") else ""
        return await self._form(visit, {"key_number": asked.get("key_number", ""), "reactivate": again})

    async def _activate(self, visit: Visit) -> Response:
        form, kit, way = visit.form, None, way_in(visit.form)
        about = {"key_number": form.text("key_number")}
        try:
            kit = kit_in(form, self._kits())
            order = key_order(form, kit)
            if way == "online":
                done = await self._activating.activate(read_order(order))
                return _to_key(done, "activated")
            return await self._request(form, order, way)
        except (LicensingError, msgspec.ValidationError) as error:
            kept = {name: form.text(name) for name in _KEPT}
            return await self._form(visit, kept, way=way, kit=kit, **self._refused(visit, error, about))

    async def _form(
        self,
        visit: Visit,
        fields: Mapping[str, str],
        *,
        way: Way = "online",
        kit: Kit | None = None,
        problem: Problem | None = None,
        problems: Mapping[str, str] = _NO_PROBLEMS,
    ) -> Response:
        text = "" if kit is None else msgspec.json.encode(kit.only_for(fields["key_number"])).decode()
        return await self._screens.page(
            visit.request,
            "activate.html",
            409 if problem else 200,
            fields={**dict.fromkeys(_KEPT, ""), **fields},
            way=way,
            kits={name: one.vendor for name, one in self._kits().items()},
            kit=kit,
            kit_text=text,
            problem=problem,
            problems=problems,
        )

    async def _show_pack(self, visit: Visit) -> Response:
        return await self._pack_form(visit)

    async def _activate_pack(self, visit: Visit) -> Response:
        form, way, number = visit.form, way_in(visit.form, _PACK_WAYS), visit.request.path_params["key_number"]
        about = {"key_number": number, "pack": form.text("pack")}
        try:
            order = pack_order(form, number)
            if way == "online":
                done = await self._activating.activate_pack(msgspec.convert(order, PackOrder))
                return _to_key(done, "pack")
            return await self._request(form, order, way)
        except (LicensingError, msgspec.ValidationError) as error:
            return await self._pack_form(visit, way=way, **self._refused(visit, error, about))

    async def _pack_form(
        self,
        visit: Visit,
        *,
        way: Way = "online",
        problem: Problem | None = None,
        problems: Mapping[str, str] = _NO_PROBLEMS,
    ) -> Response:
        number = visit.request.path_params["key_number"]
        if number not in self._parts.reports.desk.keys.attached:
            raise HTTPException(404, "no such key is attached")
        return await self._screens.page(
            visit.request,
            "activate_pack.html",
            409 if problem else 200,
            key_number=number,
            way=way,
            pack=visit.form.text("pack"),
            anew=visit.form.text("anew"),
            problem=problem,
            problems=problems,
        )

    def _refused(
        self, visit: Visit, error: LicensingError | msgspec.ValidationError, about: Mapping[str, str]
    ) -> dict[str, Any]:
        """What a form says of a refusal: above all, and at the field that it is about."""
        reason = refusal(error)
        problem = self._screens.explained(visit.request, reason, about)
        return {"problem": problem, "problems": {field_of(reason): problem.what}}

    async def _show_request(self, visit: Visit) -> Response:
        return await self._request_page(visit, visit.request.query_params.get("way", "file"))

    async def _download(self, visit: Visit) -> Response:
        asked = self._find(visit)
        disposition = f'attachment; filename="{asked["file_name"]}"'
        headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
        return PlainTextResponse(asked["text"], headers=headers)

    async def _answer(self, visit: Visit) -> Response:
        asked, form = self._find(visit), visit.form
        try:
            if form.text("way") == "phone":
                return _to_key(await self._activating.load_by_phone(asked["key_number"], blocks_in(form)), "loaded")
            return _to_key(await self._activating.load(answer_in(form)), "loaded")
        except LicensingError as error:
            problem = self._screens.explained(visit.request, error, _about(asked))
            wrong = error.details.get("blocks", ())
            return await self._request_page(visit, form.text("way"), problem=problem, wrong=wrong)

    async def _show_answer(self, visit: Visit) -> Response:
        return await self._screens.page(visit.request, "answer.html", problem=None)

    async def _answer_any(self, visit: Visit) -> Response:
        try:
            return _to_key(await self._activating.load(answer_in(visit.form)), "loaded")
        except LicensingError as error:
            problem = self._screens.explained(visit.request, error, {})
            return await self._screens.page(visit.request, "answer.html", 409, problem=problem)

    async def _request_page(
        self, visit: Visit, way: str, *, problem: Problem | None = None, wrong: Sequence[str] = ()
    ) -> Response:
        asked = self._find(visit)
        center = asked["send_to"]["url"]
        origin = _ORIGIN.match(center)
        response = await self._screens.page(
            visit.request,
            "request.html",
            409 if problem else 200,
            asked=asked,
            earlier="earlier" in visit.request.query_params,
            way=way,
            center=center,
            exchange=f"{center.rstrip('/')}/exchange" if origin else None,
            typed={number: visit.form.text(f"block{number}") for number in (1, 2, 3)},
            problem=problem,
            wrong=wrong,
        )
        if origin:
            response.headers["Content-Security-Policy"] = policy(script=True, forms_to=origin[0])
        return response

    async def _request(self, form: Form, order: Mapping[str, Any], way: Way) -> Response:
        """Make the request for what was filled in, or find the one under way, and go to its page."""
        waiting = [one["request_id"] for one in self._activating.requests()["requests"]]
        answer = await self._activating.request({**order, "anew": form.text("anew") == "yes"})
        asked = answer["request"]
        if asked is None:
            return _to_key(answer, "")
        if way == "phone" and asked["phone"] is None:
            raise LicensingError("no_ticket", f"the kit has no ticket for the key {asked['key_number']}")
        is_earlier = way != "phone" and asked["request_id"] in waiting  # by telephone the PIN is told, and not in it
        return RedirectResponse(f"/requests/{asked['request_id']}?way={way}{'&earlier=yes' if is_earlier else ''}", 303)

    def _find(self, visit: Visit) -> dict[str, Any]:
        wanted = visit.request.path_params["request_id"]
        for asked in self._activating.requests()["requests"]:
            if asked["request_id"] == wanted:
                found: dict[str, Any] = asked
                return found
        raise HTTPException(404, "no such request waits for an answer")

    def _kits(self) -> dict[str, Kit]:
        return {kit.vendor_keys[0].kid: kit for kit in self._parts.keeper.folder.kits().values()}


def _to_key(done: Mapping[str, Any], word: str) -> Response:
    said = word if done["changed"] else "unchanged"
    return RedirectResponse(f"/keys/of/{done['key']['key_number']}?done={said}", 303)


def _about(asked: Mapping[str, Any]) -> dict[str, str]:
    return {name: asked[name] for name in ("key_number", "pack") if asked[name]}

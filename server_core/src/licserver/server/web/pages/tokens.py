# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens with which scripts and monitors ask the server: listed, made, shown once, and taken away."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from licserver.errors import LicensingError
from licserver.pages.bodies import Form
from licserver.pages.languages import N_
from licserver.server.scopes import Scope
from licserver.server.settings_change import SettingError
from licserver.server.tokens import TokenOrder
from licserver.server.web.door import Door, Visit
from licserver.server.web.pages.frame import Screens
from licserver.server.web.parts import Parts

_HERE = "/settings/tokens"
SCOPES = (
    ("read", N_("to look: connections, keys, events, figures")),
    ("operate", N_("a day's work: to look, disconnect, and activate")),
    ("admin", N_("everything")),
)
_BELONGS: Mapping[str, str] = {
    "name": N_("Letters, digits, dots, underscores and hyphens, at most 64."),
    "days": N_("A number from 1 to 3650, or nothing."),
}


class TokenPages:
    """The page of tokens."""

    def __init__(self, parts: Parts, screens: Screens) -> None:
        self._tokens = parts.tokens
        self._reports = parts.reports
        self._screens = screens

    def routes(self, door: Door) -> list[Route]:
        """As Starlette takes them."""
        return [
            door.page(_HERE, self._show, Scope.ADMIN),
            door.form(_HERE, self._add, Scope.ADMIN),
            door.page(f"{_HERE}/{{name}}/remove", self._ask, Scope.ADMIN),
            door.form(f"{_HERE}/{{name}}/remove", self._remove, Scope.ADMIN),
        ]

    async def _show(self, visit: Visit) -> Response:
        asked = visit.request.query_params
        return await self._page(visit, removed=asked.get("removed", ""), gone=asked.get("gone", ""))

    async def _add(self, visit: Visit) -> Response:
        try:
            order = order_in(visit.form)
            return await self._page(visit, made=order.name, secret=await self._tokens.add(order))
        except LicensingError as error:
            return await self._page(visit, error=error)

    async def _ask(self, visit: Visit) -> Response:
        name = visit.request.path_params["name"]
        found = next((one for one in self._tokens.listed() if one["name"] == name), None)
        if found is None:
            return _to_list(gone=name)
        return await self._screens.page(visit.request, "remove_token.html", one=found)

    async def _remove(self, visit: Visit) -> Response:
        name = visit.request.path_params["name"]
        return _to_list(removed=name) if await self._tokens.remove(name) else _to_list(gone=name)

    async def _page(
        self,
        visit: Visit,
        *,
        removed: str = "",
        gone: str = "",
        made: str = "",
        secret: str = "",
        error: LicensingError | None = None,
    ) -> Response:
        texts, problem = self._screens.texts(visit.request), None
        problems: dict[str, str] = {}
        if error is not None:
            problem = self._screens.explained(visit.request, error, {})
            field = "name" if error.code == "token_exists" else getattr(error, "field", "")
            problems = {field: texts.gettext(_BELONGS[field])} if field in _BELONGS else {}
        return await self._screens.page(
            visit.request,
            "tokens.html",
            409 if error else 200,
            tokens=self._tokens.listed(),
            scopes=[(scope, texts.gettext(words)) for scope, words in SCOPES],
            typed={name: visit.form.text(name) if error else "" for name in ("name", "scope", "days")},
            removed=removed,
            gone=gone,
            made=made,
            secret=secret,
            problem=problem,
            problems=problems,
        )


def _to_list(**said: str) -> Response:
    return RedirectResponse(f"{_HERE}?{urlencode(said)}", 303)


def order_in(form: Form) -> TokenOrder:
    """The token that is wanted.

    :raises SettingError: something of it cannot be.
    """
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(TokenOrder):
        typed = form.text(field.name)
        if typed or field.required:
            try:
                values[field.name] = msgspec.convert(typed, field.type, strict=False)
            except msgspec.ValidationError as error:
                raise SettingError(field.name, f"{field.name}: {error}") from error
    return TokenOrder(**values)

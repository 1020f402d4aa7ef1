# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings: what the ini says, changed as :mod:`licserver.server.settings_change` writes it."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from licserver.errors import LicensingError
from licserver.pages.bodies import Form
from licserver.pages.languages import N_
from licserver.server.scopes import Scope
from licserver.server.settings_change import SettingError, SettingsChange
from licserver.server.web.door import Door, Visit
from licserver.server.web.pages.frame import Screens
from licserver.server.web.parts import Parts

_PORT = N_("A number from 1 to 65535, other than that of the other port.")
_FILE = N_("The whole path of a PEM file; certificate and key are given together, or neither.")
_TOGETHER = N_("User and password are given together.")
_BELONGS: Mapping[str, str] = {
    "port": _PORT,
    "web_port": _PORT,
    "bind_address": N_("An IP address of this computer, or nothing for all of them."),
    "idle_minutes": N_("Minutes, from 0 to 1440."),
    "user": _TOGETHER,
    "password": _TOGETHER,
    "password_again": N_("This is not the same password."),
    "tls_certificate": _FILE,
    "tls_key": _FILE,
}
_SHOWN = ("port", "web_port", "bind_address", "idle_minutes", "tls_certificate", "tls_key")


class Settings:
    """The page of settings."""

    def __init__(self, parts: Parts, screens: Screens) -> None:
        self._settings = parts.settings
        self._screens = screens

    def routes(self, door: Door) -> list[Route]:
        """As Starlette takes them."""
        return [
            door.page("/settings", self._show),
            door.form("/settings", self._change, Scope.ADMIN),
        ]

    async def _show(self, visit: Visit) -> Response:
        now = await self._settings.look()
        return await self._page(visit, now, now["settings"], saved="saved" in visit.request.query_params)

    async def _change(self, visit: Visit) -> Response:
        try:
            await self._settings.change(wanted_in(visit.form))
        except LicensingError as error:
            now = await self._settings.look()
            return await self._page(visit, now, _typed(visit.form), error=error)
        return RedirectResponse("/settings?saved=1", 303)

    async def _page(
        self,
        visit: Visit,
        now: Mapping[str, Any],
        values: Mapping[str, Any],
        *,
        saved: bool = False,
        error: LicensingError | None = None,
    ) -> Response:
        field = error.field if isinstance(error, SettingError) else ""
        texts = self._screens.texts(visit.request)
        return await self._screens.page(
            visit.request,
            "settings.html",
            409 if error else 200,
            values=values,
            credentials_set=now["settings"]["credentials_set"],
            pending=now["restart_needed"],
            saved=saved,
            problem=None if error is None else self._screens.explained(visit.request, error, {}),
            problems={field: texts.gettext(_BELONGS[field])} if field in _BELONGS else {},
        )


def wanted_in(form: Form) -> SettingsChange:
    """What is to be set. Password fields that are left empty change nothing.

    :raises SettingError: something cannot be.
    """
    user, password = form.text("user"), form.fields.get("password", "")
    if password != form.fields.get("password_again", ""):
        raise SettingError("password_again", "this is not the same password")
    credentials: dict[str, str] = {"user": user, "password": password} if user or password else {}
    if form.text("no_user") == "yes":
        credentials = {"user": ""}
    return SettingsChange(
        port=_number(form, "port"),
        web_port=_number(form, "web_port"),
        local=form.text("local") == "yes",
        bind_address=form.text("bind_address"),
        idle_minutes=_number(form, "idle_minutes"),
        tls=form.text("tls") == "yes",
        tls_certificate=form.text("tls_certificate"),
        tls_key=form.text("tls_key"),
        **credentials,
    )


def _number(form: Form, name: str) -> int:
    text = form.text(name)
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise SettingError(name, f"{name}: this is no number")
    return int(text)


def _typed(form: Form) -> dict[str, Any]:
    shown: dict[str, Any] = {name: form.text(name) for name in _SHOWN}
    return shown | {"local": form.text("local") == "yes", "tls": form.text("tls") == "yes"}

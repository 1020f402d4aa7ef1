# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings: what the ini says, changed as :mod:`licserver.server.settings_change` writes it."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from licserver.errors import LicensingError
from licserver.ini_text import SERVER_KEYS
from licserver.pages.languages import LANGUAGES, N_, Translations
from licserver.server.certificate import CertificateError
from licserver.server.listening import ListenError
from licserver.server.scopes import Scope
from licserver.server.settings_change import SettingConflictError, SettingError
from licserver.server.web.door import Door, Visit
from licserver.server.web.pages.frame import Screens
from licserver.server.web.pages.settings_form import SettingsForm, as_filled
from licserver.server.web.parts import Parts

_PORT = N_("A number from 1 to 65535, other than that of the other port.")
_FILE = N_("The whole path of a PEM file; certificate and key are given together, or neither.")
_TOGETHER = N_("User and password are given together; the user is a name without a colon.")
_BELONGS: Mapping[str, str] = {
    "port": _PORT,
    "web_port": _PORT,
    "bind_address": N_("An IP address of this computer, or nothing for all of them."),
    "names": N_("Names of hosts such as licenses.example.org, with commas between them."),
    "idle_minutes": N_("Minutes, from 0 to 1440."),
    "user": _TOGETHER,
    "password": _TOGETHER,
    "password_again": N_("This is not the same password."),
    "tls_certificate": _FILE,
    "tls_key": _FILE,
}
_UNUSABLE: Mapping[str, str] = {
    "port_unavailable": N_("Another program has this port."),
    "port_forbidden": N_("The server has no right to this port. Those from 1024 on are for everybody."),
    "address_unavailable": N_("This is no address of this computer."),
    "bad_certificate": N_("The server cannot use this file."),
}
_FILES = ("tls_certificate", "tls_key")
_OF_BROWSER = N_("that of each browser")
_ALREADY = N_("Somebody else set this to “%(value)s” meanwhile. Save again to replace that.")


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
        filled = as_filled(now["settings"])
        return await self._page(visit, now, (filled, filled), saved="saved" in visit.request.query_params)

    async def _change(self, visit: Visit) -> Response:
        form = SettingsForm(visit.form)
        try:
            await self._settings.change(form.wanted(), seen=form.seen())
        except LicensingError as error:
            now = await self._settings.look()
            problems = _problems(error, form.values, self._screens.texts(visit.request))
            told = problems if isinstance(error, SettingConflictError) else ()
            filled = form.again(as_filled(now["settings"]), told)
            return await self._page(visit, now, filled, error=error, problems=problems)
        return RedirectResponse("/settings?saved=1", 303)

    def _languages(self, visit: Visit) -> list[tuple[str, str]]:
        return [("", self._screens.texts(visit.request).gettext(_OF_BROWSER)), *LANGUAGES.items()]

    async def _page(
        self,
        visit: Visit,
        now: Mapping[str, Any],
        filled: tuple[Mapping[str, str], Mapping[str, str]],
        *,
        saved: bool = False,
        error: LicensingError | None = None,
        problems: Mapping[str, str] = MappingProxyType({}),
    ) -> Response:
        return await self._screens.page(
            visit.request,
            "settings.html",
            409 if error else 200,
            values=filled[0],
            was=filled[1],
            credentials_set=now["settings"]["credentials_set"],
            languages_to_set=self._languages(visit),
            pending=now["restart_needed"],
            saved=saved,
            problem=None if error is None else self._screens.explained(visit.request, error, {}),
            problems=problems,
        )


def _problems(error: LicensingError, values: Mapping[str, str], texts: Translations) -> dict[str, str]:
    """What is said at which field.

    :param values: what the fields hold.
    """
    match error:
        case SettingConflictError():
            return {name: texts.gettext(_ALREADY) % {"value": value} for name, value in as_filled(error.now).items()}
        case SettingError():
            return {error.field: texts.gettext(_BELONGS[error.field])} if error.field in _BELONGS else {}
        case ListenError():
            return {SERVER_KEYS[error.setting].field: texts.gettext(_UNUSABLE[error.code])}
        case CertificateError():
            wrong = [name for name in _FILES if values[name] and Path(values[name]) == error.path]
            return dict.fromkeys(wrong, texts.gettext(_UNUSABLE[error.code]))
        case _:
            return {}

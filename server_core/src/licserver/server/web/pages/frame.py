# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all pages of a server have around them."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from licserver.errors import LicensingError
from licserver.pages.languages import N_, Translations
from licserver.pages.problems import Problem
from licserver.pages.rendering import Pages
from licserver.server.scopes import Scope
from licserver.server.web.pages.words import explain, names_of
from licserver.server.web.parts import Parts

SECTIONS: Sequence[tuple[str, str]] = (
    ("/", N_("Overview")),
    ("/connections", N_("Connections")),
    ("/keys", N_("Keys")),
    ("/functions", N_("Functions")),
    ("/settings", N_("Settings")),
    ("/events", N_("Events")),
)
_PART_OF: Mapping[str, str] = dict.fromkeys(("/activate", "/requests", "/answers"), "/keys")


class Screens:
    """Makes the pages of one server, in a thread: clients of the license port do not wait for readers."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        configuration = parts.reports.configuration
        self.pages = Pages("licserver.server.web.pages", self._common, lambda: configuration.settings.language)

    def language(self, request: Request) -> str:
        """The language of whoever asks."""
        return self.pages.language(request)

    def texts(self, request: Request) -> Translations:
        """The texts in the language of whoever asks."""
        return self.pages.texts(request)

    async def page(self, request: Request, template: str, status: int = 200, **content: Any) -> Response:
        """A whole page."""
        return await self._parts.aside(lambda: self.pages.page(request, template, status, **content))

    async def part(self, language: str, template: str, content: Mapping[str, Any]) -> str:
        """A part of a page."""
        names = names_of(self.pages.texts_in(language))
        whole = {**names, **content, "now": int(self._parts.reports.clock())}
        return await self._parts.aside(lambda: self.pages.part(language, template, whole))

    def explained(self, request: Request, error: LicensingError, about: Mapping[str, str]) -> Problem:
        """A refusal in the language of whoever asks."""
        return explain(error, self.texts(request), about)

    def _common(self, request: Request) -> Mapping[str, Any]:
        name, section = self._parts.reports.desk.name, f"/{request.url.path.split('/')[1]}"
        scope = getattr(request.state, "scope", None)
        return {
            "site": name,
            "scope": scope,
            "has_user": self._parts.gate.has_user,
            "may_change": scope is not None and scope >= Scope.OPERATE,
            "may_administer": scope is not None and scope >= Scope.ADMIN,
            "token": getattr(request.state, "token", ""),
            "sections": SECTIONS,
            "section": _PART_OF.get(section, section),
            **names_of(self.texts(request)),
            "now": int(self._parts.reports.clock()),
        }

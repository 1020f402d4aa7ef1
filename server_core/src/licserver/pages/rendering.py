# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates in the language of whoever asks, on one base page with one stylesheet."""

import gettext
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from licserver.pages.languages import LANGUAGE_COOKIE, LANGUAGES, language_of, load

_STATIC = Path(__file__).with_name("static")
_YEAR = 365 * 24 * 3600
Content = Callable[[Request], Mapping[str, Any]]


class Pages:
    """Renders the templates of one application.

    :param package: the package whose folder ``templates`` holds them; those of the base page are here.
    :param common: what every template is given besides; called for every page.
    :param default_language: tells in which language whoever chose none sees them; empty: in that of his browser.
    """

    def __init__(self, package: str, common: Content, default_language: Callable[[], str] = str) -> None:
        loader = ChoiceLoader([PackageLoader(package), PackageLoader("licserver.pages")])
        self._texts = {code: load(code) for code in LANGUAGES}
        self._environments = {code: _environment(loader, texts) for code, texts in self._texts.items()}
        self._common = common
        self._default_language = default_language

    def language(self, request: Request) -> str:
        """The language of whoever asks."""
        return language_of(request, self._default_language())

    def texts(self, request: Request) -> gettext.NullTranslations:
        """The texts in the language of whoever asks."""
        return self.texts_in(self.language(request))

    def texts_in(self, language: str) -> gettext.NullTranslations:
        """The texts in one of the languages."""
        return self._texts[language]

    def page(
        self,
        request: Request,
        template: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> Response:
        """A page, which no browser and no proxy keeps."""
        language = self.language(request)
        around = {
            "language": language,
            "languages": LANGUAGES,
            "stylesheet": _STYLESHEET,
            "icon": _ICON,
            "script": _SCRIPT,
            "here": here(request),
        }
        text = self.part(language, template, {**self._common(request), **content, **around})
        return HTMLResponse(text, status, {"Cache-Control": "no-store", **(headers or {})})

    def part(self, language: str, template: str, content: Mapping[str, Any]) -> str:
        """What a template makes of nothing but its content: a part of a page, the same for all who see it."""
        return self._environments[language].get_template(template).render(content)


def here(request: Request) -> str:
    """Where a browser comes back to after it changed the language: every form's address shows a page too."""
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    return quote(f"{request.url.path}{query}", safe="")


def is_own_path(path: str) -> bool:
    """Whether a path leads to this server and nowhere else, whatever a browser makes of it."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()


async def choose_language(request: Request) -> Response:
    """Remember a language and go back."""
    code, back = request.path_params["language"], request.query_params.get("back", "/")
    response = RedirectResponse(back if is_own_path(back) else "/", 303)
    if code in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, code, max_age=_YEAR, secure=request.url.scheme == "https", httponly=True, samesite="lax"
        )
    return response


def _static(name: str, media_type: str) -> tuple[str, Route]:
    """The address of a file that never changes under it, and its route."""
    content = (_STATIC / name).read_bytes()
    stem, _, suffix = name.partition(".")
    address = f"/static/{stem}-{sha256(content).hexdigest()[:12]}.{suffix}"
    headers = {"Cache-Control": f"public, max-age={_YEAR}, immutable"}

    async def serve(request: Request) -> Response:
        return Response(content, headers=headers, media_type=media_type)

    return address, Route(address, serve)


_STYLESHEET, _stylesheet = _static("style.css", "text/css")
_ICON, _icon = _static("icon.svg", "image/svg+xml")
_SCRIPT, script_route = _static("page.js", "text/javascript")
"""``script_route``: what a page that is better with the script needs of an application besides."""
COMMON_ROUTES = (_stylesheet, _icon, Route("/language/{language}", choose_language))
"""What the base page needs of an application."""


def when(at: int | None) -> Markup:
    """A point in time for people: in UTC, and where there is the script, by the clock of whoever reads."""
    if at is None:
        return Markup("")
    exact = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    return Markup('<time datetime="{}">{}</time>').format(exact, moment(at))


def since(at: int, now: int) -> Markup:
    """How long ago a point in time is, in hours, minutes and seconds; where there is the script, it goes on."""
    exact, seconds = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)), max(0, now - at)
    passed = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return Markup(f'<time class="since" datetime="{exact}">{passed}</time>')  # only digits, and many of them


def moment(at: int | None) -> str:
    """A point in time for people; empty for none."""
    return "" if at is None else time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(at))


def _environment(loader: ChoiceLoader, texts: gettext.NullTranslations) -> Environment:
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined] # by its extension
    made.filters["moment"] = moment
    made.filters["when"] = when
    made.filters["since"] = since
    return made

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The languages of the pages: which one a browser gets, and the texts in it.

Texts stand in the sources in English and are translated by gettext catalogs, ``locale/<language>/LC_MESSAGES``.
Whoever chose a language on a page keeps it in a cookie; whoever did not gets the one that is set for the application,
or what his browser asks for (RFC 9110, section 12.5.4).
"""

import gettext
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request

LANGUAGES: Mapping[str, str] = {"en": "English", "ru": "Русский"}
"""Code to the name by which its speakers call it. The first one is that of the sources."""
LANGUAGE_COOKIE = "language"
DOMAIN = "licserver"
LOCALE = Path(__file__).with_name("locale")
_SOURCE = next(iter(LANGUAGES))

Translations = gettext.NullTranslations


def N_(text: str) -> str:  # noqa: N802 - the name by which gettext's tools find texts
    """Marks a text for translation where it is written; it is translated where it is shown."""
    return text


def load(code: str) -> Translations:
    """The texts in one of :data:`LANGUAGES`."""
    if code == _SOURCE:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, [code])


def language_of(request: Request, default: str = "") -> str:
    """The language in which a request is answered: one of :data:`LANGUAGES`.

    :param default: for whoever chose none; empty: what his browser asks for.
    """
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return default or preferred(request.headers.get("accept-language", ""))


def preferred(accepted: str) -> str:
    """The language that an ``Accept-Language`` likes best; English where it names none of ours.

    Whatever cannot be understood in it is passed over.
    """
    best, best_weight = _SOURCE, 0.0
    for part in accepted[:1000].split(","):
        tag, _, parameter = part.partition(";")
        code, weight = tag.strip().lower().partition("-")[0], _weight(parameter)
        if code in LANGUAGES and weight > best_weight:
            best, best_weight = code, weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0

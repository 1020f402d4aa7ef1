# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which language a browser gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from licserver.pages.languages import LANGUAGES, language_of, load, preferred


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en-US,en;q=0.9,ru;q=0.8", "en"),
        ("de, ru;q=0.5", "ru"),
        ("de", "en"),
        ("ru;q=0", "en"),
        ("en;q=0.1 , RU ; q=0.2", "ru"),
        ("ru;q=much", "en"),
        ("ru;level=1", "en"),
    ],
)
def test_a_browser_gets_the_language_that_it_likes_best(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


@pytest.mark.parametrize(
    ("cookie", "default", "language"),
    [("", "", "ru"), ("", "en", "en"), ("ru", "en", "ru"), ("en", "", "en"), ("de", "", "ru"), ("de", "en", "en")],
)
def test_a_choice_counts_before_the_setting_and_that_before_the_browser(
    cookie: str, default: str, language: str
) -> None:
    headers = [(b"accept-language", b"ru"), (b"cookie", f"language={cookie}".encode())]

    assert language_of(Request({"type": "http", "headers": headers}), default) == language


@given(st.text())
def test_whatever_it_says_it_gets_a_language_that_is_there(accepted: str) -> None:
    assert preferred(accepted) in LANGUAGES


def test_every_language_has_its_texts() -> None:
    assert {code: load(code).gettext("Licenses") for code in LANGUAGES} == {"en": "Licenses", "ru": "Лицензии"}

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens for scripts, in a browser."""

from http import HTTPStatus

import pytest
from playwright.sync_api import Page, expect

from server_core.tests.web_pages.conftest import Site

WORDS = {
    "en": (
        "Tokens…",
        "Name",
        "Make the token",
        "The token monitor. It is shown this once:",
        "Remove: monitor",
        "The token monitor was gone already.",
    ),
    "ru": (
        "Токены…",
        "Имя",
        "Создать токен",
        "Токен monitor. Он показан только сейчас:",
        "Удалить: monitor",
        "Токена monitor уже не было.",
    ),
}


def add(page: Page, name: str, days: str = "") -> None:
    page.locator("#name").fill(name)
    page.locator("#days").fill(days)
    page.locator("main form button").click()


def status_with(site: Site, token: str) -> int:
    return site.server.http("GET", "/api/v1/tokens", Authorization=f"Bearer {token}")[0]


@pytest.mark.parametrize(("language", "javascript"), [("en", True), ("ru", False)])
def test_a_token_is_made_shown_once_used_and_removed_after_a_question(
    site: Site, language: str, javascript: bool
) -> None:
    to_tokens, name, make, shown, remove, gone = WORDS[language]
    page = site.visitor(language, at="/settings", java_script_enabled=javascript)
    page.get_by_role("link", name=to_tokens).click()
    page.get_by_label(name, exact=True).fill("monitor")
    page.locator("#scope").select_option("admin")
    page.get_by_role("button", name=make).click()
    expect(page.get_by_role("status").first).to_contain_text(shown)
    token = page.locator("#secret").inner_text()
    assert status_with(site, token) == HTTPStatus.OK

    page.goto("/settings/tokens")
    expect(page.locator("#rows")).to_contain_text("monitor")
    expect(page.locator("body")).not_to_contain_text(token)
    page.get_by_role("link", name=remove).click()
    page.locator("main form button").click()
    expect(page.get_by_role("status").first).to_contain_text("monitor")
    assert status_with(site, token) == HTTPStatus.UNAUTHORIZED
    page.goto("/settings/tokens/monitor/remove")
    expect(page.get_by_role("status").first).to_have_text(gone)


def test_what_cannot_be_is_marked_and_what_was_typed_stays(site: Site) -> None:
    page = site.visitor("ru", at="/settings/tokens")
    for name, days, marked in (("a b", "", "name"), ("monitor", "4000", "days"), ("monitor", "", None)):
        add(page, name, days)
        if marked:
            expect(page.locator("[aria-invalid=true]")).to_have_attribute("id", marked)
            expect(page.locator("#name")).to_have_value(name)
    add(page, "monitor")

    expect(page.get_by_role("alert")).to_contain_text("Токен с таким именем уже есть.")
    expect(page.locator("#rows tr")).to_have_count(1)

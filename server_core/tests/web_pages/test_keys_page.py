# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of keys and the page of each one, in a browser."""

import pytest
from playwright.sync_api import expect

from server_core.tests.helpers import KEY, Computer
from server_core.tests.web_pages.conftest import Site

WORDS = {
    "en": ("Use this key", "Save", "not used", "Access code", "Set the code", "Show the code", "Clear the code"),
    "ru": (
        "Использовать ключ защиты",
        "Сохранить",
        "не используется",
        "Код доступа",
        "Задать код",
        "Показать код",
        "Убрать код",
    ),
}


@pytest.mark.parametrize(("language", "javascript"), [("en", False), ("ru", True)])
def test_a_key_is_switched_off_and_gets_and_loses_an_access_code(site: Site, language: str, javascript: bool) -> None:
    use, save, off, code, set_it, show, clear = WORDS[language]
    page = site.visitor(language, at="/keys", java_script_enabled=javascript)
    page.get_by_role("link", name=KEY).click()

    page.get_by_label(use).uncheck()
    page.get_by_role("button", name=save).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(off)
    page.get_by_label(code).fill("7-Щука")
    page.get_by_role("button", name=set_it).click()
    assert "7-Щука" not in page.content()
    page.get_by_role("button", name=show).click()
    expect(page.get_by_text("7-Щука")).to_be_visible()
    page.get_by_role("button", name=clear).click()
    expect(page.get_by_role("button", name=set_it)).to_be_visible()

    options = site.server.server.desk.keys.options_of(KEY)
    assert (options.use, options.access_code) == (False, "")


def test_an_access_code_that_nobody_typed_is_asked_for(site: Site) -> None:
    page = site.visitor(at=site.key())

    page.get_by_role("button", name="Set the code").click()

    expect(page.get_by_text("Type the code that is to be set.")).to_be_visible()


def test_it_says_what_a_key_has_and_what_became_of_it(site: Site) -> None:
    site.server.call(site.server.server.keys.set_options(KEY, {"access_code": "7"}))
    with site.server.client() as client:
        client.take(access_code="7")
        page = site.visitor(at=site.key())

        expect(page.get_by_role("row", name="main session 1 4 5")).to_be_visible()
        expect(page.get_by_role("row", name="the system disk the same")).to_be_visible()
        expect(page.get_by_role("row", name="key changed")).to_be_visible()
        page.get_by_role("link", name="1", exact=True).click()
        expect(page.locator("#rows tr")).to_have_count(1)


def test_why_a_fact_cannot_be_read_is_told_in_the_language_of_the_page(site: Site, computer: Computer) -> None:
    del computer.facts["disk"]
    site.server.call(site.server.server.keys.load())
    page = site.visitor("ru", at=site.key())

    expect(page.get_by_role("row", name="системный диск")).to_contain_text("serial: этого нет")
    expect(page.locator(".notice.bad")).to_contain_text("системный диск (serial: этого нет)")


def test_a_key_is_removed_after_a_question(site: Site) -> None:
    page = site.visitor(at=site.key())
    page.get_by_role("link", name="Remove this key").click()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="Remove this key").click()
    page.get_by_role("button", name="Remove the key").click()

    expect(page.get_by_text(f"The key {KEY} is removed.")).to_be_visible()
    assert not site.server.server.desk.keys.attached


def test_a_key_that_somebody_else_removed_was_gone_already(site: Site) -> None:
    page = site.visitor("ru", at=f"{site.key()}/remove", java_script_enabled=False)
    site.server.call(site.server.server.activations.remove(KEY, purge=True, only_check=False))
    page.locator("main form button").click()

    expect(page.get_by_role("status").first).to_have_text(f"Ключа {KEY} уже не было.")
    page.goto("/keys")
    page.goto(f"{site.key()}/remove")
    expect(page.get_by_role("status").first).to_have_text(f"Ключа {KEY} уже не было.")


def test_a_key_that_was_removed_meanwhile_is_not_changed_any_more(site: Site) -> None:
    page = site.visitor(at=site.key())
    site.server.call(site.server.server.activations.remove(KEY, purge=True, only_check=False))
    page.get_by_label("Use this key").uncheck()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("status").first).to_have_text(f"The key {KEY} was gone already.")


def test_a_key_that_is_not_there(site: Site) -> None:
    page = site.visitor("ru", at=site.key("none"))

    expect(page.get_by_role("alert")).to_contain_text("Такой страницы нет.")

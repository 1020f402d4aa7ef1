# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of connections, in a browser."""

import contextlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from server_core.tests.running import Client
from server_core.tests.web_pages.conftest import Site

WORDS = {
    "en": ("Disconnect", "Disconnect anna on pc1?", "1 connection was ended.", "Disconnect all", "Cancel"),
    "ru": (
        "Отключить",
        "Отключить пользователя anna на компьютере pc1?",
        "Завершено 1 подключение.",
        "Отключить всех",
        "Отмена",
    ),
}


@contextlib.contextmanager
def users(site: Site, *names: str) -> Iterator[list[Client]]:
    """Each with a license; the first one for the longest time."""
    with contextlib.ExitStack() as clients:
        made = [clients.enter_context(site.server.client()) for _ in names]
        for client, name in zip(made, names, strict=True):
            client.take(name)
        yield made


def shown(page: Page) -> list[str]:
    """The users in the list."""
    return page.locator("#rows tr td:nth-child(2)").all_inner_texts()


@pytest.mark.parametrize(("language", "javascript"), [("en", True), ("ru", False)])
def test_one_connection_is_ended_after_a_question(site: Site, language: str, javascript: bool) -> None:
    one, question, done, _, cancel = WORDS[language]
    with users(site, "anna", "boris"):
        page = site.visitor(language, at="/connections?text=anna", java_script_enabled=javascript)
        page.get_by_role("link", name=one).last.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(question)
        page.get_by_role("link", name=cancel).click()
        expect(page.locator("#rows tr")).to_have_count(2)
        page.goto("/connections?text=anna")
        page.get_by_role("link", name=one).last.click()
        page.get_by_role("button", name=one).click()

        expect(page.get_by_role("status").first).to_have_text(done)
        assert shown(page) == ["boris"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_all_are_disconnected_after_a_question_that_names_them(site: Site, language: str) -> None:
    with users(site, "anna", "boris"):
        page = site.visitor(language, at="/connections")
        page.get_by_role("link", name=WORDS[language][3]).click()
        expect(page.locator("main")).to_contain_text("anna, boris")
        page.get_by_role("button", name=WORDS[language][3]).click()

        expect(page.locator("#nothing")).to_be_visible()
    assert not site.server.server.desk.book.leases


def test_the_list_follows_what_happens_and_what_has_the_focus_keeps_it(site: Site) -> None:
    with users(site, "anna", "boris") as (_, boris):
        page = site.visitor(at="/connections?sort=user")
        last = page.locator("#rows tr").first.get_by_role("link").last
        last.focus()
        page.evaluate("() => { document.querySelector('#rows tr').marked = true }")
        with users(site, "Viktor"):
            expect(page.locator("#rows tr")).to_have_count(3)
            boris.logout()
            expect(page.locator("#rows tr")).to_have_count(2)

            assert shown(page) == ["anna", "Viktor"]
            assert page.evaluate("() => document.querySelector('#rows tr').marked")
            expect(last).to_be_focused()


def test_many_pages_of_one_browser_follow_it_and_leave_room_for_one_more(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("licserver.server.web.pages.live.ASK_AGAIN_SECONDS", 1)
    first = site.visitor(at="/connections")
    pages = [first, *(first.context.new_page() for _ in range(7))]  # a browser has six connections to a server
    for page in pages[1:]:
        page.goto("/connections")
    with users(site, "anna"):
        for page in pages:
            expect(page.locator("#rows tr")).to_have_count(1)
            expect(page.locator(".away-note")).to_be_hidden()


def test_it_is_sorted_and_searched(site: Site) -> None:
    with users(site, "anna", "Viktor", "boris"):
        page = site.visitor(at="/connections")
        page.get_by_role("link", name="User", exact=True).click()
        assert shown(page) == ["anna", "boris", "Viktor"]
        page.get_by_role("link", name="User", exact=True).click()
        assert shown(page) == ["Viktor", "boris", "anna"]
        expect(page.locator("#head-user")).to_have_attribute("aria-sort", "descending")
        page.get_by_label("User, computer, program or key").fill("VIK")
        page.get_by_role("button", name="Find").click()

        assert shown(page) == ["Viktor"]
        expect(page.locator("#count")).to_have_text("1 of 3 connections")


def test_it_has_pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("licserver.server.connection_list.PAGE_ROWS", 2)
    with users(site, "a", "b", "c", "d", "e"):
        page = site.visitor(at="/connections?sort=user")
        page.get_by_role("link", name="Next page").click()
        assert shown(page) == ["c", "d"]
        page.get_by_role("link", name="Last page").click()
        assert shown(page) == ["e"]
        page.get_by_role("link", name="Previous page").click()
        page.get_by_role("link", name="First page").click()
        assert shown(page) == ["a", "b"]


def test_a_page_says_when_the_server_is_away_and_goes_on_when_it_is_back(site: Site) -> None:
    page = site.visitor(at="/connections")
    site.server.stop()
    expect(page.get_by_text("The server does not answer")).to_be_visible()
    site.server.start()
    expect(page.get_by_text("The server does not answer")).to_be_hidden()
    site.complaints.clear()  # it has complained of connections that were refused

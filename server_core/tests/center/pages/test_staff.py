# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How staff sign in and out, in a browser."""

import pytest
from playwright.sync_api import Page, expect

from licserver.center.staff import remove_member
from server_core.tests.center.pages.conftest import PASSWORD, Site


def sign_in(page: Page, name: str, password: str) -> None:
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.locator("main button").click()


@pytest.mark.parametrize(("language", "sign_out"), [("en", "Sign out"), ("ru", "Выйти")])
def test_staff_come_and_go(site: Site, language: str, sign_out: str) -> None:
    page = site.member("vendor", language, java_script_enabled=False)
    expect(page).to_have_url(f"{site.url}/staff/phone")

    page.get_by_role("button", name=sign_out).click()
    expect(page.locator("#password")).to_be_visible()
    page.goto("/staff/keys")

    expect(page).to_have_url(f"{site.url}/staff/sign-in?back=%2Fstaff%2Fkeys")


def test_whoever_was_on_the_way_gets_there_with_a_cookie_for_this_server_and_for_no_script(site: Site) -> None:
    page = site.member("vendor")
    page.context.clear_cookies()
    page.goto("/staff/keys?text=100")

    sign_in(page, "anna", PASSWORD)

    expect(page).to_have_url(f"{site.url}/staff/keys?text=100")
    (cookie,) = [one for one in page.context.cookies() if one["name"].startswith("__Host-session-")]
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, True, "Lax", "/")


def test_a_wrong_name_and_a_wrong_password_are_told_alike(site: Site) -> None:
    page = site.member("vendor")
    page.context.clear_cookies()
    page.goto("/staff/sign-in")

    for name, password in [("anna", "wrong password"), ("nobody", PASSWORD)]:
        sign_in(page, name, password)
        expect(page.get_by_role("alert")).to_contain_text("This name and this password do not belong together.")
        expect(page.locator("#name")).to_have_value(name)


def test_passwords_cannot_be_guessed_for_long(site: Site) -> None:
    page = site.visitor()

    answers = [
        page.request.post("/staff/sign-in", form={"name": "anna", "password": "x"}, max_redirects=0) for _ in range(11)
    ]

    assert [answer.status for answer in answers] == [403] * 10 + [429]


def test_access_that_is_taken_away_ends_at_once(site: Site) -> None:
    page = site.member("vendor")
    with site.office.center.database.writing() as connection:
        remove_member(connection, "anna")

    page.reload()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_desk_changes_nothing(site: Site) -> None:
    page = site.member("desk")

    for path in ("/staff/products", "/staff/keys/new", "/staff/keys/of/100-0001/pin"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 403
    page.goto("/staff/keys")
    expect(page.get_by_role("link", name="Issue a key")).to_have_count(0)


def test_a_form_without_the_token_of_its_session_changes_nothing(site: Site) -> None:
    page = site.member("vendor")

    answer = page.request.post(
        "/staff/customers/new",
        form={"token": "0" * 64, "customer": "c1", "name": "Company"},
        headers={"Accept": "text/html"},
    )

    assert answer.status == 403
    page.goto("/staff/customers")
    expect(page.get_by_text("There are no customers yet.")).to_be_visible()


def test_a_form_of_another_site_changes_nothing(site: Site) -> None:
    page = site.member("vendor")

    answer = page.request.post("/staff/sign-in", form={}, headers={"Origin": "https://elsewhere.example"})

    assert answer.status == 403

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every page: nothing that keeps anybody from using it, in both languages, on a phone, in the dark."""

import contextlib
import datetime
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import axe_playwright_python
import msgspec
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from licserver.server.tokens import TokenOrder
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.running import WEB_PORT, ServerThread
from server_core.tests.web_pages.conftest import Site

PAGES = (
    "/",
    "/connections",
    "/connections?text=nobody",
    "/connections/disconnect-all",
    "/keys",
    f"/keys/of/{KEY}",
    "/keys/of/100-0002",
    f"/keys/of/{KEY}/remove",
    f"/keys/of/{KEY}/pack",
    "/activate",
    "/answers",
    "/functions",
    "/functions/restart",
    "/settings",
    "/settings/tokens",
    "/events",
    "/events?kind=alarm",
    "/nothing",
)
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
LARGE: ViewportSize = {"width": 1280, "height": 740}
SMALL: ViewportSize = {"width": 360, "height": 740}
LOOKS: Mapping[str, Sequence[tuple[Literal["light", "dark"], ViewportSize]]] = {
    "en": (("light", LARGE), ("dark", SMALL)),
    "ru": (("dark", LARGE), ("light", SMALL)),
}
"""Both languages, schemes and sizes, each with each of the others."""
OF_LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
"""What axe finds depends in these rules on sizes and colors."""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
ENGLISH = """() => [...document.querySelectorAll("h1, h2, label, legend, th, dt, button, nav.sections a, .tag")]
    .map(one => one.textContent.trim()).filter(text => /^[A-Za-z ]{4,}$/.test(text))"""


def wrong_to_axe(page: Page, **only: Any) -> list[str]:
    found = page.evaluate(
        "options => axe.run(document, options)", {"resultTypes": ["violations"], "preload": False, **only}
    )
    grave = (one for one in found["violations"] if one["impact"] in ("serious", "critical"))
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in grave]


def wrong_with(page: Page, address: str, language: str) -> Iterator[str]:
    """What is wrong with a page, on a large screen and on that of a telephone, in the light and in the dark."""
    page.goto(address)
    page.evaluate(AXE)
    for number, (scheme, size) in enumerate(LOOKS[language]):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        rules = {"runOnly": OF_LOOKS} if number else {}
        yield from (f"{scheme}, {size['width']}: {one}" for one in wrong_to_axe(page, **rules))
        if page.evaluate(TOO_WIDE):
            yield f"wider than {size['width']}"
    if page.locator("h1").count() != 1:
        yield "not one heading"
    if page.locator("html").get_attribute("lang") != language:
        yield "another language"
    if language == "ru":
        yield from (f"not translated: {one}" for one in page.evaluate(ENGLISH))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_can_be_used_by_everybody(site: Site, vendor: Vendor, computer: Computer, language: str) -> None:
    server, broken = site.server, Computer({**computer.facts, "disk": "another"})
    vendor.install(server.state, broken, "100-0002")
    server.call(server.server.keys.load())
    server.call(server.server.tokens.add(TokenOrder("monitor", "read", 30)))
    order = {"key_number": "100-0003", "pin": "1", "kit": msgspec.to_builtins(vendor.kit)}
    asked = server.call(server.server.activations.request(order))["request"]["request_id"]
    with server.client() as client:
        client.take("Анна")
        lease = next(iter(server.server.desk.book.leases))
        made = (f"/connections/{lease}/disconnect", f"/requests/{asked}", "/settings/tokens/monitor/remove")
        page = site.visitor(language)

        found = {address: list(wrong_with(page, address, language)) for address in (*PAGES, *made)}

    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_an_address_that_leads_nowhere_has_the_usual_navigation(site: Site) -> None:
    page = site.visitor("ru", at="/nothing")
    expect(page.get_by_role("alert")).to_contain_text("Такой страницы нет.")
    page.get_by_role("link", name="Ключи").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Список ключей")


def test_times_are_those_of_the_reader(site: Site) -> None:
    east = site.visitor("ru", timezone_id="Asia/Vladivostok")
    plain = site.visitor("ru", java_script_enabled=False)

    for page in (east, plain):
        page.goto(site.key())
    time = "dl.facts time"

    expect(east.locator(time).first).to_have_text("15 янв. 2027 г., 18:00")
    expect(plain.locator(time).first).to_have_text("2027-01-15 08:00 UTC")


def test_who_signs_in_comes_back_to_where_he_was_and_signs_out(
    site: Site, closed: ServerThread, vendor: Vendor, computer: Computer
) -> None:
    there = Site(f"http://{closed.address}:{WEB_PORT}", site.browser, server=closed)
    page = there.visitor("ru")
    assert list(wrong_with(page, "/sign-in", "ru")) == []
    page.goto("/events?kind=alarm")
    page.get_by_label("Пользователь").fill("Админ")
    page.get_by_label("Пароль").fill("пароль")
    page.get_by_role("button", name="Вход").click()
    expect(page).to_have_url(f"{there.url}/events?kind=alarm")
    open_all_day = page.context.new_page()
    open_all_day.goto("/keys")
    page.get_by_role("button", name="Выйти").click()

    expect(page.get_by_label("Пароль")).to_be_visible()
    open_all_day.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # it asks what is new
    expect(open_all_day.get_by_label("Пароль")).to_be_visible()
    expect(open_all_day).to_have_url(f"{there.url}/sign-in?back=%2Fkeys")
    there.leave()


def test_events_are_filtered(site: Site) -> None:
    page = site.visitor("ru", at="/events")
    page.get_by_label("Что", exact=True).select_option("сервер запущен")
    page.get_by_role("button", name="Найти").click()

    expect(page.locator("#rows tr")).to_have_count(1)
    page.get_by_label("По", exact=True).fill("2020-01-01")
    page.get_by_role("button", name="Найти").click()
    expect(page.locator("#nothing")).to_be_visible()
    page.get_by_role("link", name="Показать все").click()
    expect(page.locator("#rows tr").first).to_be_visible()


def test_why_a_license_was_refused_is_told_in_the_language_of_the_page(site: Site) -> None:
    with site.server.client() as client:
        client.hello()
        client.login(product="other")
    page = site.visitor("ru", at="/events?kind=denied")

    expect(page.locator("#rows tr")).to_contain_text("на этом сервере нет ключа для этого клиента: other")
    expect(page.locator("#rows [lang=en]")).to_have_count(0)


@pytest.mark.parametrize(("zone", "hours"), [("Pacific/Kiritimati", 14), ("Etc/GMT+12", -12)])
def test_days_of_events_are_those_of_the_reader(site: Site, zone: str, hours: int) -> None:
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=hours))).date()
    page = site.visitor(at="/events?kind=server_started", timezone_id=zone)
    expect(page.locator("#rows tr")).to_have_count(1)
    found = []
    for day in (today - datetime.timedelta(1), today, today + datetime.timedelta(1)):
        page.get_by_label("From").fill(day.isoformat())
        page.get_by_label("Until").fill(day.isoformat())
        with page.expect_navigation():
            page.get_by_role("button", name="Find").click()
        found.append(page.locator("#rows tr").count())

    assert found == [0, 1, 0]


def test_without_a_script_it_is_told_whose_days_they_are(site: Site) -> None:
    page = site.visitor("ru", at="/events", java_script_enabled=False)

    expect(page.locator("noscript p")).to_contain_text("Дни и время — по UTC.")


def test_events_follow_what_happens_and_old_ones_stay(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("licserver.server.web.pages.events.PAGE_EVENTS", 2)
    page = site.visitor(at="/events?kind=granted")
    expect(page.locator("#nothing")).to_be_visible()
    with contextlib.ExitStack() as clients:
        for user in ("anna", "boris", "viktor"):
            clients.enter_context(site.server.client()).take(user)
        expect(page.locator("#rows tr").first).to_contain_text("viktor")
        expect(page.locator("#rows tr")).to_have_count(2)
        page.get_by_role("link", name="Older").click()

        expect(page.locator("#rows tr")).to_have_count(1)
        expect(page.locator("#rows tr")).to_contain_text("anna")
        page.get_by_role("link", name="The newest").click()
        expect(page.locator("#rows tr")).to_have_count(2)


def test_seats_are_told_by_product_and_follow_what_happens(site: Site) -> None:
    page = site.visitor()
    expect(page.locator(".seats")).to_contain_text("0 of 5 in use, 5 free")
    with site.server.client() as client:
        client.take()

        expect(page.locator(".seats")).to_contain_text("1 of 5 in use, 4 free")
        expect(page.locator(".figures")).to_contain_text("1 connection")


def test_a_broken_key_is_told_at_once_and_what_became_of_its_computer(
    site: Site, vendor: Vendor, computer: Computer
) -> None:
    vendor.install(site.server.state, Computer({**computer.facts, "disk": "another"}), "100-0002")
    site.server.call(site.server.server.keys.load())

    page = site.visitor("ru")

    expect(page.get_by_role("listitem")).to_contain_text("не работает")
    page.get_by_role("link", name="100-0002").click()
    expect(page.locator(".notice.bad")).to_contain_text("Отличается: системный диск.")
    expect(page.get_by_role("link", name="Активировать его заново")).to_be_visible()

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every page: in both languages, on a phone, for whoever sees it and for whoever has it read out."""

import pytest
from playwright.sync_api import Page

from licserver.center.customers import Customer, store_customer
from server_core.tests.center.helpers import ACT, KEY, PINS
from server_core.tests.center.pages.conftest import Site

PUBLIC = ("/", "/exchange", "/nothing", "/staff/sign-in")
STAFF = (
    "/staff/phone",
    "/staff/keys",
    "/staff/keys?text=none",
    "/staff/keys/new",
    f"/staff/keys/of/{KEY}",
    f"/staff/keys/of/{KEY}/change",
    f"/staff/keys/of/{KEY}/pin",
    "/staff/packs",
    "/staff/packs/new",
    "/staff/customers",
    "/staff/customers/new",
    "/staff/customers/of/romashka",
    "/staff/products",
    "/staff/products/new",
    "/staff/products/of/retail",
    "/staff/history",
    "/staff/clones",
)
NOT_SAID = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a")]
    .filter(one => !(one.labels?.length || one.ariaLabel || (one.matches("a, button") && one.textContent.trim())))
    .map(one => one.outerHTML)"""
TWICE = """() => [...document.querySelectorAll("[id]")].map(one => one.id)
    .filter((id, place, all) => all.indexOf(id) !== place)"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
ENGLISH = """() => [...document.querySelectorAll("h1, h2, label, legend, th, button, nav.sections a")]
    .map(one => one.textContent.trim()).filter(text => /^[A-Za-z ]{4,}$/.test(text))"""


def look_at(page: Page, address: str, language: str) -> list[str]:
    """What is wrong with a page."""
    page.goto(address)
    wrong = [f"nobody says what this is: {one}" for one in page.evaluate(NOT_SAID)]
    wrong += [f"an id that is there twice: {one}" for one in page.evaluate(TWICE)]
    wrong += ["wider than a phone"] if page.evaluate(TOO_WIDE) else []
    wrong += [] if page.locator("h1").count() == 1 else ["not one heading"]
    wrong += [] if page.locator("html").get_attribute("lang") == language else ["another language"]
    if language == "ru":
        wrong += [f"not translated: {one}" for one in page.evaluate(ENGLISH)]
    return [f"{address}: {one}" for one in wrong]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_is_readable_on_a_phone_and_by_a_reader(site: Site, language: str) -> None:
    site.office.activate(PINS[0])
    with site.office.center.database.writing() as connection:
        store_customer(connection, Customer(customer="romashka", name="Ромашка"), act=ACT)
    phone = {"width": 360, "height": 740}
    visitor = site.visitor(language, viewport=phone)
    member = site.member("vendor", language, viewport=phone)

    wrong = [one for address in PUBLIC for one in look_at(visitor, address, language)]
    wrong += [one for address in STAFF for one in look_at(member, address, language)]

    assert wrong == []
    sections = [one.get_attribute("href") for one in member.locator("nav.sections a").all()]
    assert set(filter(None, sections)) <= set(STAFF)


def test_pages_can_be_used_with_the_keyboard_alone(site: Site) -> None:
    page = site.member("vendor")
    page.goto("/staff/customers")

    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_label("Customer").focus()
    page.keyboard.type("c1")
    page.keyboard.press("Tab")
    page.keyboard.type("Company")
    page.keyboard.press("Enter")

    page.get_by_role("row", name="Company").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(site: Site, scheme: str) -> None:
    page = site.visitor(color_scheme=scheme)

    colors = page.evaluate(
        """() => ["main", "footer", ".lead", "button"].map(name => {
            const style = getComputedStyle(document.querySelector(name))
            const ground = getComputedStyle(name === "button" ? document.querySelector(name) : document.body)
            return [name, style.color, ground.backgroundColor]
        })"""
    )

    assert [name for name, text, ground in colors if contrast(text, ground) < 4.5] == []


def contrast(one: str, other: str) -> float:
    """How much two colors differ (WCAG 2.2, section 1.4.3)."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    """As WCAG 2.2 defines it, of a color like ``rgb(1, 2, 3)``."""
    parts = [int(part) / 255 for part in color.removeprefix("rgb(").removesuffix(")").split(",")]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phone desk, in a browser, and a branch at the other end of the line."""

import msgspec
import pytest
from playwright.sync_api import Page, expect

from licserver.activation.phone import license_by_phone
from licserver.center.registry import store_product
from licserver.documents import License, read_unchecked
from server_core.tests.center.helpers import ACT, KEY, NOW, PINS, RETAIL
from server_core.tests.center.pages.conftest import Site
from server_core.tests.center.test_phone import Caller


@pytest.fixture
def caller(site: Site) -> Caller:
    """Somebody whose product may be activated by telephone."""
    with site.office.center.database.writing() as connection:
        store_product(connection, msgspec.structs.replace(RETAIL, phone=True), act=ACT)
    return Caller(site.office)


def tell(page: Page, pin: str, *blocks: str) -> None:
    page.locator("#key_number").fill(KEY)
    page.locator("#pin").fill(pin)
    for number, block in enumerate(blocks, 1):
        page.locator(f"#code{number}").fill(block)
    page.locator("main button").click()


@pytest.mark.parametrize(
    ("language", "javascript", "company", "next_call"),
    [("en", True, "Company", "Next call"), ("ru", False, "Организация", "Следующий звонок")],
)
def test_a_call_is_answered_with_three_blocks(
    site: Site, caller: Caller, language: str, javascript: bool, company: str, next_call: str
) -> None:
    page = site.member("desk", language, java_script_enabled=javascript)
    expect(page).to_have_url(f"{site.url}/staff/phone")
    page.get_by_label(company).fill("Branch 7")

    tell(page, PINS[0], *caller.code.split())
    expect(page.locator(".digits")).to_have_count(3)
    blocks = page.locator(".digits").all_inner_texts()

    license = read_unchecked(license_by_phone(caller.pending, " ".join(blocks), now=NOW), License)
    assert (license.key_number, license.activation) == (KEY, 1)
    assert site.office.pins_spent() == 1
    assert site.office.actors("anna") == [("activated", "staff", "anna")]
    page.get_by_role("link", name=next_call).click()
    expect(page.locator("#pin")).to_have_value("")


def test_a_code_may_be_typed_whole_and_a_block_that_was_misheard_is_named(site: Site, caller: Caller) -> None:
    page = site.member("desk", "ru")
    blocks = caller.code.split()
    wrong = blocks[1][:-1] + str((int(blocks[1][-1]) + 1) % 10)

    tell(page, PINS[0], "-".join([blocks[0], wrong, *blocks[2:]]))

    expect(page.get_by_role("alert")).to_contain_text("блок 2.")
    expect(page.locator("[aria-invalid=true]")).to_have_attribute("id", "code2")
    expect(page.locator("#code4")).to_have_value(blocks[3])
    tell(page, PINS[0], *blocks)
    expect(page.locator(".digits")).to_have_count(3)
    assert site.office.pins_spent() == 1


def test_a_refusal_says_what_to_do_and_keeps_what_was_typed(site: Site, caller: Caller) -> None:
    page = site.member("desk")

    tell(page, "0000-0000", *caller.code.split())

    expect(page.get_by_role("alert")).to_contain_text(f"The PIN is none of the key {KEY}.")
    expect(page.locator("#code1")).to_have_value(caller.code.split()[0])
    page.locator("#key_number").fill("a b")
    page.locator("main button").click()
    expect(page.locator("#key_number-problem")).to_be_visible()


def test_what_is_no_code_at_all(site: Site, caller: Caller) -> None:
    page = site.member("desk")

    tell(page, PINS[0], "12", "34", "ab")

    expect(page.get_by_role("alert")).to_contain_text("This is no whole request code.")

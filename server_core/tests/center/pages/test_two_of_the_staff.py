# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two members of the staff change the same thing at once, each in a browser."""

from playwright.sync_api import Page, expect

from licserver.center.registry import Product, find_product
from server_core.tests.center.pages.conftest import Site

PRODUCT = "/staff/products/of/retail"


def product(site: Site) -> Product:
    with site.office.center.database.reading() as connection:
        found = find_product(connection, "retail")
    assert found is not None
    return found


def both_at(site: Site, address: str) -> tuple[Page, Page]:
    """Anna, who reads English without JavaScript, and Boris, who reads Russian; both have the form before them."""
    anna = site.member("vendor", java_script_enabled=False)
    boris = site.member("vendor", "ru", name="boris")
    for page in (anna, boris):
        page.goto(address)
    return anna, boris


def save(page: Page, **typed: str) -> None:
    for name, text in typed.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("main button").click()


def test_what_another_one_changed_meanwhile_stays(site: Site) -> None:
    anna, boris = both_at(site, PRODUCT)

    save(boris, counter_limit0="7", counter_name1="tills", counter_limit1="2")
    expect(boris.get_by_role("row", name="retail")).to_contain_text("main: 7, tills: 2")
    save(anna, head="Call us")
    expect(anna.get_by_role("row", name="retail")).to_contain_text("main: 7, tills: 2")

    assert product(site).head == "Call us"
    changes = [change for change in site.office.actors() if change[0] == "product_changed"]
    assert changes == [("product_changed", "staff", "anna"), ("product_changed", "staff", "boris")]


def test_a_change_of_the_same_is_told_before_it_is_replaced_and_nothing_typed_is_lost(site: Site) -> None:
    anna, boris = both_at(site, PRODUCT)
    save(anna, name="Retail 9", counter_limit0="6")
    anna.get_by_role("row", name="Retail 9").wait_for()

    boris.locator("[name=phone]").check()
    save(boris, name="Розница", counter_limit0="7", head="Звоните")

    expect(boris.locator("#name-problem")).to_contain_text("«Retail 9»")
    expect(boris.locator("fieldset .problem")).to_contain_text("main session 6")
    expect(boris.locator("[name=name]")).to_have_value("Розница")
    expect(boris.locator("[name=counter_limit0]")).to_have_value("7")
    expect(boris.locator("[name=phone]")).to_be_checked()
    assert product(site).name == "Retail 9"
    save(boris)
    boris.get_by_role("row", name="Розница").wait_for()
    now = product(site)
    assert (now.name, now.counters[0].limit, now.head, now.phone) == ("Розница", 7, "Звоните", True)

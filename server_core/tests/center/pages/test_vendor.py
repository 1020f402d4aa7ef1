# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's pages, in a browser."""

from playwright.sync_api import expect

from licserver.center import registry
from licserver.center.catalog import CatalogKey
from licserver.center.customers import Customer, store_customer
from licserver.center.pack_registry import digest_of
from licserver.center.pins import normalize_pin, password_digest
from server_core.tests.center.helpers import ACT, KEY, PINS
from server_core.tests.center.pages.conftest import Site


def test_a_product_is_added_and_changed(site: Site) -> None:
    page = site.member("vendor")
    page.get_by_role("link", name="Products").click()
    page.get_by_role("link", name="New product").click()
    page.get_by_label("Product", exact=True).fill("accounting")
    page.get_by_label("Full name").fill("Accounting <3>")
    page.get_by_label("Counter 1").fill("users")
    page.get_by_label("One license for each 1").select_option(label="by user")
    page.get_by_label("Licenses 1").fill("20")
    page.get_by_label("may be activated by phone").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="accounting")).to_contain_text("users: 20")

    page.get_by_role("link", name="accounting").click()
    page.get_by_label("Unchanged facts").select_option("3")
    page.get_by_label("Line at the head of every key file").fill("Call us")
    page.get_by_role("button", name="Save").click()

    with site.office.center.database.reading() as connection:
        product = registry.find_product(connection, "accounting")
    assert product is not None
    assert (product.name, product.phone, product.same_facts, product.head) == ("Accounting <3>", True, 3, "Call us")
    assert [(one.name, one.type, one.limit) for one in product.counters] == [("users", "user", 20)]
    assert [event for event, *_ in site.office.actors("anna")] == ["product_changed", "product_added"]


WRONG = (
    ("product", "a b", "Latin letters, digits"),
    ("product", "retail", "This is taken already."),
    ("pins", "0", "A number from 1 to 100."),
    ("counter_limit0", "many", "Each counter needs a name of its own"),
    ("counter_name1", "main", "Each counter needs a name of its own"),
    ("head", "-----", "without five hyphens in a row"),
)


def test_what_is_wrong_in_a_form_is_said_at_its_field_and_nothing_typed_is_lost(site: Site) -> None:
    page = site.member("vendor")
    page.goto("/staff/products/new")
    right = {"product": "new", "name": "New", "pins": "3", "head": ""}
    right |= {"counter_name0": "main", "counter_limit0": "1", "counter_name1": "", "counter_limit1": "1"}

    for field, value, said in WRONG:
        for name, text in {**right, field: value}.items():
            page.locator(f"[name={name}]").fill(text)
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".problem")).to_contain_text(said)
        expect(page.locator("[name=name]")).to_have_value("New")
        expect(page.locator(f"[name={field}]")).to_have_value(value)


def test_a_customer_is_added_and_changed(site: Site) -> None:
    page = site.member("vendor", "ru")
    page.get_by_role("link", name="Покупатели").click()
    page.get_by_role("link", name="Новый покупатель").click()
    page.get_by_label("Покупатель").fill("romashka")
    page.get_by_label("Название").fill("ООО «Ромашка»")
    page.get_by_role("button", name="Сохранить").click()
    page.get_by_role("link", name="romashka").click()
    page.get_by_label("ИНН").fill("7707083893")
    page.get_by_role("button", name="Сохранить").click()

    page.get_by_role("searchbox").fill("ромашка 7707")
    page.get_by_role("button", name="Найти").click()
    expect(page.get_by_role("row", name="romashka")).to_contain_text("7707083893")
    page.get_by_role("searchbox").fill("7708")
    page.get_by_role("button", name="Найти").click()
    expect(page.get_by_text("Ничего не найдено.")).to_be_visible()


def test_a_key_is_issued_and_its_pins_are_shown_once(site: Site) -> None:
    with site.office.center.database.writing() as connection:
        store_customer(connection, Customer(customer="romashka", name="Romashka"), act=ACT)
    page = site.member("vendor")
    page.get_by_role("link", name="Keys").click()
    page.get_by_role("link", name="Issue a key").click()
    page.get_by_label("Product").select_option("retail")
    page.get_by_label("Key number").fill("200-0001")
    page.get_by_label("Customer").fill("romashka")
    page.get_by_label("Expires").fill("2030-12-31")
    page.get_by_role("button", name="Issue the key").click()
    expect(page.get_by_role("status")).to_contain_text("These PINs are shown only now.")
    pins = page.locator(".secrets li").all_inner_texts()

    assert site.office.activate(pins[0], key_number="200-0001").expires_at == 1_924_991_999
    page.get_by_role("link", name="To the key").click()
    expect(page.locator("dl")).to_contain_text("1 / 3")
    expect(page.locator("dl")).to_contain_text("Romashka (romashka)")
    assert not [pin for pin in pins if pin in page.content()]


def test_a_form_that_is_sent_twice_issues_one_key(site: Site) -> None:
    page = site.member("vendor")
    page.goto("/staff/keys/new?product=retail")
    number = page.get_by_label("Key number").input_value()
    page.get_by_role("button", name="Issue the key").click()
    expect(page.locator(".secrets")).to_be_visible()

    page.reload()

    expect(page.locator(".problem")).to_contain_text("This is taken already.")
    page.goto("/staff/keys")
    expect(page.get_by_role("link", name=number)).to_have_count(1)


def test_a_key_is_changed_and_gets_another_pin(site: Site) -> None:
    page = site.member("vendor")
    page.goto(f"/staff/keys/of/{KEY}")
    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_label("Counter 1").fill("main")
    page.get_by_label("Licenses 1").fill("50")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Make another PIN").click()
    page.get_by_role("button", name="Make the PIN").click()
    pin = page.locator(".secrets li").inner_text()

    assert site.office.activate(pin).counters[0].limit == 50
    page.reload()  # the form is sent again, and makes no further PIN
    expect(page.locator("dl")).to_contain_text("1 / 4")


def test_an_unknown_customer_is_told(site: Site) -> None:
    page = site.member("vendor")
    page.goto(f"/staff/keys/of/{KEY}/change")
    page.get_by_label("Customer").fill("nobody")

    page.get_by_role("button", name="Save").click()

    expect(page.locator(".problem")).to_have_text("There is no such customer.")


def test_a_key_tells_what_happened_to_it(site: Site) -> None:
    site.office.activate(PINS[0])
    page = site.member("desk", "ru")

    page.goto(f"/staff/keys/of/{KEY}")

    expect(page.get_by_role("row", name="Branch 1")).to_be_visible()
    expect(page.get_by_role("row", name="ключ выпущен")).to_be_visible()
    expect(page.get_by_role("row", name="активирован")).to_be_visible()


def test_many_keys_are_shown_page_by_page_and_found(site: Site) -> None:
    site.office.apply(
        keys=[CatalogKey(key_number=f"300-{number:04}", product="virtual", pins=("1111",)) for number in range(150)]
    )
    page = site.member("vendor")
    page.goto("/staff/keys")
    expect(page.locator("tbody tr")).to_have_count(100)
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("tbody tr")).to_have_count(51)
    expect(page.get_by_role("link", name="Next page")).to_have_count(0)
    page.get_by_role("link", name="First page").click()

    page.get_by_role("searchbox").fill("300-014")
    page.get_by_role("button", name="Find").click()

    expect(page.locator("tbody tr")).to_have_count(10)


def test_a_pack_is_issued_and_its_password_is_shown_once(site: Site) -> None:
    page = site.member("vendor")
    page.get_by_role("link", name="Packs").click()
    page.get_by_role("link", name="Issue a pack").click()
    page.get_by_label("Pack").fill("P-7")
    page.get_by_label("Product").select_option("retail")
    page.get_by_label("Counter 1").fill("other")
    page.get_by_label("Licenses 1").fill("10")
    page.get_by_role("button", name="Issue the pack").click()
    expect(page.locator(".problem")).to_have_text("The product has no such counter.")
    page.get_by_label("Counter 1").fill("main")
    page.get_by_role("button", name="Issue the pack").click()
    expect(page.get_by_role("status")).to_contain_text("This password is shown only now.")
    password = page.locator(".secrets li").inner_text()

    digest = password_digest(site.office.center.authority.pepper, "P-7", normalize_pin(password))
    with site.office.center.database.reading() as connection:
        assert digest_of(connection, "P-7") == digest
    assert site.office.actors("pack_added") == [("pack_added", "staff", "anna")]
    page.get_by_role("link", name="To the packs").click()
    page.get_by_role("searchbox").fill("p-7 retail")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("row", name="P-7")).to_contain_text("main +10")


def test_the_history_is_searched(site: Site) -> None:
    site.office.activate(PINS[0])
    page = site.member("desk", "ru")
    page.get_by_role("link", name="История").click()
    expect(page.locator("tbody tr")).to_have_count(4)

    page.get_by_label("Что").select_option(label="активирован")
    page.get_by_role("searchbox").fill(KEY)
    page.get_by_role("button", name="Найти").click()

    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text(KEY)
    expect(page.locator("tbody tr")).to_contain_text("192.0.2.7, онлайн")
    page.get_by_label("Что").select_option(label="всё")
    page.get_by_role("searchbox").fill("shell root")
    page.get_by_role("button", name="Найти").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("tbody tr").first).to_contain_text("root, командная строка")


def test_a_long_history_is_shown_page_by_page(site: Site) -> None:
    with site.office.center.database.writing() as connection:
        for _ in range(150):
            registry.record(connection, "clone_seen", act=ACT, key_number=KEY)
    page = site.member("vendor")
    page.get_by_role("link", name="Clones").click()
    expect(page.locator("tbody tr")).to_have_count(100)

    page.get_by_role("link", name="Next page").click()

    expect(page.locator("tbody tr")).to_have_count(50)

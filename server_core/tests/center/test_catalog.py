# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A catalog brings the registry to what it says: no more, no less, and once."""

import json
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from licserver.center import registry
from licserver.center.catalog import CatalogError, CatalogKey, read_catalog
from licserver.center.customers import Customer, list_customers
from licserver.center.pins import pin_digest
from licserver.center.schema import metadata
from licserver.documents import Counter
from server_core.tests.center.helpers import COUNTERS, KEY, PINS, RETAIL, Office

PRODUCT: dict[str, Any] = {
    "product": "retail",
    "name": "Retail 8",
    "counters": [{"name": "main", "type": "session", "limit": 5}],
}
TILLS = (Counter(name="tills", type="computer", limit=2),)


@pytest.fixture
def database_url(each_database: str | None) -> str | None:
    """All of this holds on every kind of database."""
    return each_database


def read(catalog: object) -> None:
    read_catalog(json.dumps(catalog).encode(), source="catalog.json")


def test_applying_twice_changes_nothing(office: Office) -> None:
    key = CatalogKey(key_number="100-0002", product="retail", pins=("4444-4444",), counters=TILLS, expires_at=5)

    first = office.apply([RETAIL], [key])
    second = office.apply([RETAIL], [key])

    assert first.report() == {
        "changed": True,
        "products_added": [],
        "products_changed": [],
        "customers_added": [],
        "customers_changed": [],
        "keys_added": ["100-0002"],
        "keys_changed": [],
        "packs_added": [],
        "packs_changed": [],
    }
    assert second.report()["changed"] is False


def test_a_dry_run_says_the_same_and_changes_nothing(office: Office) -> None:
    keys = [CatalogKey(key_number="100-0002", product="retail", pins=("4444-4444",))]

    said = office.apply(keys=keys, keep=False).report()

    assert said == office.apply(keys=keys).report()
    assert said["changed"] is True


def test_a_changed_product_is_noticed(office: Office) -> None:
    changed = msgspec.structs.replace(
        RETAIL, counters=TILLS + COUNTERS, reactivation="never", phone=True, same_facts=2, head="Keep this file"
    )

    applied = office.apply([changed])

    assert applied.products_changed == ["retail"]
    with office.center.database.reading() as connection:
        assert registry.find_product(connection, "retail") == changed


def test_a_key_follows_its_product_unless_it_has_counters_of_its_own(office: Office) -> None:
    own = CatalogKey(key_number="100-0002", product="retail", pins=("4444-4444",), counters=TILLS)
    office.apply([msgspec.structs.replace(RETAIL, counters=TILLS + COUNTERS)], [own])

    assert office.activate(PINS[0]).counters == TILLS + COUNTERS
    assert office.activate("4444-4444", key_number="100-0002").counters == TILLS


def test_customers_are_added_and_changed(office: Office) -> None:
    customer = Customer(customer="C-1", name="Branch Ltd", tax_id="7701234567")

    assert office.apply(customers=[customer]).customers_added == ["C-1"]
    assert not office.apply(customers=[customer]).report()["changed"]
    moved = msgspec.structs.replace(customer, address="Moscow", phone="+7 495 000", email="it@branch.example")
    assert office.apply(customers=[moved]).customers_changed == ["C-1"]
    with office.center.database.reading() as connection:
        assert list_customers(connection) == [moved]


def test_a_key_is_sold_to_a_customer_and_stays_his_where_none_is_named(office: Office) -> None:
    customers = [Customer(customer=name, name=name) for name in ("C-1", "C-2")]
    key = CatalogKey(key_number=KEY, product="retail")

    sold = office.apply(customers=customers, keys=[msgspec.structs.replace(key, customer="C-1")])
    assert (sold.keys_changed, sold.made_pins) == ([KEY], {})
    assert not office.apply(keys=[key]).report()["changed"]
    office.apply(keys=[msgspec.structs.replace(key, customer="C-2")])
    with office.center.database.reading() as connection:
        found = registry.find_key(connection, KEY)
        listed = registry.search_keys(connection)

    assert found is not None
    assert [found.customer, *(one["customer"] for one in listed)] == ["C-2", "C-2"]


def test_further_pins_are_added_and_old_ones_stay(office: Office) -> None:
    office.activate(PINS[0])

    applied = office.apply(keys=[CatalogKey(key_number=KEY, product="retail", pins=("9999-9999",))])

    assert applied.keys_changed == [KEY]
    assert office.activate("9999-9999").activation == 2
    assert office.activate(PINS[1]).activation == 3


def test_left_out_pins_are_made_as_many_as_the_product_says_once(office: Office) -> None:
    key = CatalogKey(key_number="100-0002", product="retail")

    made = office.apply(keys=[key]).made_pins
    again = office.apply(keys=[key]).made_pins

    assert len(made["100-0002"]) == RETAIL.pins
    assert not again
    assert office.activate(made["100-0002"][0], key_number="100-0002").activation == 1


def test_no_pin_is_stored_in_clear(office: Office) -> None:
    with office.center.database.reading() as connection:
        digests = registry.pin_digests(connection, KEY)
        stored = str([connection.execute(select(table)).all() for table in metadata.tables.values()])

    assert digests == {pin_digest(office.center.authority.pepper, KEY, pin.replace("-", "")) for pin in PINS}
    assert not [pin for pin in PINS if pin in stored or pin.replace("-", "") in stored]


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (CatalogKey(key_number="100-0002", product="nothing", pins=("4444",)), "nothing, which nobody knows"),
        (CatalogKey(key_number=KEY, product="virtual", pins=("4444",)), "sold as retail, it cannot become virtual"),
        (CatalogKey(key_number=KEY, product="retail", customer="C-9"), "the customer C-9, whom nobody knows"),
    ],
)
def test_an_impossible_key_undoes_the_whole_catalog(office: Office, key: CatalogKey, problem: str) -> None:
    good = CatalogKey(key_number="100-0003", product="retail", pins=("5555",))

    with pytest.raises(CatalogError, match=problem):
        office.apply(keys=[good, key])

    with office.center.database.reading() as connection:
        assert registry.find_key(connection, "100-0003") is None


@pytest.mark.parametrize(
    ("catalog", "problem"),
    [
        ([], "Expected `object`"),
        ({"product": []}, "unknown field `product`"),
        ({"products": [{**PRODUCT, "counters": []}]}, r"\$.products\[0\].counters"),
        ({"products": [{**PRODUCT, "reactivation": "sometimes"}]}, r"\$.products\[0\].reactivation"),
        ({"products": [{**PRODUCT, "product": "../retail"}]}, r"\$.products\[0\].product"),
        ({"products": [{**PRODUCT, "same_facts": 0}]}, r"\$.products\[0\].same_facts"),
        ({"products": [{**PRODUCT, "same_facts": 5}]}, r"\$.products\[0\].same_facts"),
        ({"products": [{**PRODUCT, "head": "two\nlines"}]}, r"\$.products\[0\].head"),
        ({"products": [{**PRODUCT, "head": "-----BEGIN PROTECT LICENSE-----"}]}, r"\$.products\[0\].head"),
        ({"customers": [{"customer": "C-1", "name": ""}]}, r"\$.customers\[0\].name"),
        ({"customers": [{"customer": "C-1", "name": "A"}] * 2}, "the customer C-1 stands in it 2 times"),
        ({"products": [PRODUCT, PRODUCT]}, "the product retail stands in it 2 times"),
        ({"products": [{**PRODUCT, "counters": PRODUCT["counters"] * 2}]}, "retail: counter main stands in it 2 times"),
        ({"keys": [{"key_number": KEY, "product": "retail"}] * 2}, f"the key {KEY} stands in it 2 times"),
        ({"keys": [{"key_number": KEY, "product": "retail", "pin": "1"}]}, "unknown field `pin`"),
        ({"keys": [{"key_number": KEY, "product": "retail", "pins": []}]}, "empty list of PINs"),
        ({"keys": [{"key_number": KEY, "product": "retail", "pins": ["12"]}]}, "a PIN has 4 to 64"),
        ({"keys": [{"key_number": KEY, "product": "retail", "pins": ["12-34", "1234"]}]}, "the same PIN twice"),
    ],
)
def test_a_bad_catalog_is_refused_saying_where(catalog: object, problem: str) -> None:
    with pytest.raises(CatalogError, match=f"catalog.json: .*{problem}"):
        read(catalog)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(CatalogError, match=r"catalog\.json: "):
        read_catalog(text, source="catalog.json")

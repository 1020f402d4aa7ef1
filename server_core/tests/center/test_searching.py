# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and events found again, on every kind of database."""

from typing import Any

import pytest

from licserver.center import registry
from licserver.center.catalog import CatalogKey
from licserver.center.customers import Customer
from licserver.documents import Company
from licserver.errors import LicensingError
from server_core.tests.center.helpers import KEY, NOW, PINS, SERVER, Office


@pytest.fixture
def database_url(each_database: str | None) -> str | None:
    """All of this holds on every kind of database."""
    return each_database


@pytest.fixture
def busy(office: Office) -> Office:
    """An office with four keys: two of a customer, one that somebody else activated, one of another product."""
    office.apply(
        customers=[Customer(customer="C-1", name="ООО «Ёлка»")],
        keys=[
            CatalogKey(key_number=KEY, product="retail", customer="C-1"),
            CatalogKey(key_number="100-0002", product="retail", pins=("4444",), customer="C-1"),
            CatalogKey(key_number="100-0003", product="retail", pins=("5555",)),
            CatalogKey(key_number="200-0001", product="virtual", pins=("6666",)),
        ],
    )
    office.clock.now += 100
    office.activate("5555", key_number="100-0003", company=Company(name="Ёжик & Co_100%"))
    return office


def found(office: Office, text: str = "", **options: Any) -> list[str]:
    with office.center.database.reading() as connection:
        return [key["key_number"][-4:] for key in registry.search_keys(connection, text, **options)]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ["0001", "0002", "0003", "0001"]),
        ("200-", ["0001"]),
        ("VIRTUAL", ["0001"]),
        ("ёлка", ["0001", "0002"]),
        ("c-1", ["0001", "0002"]),
        ("ЁЛКА 0002", ["0002"]),
        ("ёжик", ["0003"]),
        ("_100%", ["0003"]),
        ("%", ["0003"]),
        ("nothing", []),
        ("';--", []),
    ],
)
def test_keys_are_found_by_words_in_whatever_is_known_of_them(busy: Office, text: str, keys: list[str]) -> None:
    assert found(busy, text) == keys


def test_keys_are_found_by_product_and_customer_and_page_by_page(busy: Office) -> None:
    assert found(busy, product="virtual") == ["0001"]
    assert found(busy, customer="C-1") == ["0001", "0002"]
    assert found(busy, limit=2) == ["0001", "0002"]
    assert found(busy, after="100-0002", limit=1) == ["0003"]


def test_a_found_key_says_what_is_known_of_it(busy: Office) -> None:
    with busy.center.database.reading() as connection:
        (key,) = registry.search_keys(connection, "100-0003")
        (sold,) = registry.search_keys(connection, "100-0002")

    assert (key["pins"], key["pins_spent"], key["activated_at"]) == (1, 1, NOW + 100)
    assert (sold["customer"], sold["customer_name"], sold["pins_spent"]) == ("C-1", "ООО «Ёлка»", 0)


def events(office: Office, **options: Any) -> list[str]:
    with office.center.database.reading() as connection:
        return [entry["event"] for entry in registry.search_history(connection, **options)]


def test_what_happened_is_told_from_the_newest_on(busy: Office) -> None:
    with pytest.raises(LicensingError):
        busy.issuer.answer(busy.request(PINS[0], key_number="100-0003"), SERVER)

    assert events(busy, limit=2) == ["refused", "activated"]
    assert events(busy, key_number="100-0003") == ["refused", "activated", "key_added"]
    assert events(busy, event="activated") == ["activated"]
    assert events(busy, since=NOW + 1) == ["refused", "activated"]
    assert events(busy, text="WRONG_pin 0003") == ["refused"]
    assert events(busy, text="c-1") == ["customer_added"]
    assert events(busy, pack="P-1") == []


def test_who_did_something_is_told_and_searched(busy: Office) -> None:
    assert busy.actors("activated") == [("activated", "api", "192.0.2.7")]
    assert events(busy, text="192.0.2.7") == ["activated"]
    assert set(busy.actors("shell root")) == {
        (event, "shell", "root") for event in ("product_added", "customer_added", "key_added", "key_changed")
    }


def test_a_search_in_the_history_goes_on_where_it_ended(busy: Office) -> None:
    with busy.center.database.reading() as connection:
        everything = registry.search_history(connection)
        first = registry.search_history(connection, limit=3)
        rest = registry.search_history(connection, before=first[-1]["entry"])

    assert first + rest == everything

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which connections an administrator means."""

from typing import Any

import msgspec
import pytest

from licserver.server.selection import EVERY, Filter, ReleaseOrder
from server_core.tests.seats.helpers import holder_of, lease_of

ANNA = lease_of("anna", key_number="100-0001")
BORIS = lease_of("boris", key_number="100-0002")
BORIS.holder = holder_of("boris", user="ИВАНОВ Борис", computer="PC2")
BORIS.state = "blocked"
BORIS.since = ANNA.since + 60
BOTH = [BORIS, ANNA]


def test_without_a_filter_everybody_is_meant_longest_first() -> None:
    assert EVERY.chosen(BOTH) == [ANNA, BORIS]


@pytest.mark.parametrize(
    "wanted",
    [
        {"user": "иванов борис"},
        {"computer": "pc2"},
        {"key_number": "100-0002"},
        {"state": "blocked"},
        {"user": "Иванов Борис", "computer": "PC2", "product": BORIS.product},
    ],
)
def test_a_filter_finds_what_has_all_of_it(wanted: dict[str, Any]) -> None:
    assert Filter(**wanted).chosen(BOTH) == [BORIS]


def test_a_filter_that_contradicts_itself_finds_nobody() -> None:
    assert Filter(user="anna", key_number="100-0002").chosen(BOTH) == []


def test_connections_are_released_by_name() -> None:
    assert ReleaseOrder(leases=frozenset({ANNA.lease, "gone"})).chosen(BOTH) == [ANNA]


@pytest.mark.parametrize(("order", "found"), [({"all": True}, [ANNA, BORIS]), ({"state": "blocked"}, [BORIS])])
def test_an_order_may_mean_all_or_what_a_filter_finds(order: dict[str, Any], found: list[Any]) -> None:
    assert msgspec.convert(order, ReleaseOrder).chosen(BOTH) == found


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"all": False},
        {"all": True, "user": "anna"},
        {"leases": [], "all": True},
        {"leases": ["a"], "user": "anna"},
        {"users": "anna"},
        {"state": "freed"},
        {"leases": "a"},
    ],
)
def test_an_order_that_is_not_clear_is_refused(order: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(order, ReleaseOrder)

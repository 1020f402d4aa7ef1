# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How people look through the list of connections."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.sealing import X25519PrivateKey
from licserver.seats.lease import Lease
from licserver.server.connection_list import PAGE_ROWS, Query, look_through
from server_core.tests.helpers import KEY, NOW, PRODUCT, holder

PRIVATE = X25519PrivateKey.generate()


def lease(user: str, *, computer: str = "pc1", **more: Any) -> Lease:
    fields = {"key_number": KEY, "product": PRODUCT, "counter": "main", "counter_type": "session", "since": NOW, **more}
    return Lease(lease=user, holder=holder(PRIVATE, user, computer), state_ends=0.0, secret=b"", **fields)


def users(leases: list[Lease], **query: Any) -> list[str]:
    return [row.user for row in look_through(leases, Query(**query)).rows]


def test_those_that_last_longest_come_first() -> None:
    assert users([lease("b", since=2), lease("a", since=1)]) == ["a", "b"]


def test_names_are_sorted_without_regard_to_case_either_way() -> None:
    leases = [lease("b"), lease("A"), lease("Ё"), lease("c")]

    assert users(leases, sort="user") == ["A", "b", "c", "Ё"]
    assert users(leases, sort="user", order="down") == ["Ё", "c", "b", "A"]


@pytest.mark.parametrize("words", ["ANN", "pc9", "retail", KEY])
def test_words_are_found_in_every_name(words: str) -> None:
    one = lease("anna", computer="PC9")
    other = lease("boris", product="other", key_number="200")

    assert users([one, other], text=words) == ["anna"]


def test_a_state_and_a_key_narrow_it() -> None:
    leases = [lease("a"), lease("b", state="blocked"), lease("c", state="blocked", key_number="200")]

    assert users(leases, state="blocked", key=KEY) == ["b"]


def test_a_page_beyond_the_last_one_is_the_last_one() -> None:
    leases = [lease(f"{number:03}") for number in range(PAGE_ROWS + 1)]

    found = look_through(leases, Query(sort="user", page=9))

    assert ([row.user for row in found.rows], found.number, found.pages) == ([f"{PAGE_ROWS:03}"], 2, 2)
    assert (found.found, found.total) == (PAGE_ROWS + 1, PAGE_ROWS + 1)


def test_a_head_sorts_and_then_turns_round() -> None:
    assert Query(page=3).sorted_by("user") == "sort=user"
    assert Query(sort="user").sorted_by("user") == "sort=user&order=down"
    assert Query(sort="user", order="down").sorted_by("user") == "sort=user"


def test_an_address_says_no_more_than_it_must() -> None:
    assert Query().address() == ""
    assert Query(text="а б", page=2).address() == "text=%D0%B0+%D0%B1&page=2"


def test_what_makes_no_sense_is_passed_over() -> None:
    given = {"sort": "secret", "page": "-1", "state": "freed", "text": "x" * 201, "order": "down", "more": "1"}

    assert Query.read(given) == Query(order="down")


@given(st.dictionaries(st.sampled_from(Query.__struct_fields__), st.text(max_size=10)))
def test_any_address_shows_something(given: dict[str, str]) -> None:
    query = Query.read(given)

    assert look_through([lease("anna")], query).total == 1
    assert query.address() == "" or "=" in query.address()

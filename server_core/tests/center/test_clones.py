# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key that is alive twice is recorded, whatever gives it away; what may be a repair is not."""

from typing import Any

import msgspec
import pytest

from licserver.activation.phone import shorten
from licserver.center import registry
from licserver.center.clones import Self, old_self, other_computer
from licserver.documents import FactKind
from licserver.errors import LicensingError
from server_core.tests.center.helpers import KEY, PINS, RETAIL, SERVER, Office, facts
from server_core.tests.center.test_packs import PACK, Branch

FIRST, SECOND = Self("first", facts()), Self("second", facts(network="new"))


@pytest.fixture
def database_url(each_database: str | None) -> str | None:
    """All of this holds on every kind of database."""
    return each_database


def clones(office: Office) -> list[tuple[str, str]]:
    """By what clones were seen and which facts differed, oldest first."""
    with office.center.database.reading() as connection:
        seen = registry.search_history(connection, event="clone_seen", key_number=KEY)
    return [(entry["code"], entry["facts"]) for entry in reversed(seen)]


def refused(office: Office, pin: str, **options: Any) -> str:
    with pytest.raises(LicensingError) as refusal:
        office.issuer.answer(office.request(pin, **options), SERVER)
    return refusal.value.code


@pytest.mark.parametrize(("key_public", "differ"), [("first", ("network",)), ("second", None), ("nobody's", None)])
def test_an_earlier_key_pair_should_be_gone(key_public: str, differ: tuple[FactKind, ...] | None) -> None:
    assert old_self([FIRST, SECOND], key_public) == differ


@pytest.mark.parametrize(
    ("today", "same_facts", "differ"),
    [
        (facts(network="new"), 1, None),
        (facts(network="new", disk="new"), 2, None),
        (facts(network="new", disk="new"), 4, ("disk",)),
        (facts("x", "x", "x", "x"), 1, ("disk", "network", "system", "board")),
        (facts(), 1, ("network",)),
    ],
)
def test_another_computer_and_one_that_was_left_are_told_from_a_repair(
    today: Any, same_facts: int, differ: tuple[FactKind, ...] | None
) -> None:
    assert other_computer([FIRST, SECOND], today, same_facts=same_facts) == differ


def test_facts_that_came_by_telephone_are_compared_as_short_as_they_are() -> None:
    by_phone = Self("by phone", shorten(facts()))

    assert other_computer([by_phone], facts(), same_facts=1) is None
    assert other_computer([by_phone], facts("x", "x", "x", "x"), same_facts=1) is not None


def test_an_activation_and_repairs_are_no_clones(office: Office) -> None:
    office.activate(PINS[0])
    office.activate(PINS[1], of=facts(disk="new"))
    office.activate(PINS[2], of=facts(disk="new", network="new"))

    assert clones(office) == []


def test_a_key_tried_on_another_computer_is_seen(office: Office) -> None:
    office.activate(PINS[0])

    assert refused(office, PINS[0], of=facts("x", "x", "x", "b")) == "pin_spent"
    assert refused(office, PINS[1], of=facts("x", "x", "x", "x")) == "other_computer"

    assert clones(office) == [("activation", "disk,network,system,board")]


def test_a_machine_and_its_copy_that_are_activated_in_turn_are_seen(office: Office) -> None:
    office.activate(PINS[0])
    office.activate(PINS[1], of=facts(network="copy"))

    assert office.activate(PINS[2]).activation == 3

    assert clones(office) == [("activation", "network")]


def test_who_knows_no_pin_can_record_nothing(office: Office) -> None:
    office.activate(PINS[0])

    refused(office, "0000-0000", of=facts("x", "x", "x", "x"))

    assert clones(office) == []


def test_an_old_request_that_comes_again_is_seen_once(office: Office) -> None:
    request = office.request(PINS[0])
    answer = office.issuer.answer(request, SERVER)
    office.issuer.answer(request, SERVER)
    office.activate(PINS[1], of=facts(disk="new"))

    assert [office.issuer.answer(request, SERVER) for _ in range(3)] == [answer] * 3

    assert clones(office) == [("repeated_request", "disk")]


def test_a_key_that_was_left_and_asks_for_a_pack_is_seen(office: Office) -> None:
    office.apply(packs=[PACK])
    left = Branch(office)
    lives = Branch(office, PINS[1], of=facts(board="new"))
    lives.activate()

    assert left.refused(password="0000-0000") == "wrong_password"

    assert clones(office) == [("pack_request", "board")]


def test_what_was_set_by_the_vendor_decides_what_another_computer_is(office: Office) -> None:
    office.apply([msgspec.structs.replace(RETAIL, same_facts=3)])
    office.activate(PINS[0])

    assert refused(office, PINS[1], of=facts(disk="new", board="new")) == "other_computer"

    assert clones(office) == [("activation", "disk,board")]

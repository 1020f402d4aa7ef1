# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets a license, and what everybody else is told."""

from dataclasses import replace
from itertools import combinations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.binding import FACT_KINDS, FACT_NAMES
from licserver.center.answering import (
    MAX_WRONG_PINS,
    Case,
    KeyRecord,
    PinState,
    Refusal,
    decide,
)
from licserver.documents import ActivationRequest, Company, FactDigest, FactKind, License, Pack, Raise
from server_core.tests.center.helpers import COUNTERS, KEY, NOW, an_issued_license, facts

RECORD = KeyRecord(KEY, "retail", "Retail 8", COUNTERS, "pins", None, same_facts=1, head="", phone=False, pins=3)
FRESH = Case(key=RECORD, last=None, pin=PinState.UNSPENT, unspent_pins=3, recent_wrong_pins=0)
LAST = an_issued_license()
ACTIVATED = replace(FRESH, last=LAST, unspent_pins=2)
OTHER = facts("x", "x", "x", "x")


def a_request(of: dict[FactKind, FactDigest] | None = None) -> ActivationRequest:
    return ActivationRequest(
        request_id="request-0123456789",
        key_number=KEY,
        sealed_pin="",
        key_public="public",
        facts=facts() if of is None else of,
        company=Company(name="Branch 1"),
        server_version="0.1.0",
        created_at=NOW,
    )


def refusal(case: Case, of: dict[FactKind, FactDigest] | None = None) -> Refusal:
    decision = decide(case, a_request(of), vendor="Vendor", now=NOW)
    assert isinstance(decision, Refusal)
    return decision


def granted(case: Case, of: dict[FactKind, FactDigest] | None = None) -> License:
    decision = decide(case, a_request(of), vendor="Vendor", now=NOW)
    assert isinstance(decision, License)
    return decision


def test_first_license_repeats_the_request_and_the_sold_key() -> None:
    license = granted(FRESH)

    request = a_request()
    assert (license.key_public, license.facts, license.company) == (request.key_public, request.facts, request.company)
    assert (license.counters, license.product, license.vendor) == (COUNTERS, "retail", "Vendor")
    assert (license.activation, license.request_id, license.issued_at) == (1, request.request_id, NOW)


def test_reactivation_is_numbered_on() -> None:
    assert granted(replace(ACTIVATED, last=msgspec.structs.replace(LAST, activation=4))).activation == 5


def test_a_reactivated_key_keeps_the_licenses_of_its_packs() -> None:
    pack = Pack(pack="P-1", raises=(Raise(counter="main", licenses=3),), activated_at=NOW)

    license = granted(replace(ACTIVATED, last=msgspec.structs.replace(LAST, packs=(pack,), revision=2)))

    assert (license.counters[0].limit, license.packs, license.revision) == (COUNTERS[0].limit + 3, (pack,), 1)


def test_a_key_whose_packs_fit_its_product_no_more_is_not_reactivated() -> None:
    pack = Pack(pack="P-1", raises=(Raise(counter="gone", licenses=3),), activated_at=NOW)

    assert refusal(replace(ACTIVATED, last=msgspec.structs.replace(LAST, packs=(pack,)))).code == "wrong_counters"


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (replace(FRESH, pin=PinState.WRONG), "wrong_pin"),
        (replace(FRESH, pin=PinState.WRONG, unspent_pins=0), "wrong_pin"),
        (replace(FRESH, recent_wrong_pins=MAX_WRONG_PINS), "too_many_attempts"),
        (replace(ACTIVATED, pin=PinState.SPENT), "pin_spent"),
        (replace(ACTIVATED, pin=PinState.SPENT, unspent_pins=0), "pins_exhausted"),
        (replace(ACTIVATED, key=replace(RECORD, reactivation="never")), "already_activated"),
        (replace(ACTIVATED, pin=PinState.SPENT, key=replace(RECORD, reactivation="never")), "already_activated"),
        (replace(FRESH, key=replace(RECORD, expires_at=NOW)), "key_expired"),
    ],
)
def test_refusals(case: Case, code: str) -> None:
    assert refusal(case).code == code


def test_a_key_that_still_runs_is_licensed_until_its_end() -> None:
    assert granted(replace(FRESH, key=replace(RECORD, expires_at=NOW + 1))).expires_at == NOW + 1


def test_a_wrong_pin_learns_nothing_about_the_key() -> None:
    case = replace(ACTIVATED, pin=PinState.WRONG, key=replace(RECORD, reactivation="never", expires_at=1))

    assert refusal(case, OTHER) == refusal(replace(FRESH, pin=PinState.WRONG))


def test_another_computer_is_refused_and_every_fact_named() -> None:
    refused = refusal(ACTIVATED, OTHER)

    assert refused.code == "other_computer"
    assert all(name in refused.message for name in FACT_NAMES.values())


@pytest.mark.parametrize("changed", [kinds for count in range(4) for kinds in combinations(FACT_KINDS, count)])
def test_one_unchanged_fact_is_enough(changed: tuple[FactKind, ...]) -> None:
    today = {kind: OTHER[kind] if kind in changed else digest for kind, digest in facts().items()}

    assert granted(ACTIVATED, today).facts == today


@pytest.mark.parametrize("wanted", [1, 2, 3, 4])
@pytest.mark.parametrize("changed", [kinds for count in range(5) for kinds in combinations(FACT_KINDS, count)])
def test_as_many_facts_must_be_unchanged_as_the_product_says(wanted: int, changed: tuple[FactKind, ...]) -> None:
    case = replace(ACTIVATED, key=replace(RECORD, same_facts=wanted))
    today = {kind: OTHER[kind] if kind in changed else digest for kind, digest in facts().items()}

    if len(FACT_KINDS) - len(changed) >= wanted:
        assert granted(case, today).facts == today
    else:
        refused = refusal(case, today)
        assert refused.code == "other_computer"
        assert [kind for kind, name in FACT_NAMES.items() if name in refused.message] == list(changed)


def test_the_words_of_the_vendor_travel_in_the_license() -> None:
    assert granted(replace(FRESH, key=replace(RECORD, head="Keep this file"))).note == "Keep this file"


@pytest.mark.parametrize("missing", FACT_KINDS)
def test_a_request_without_all_four_facts_is_refused(missing: FactKind) -> None:
    some = {kind: digest for kind, digest in facts().items() if kind != missing}

    refused = refusal(FRESH, some)

    assert refused.code == "incomplete_facts"
    assert FACT_NAMES[missing] in refused.message


@given(
    activated=st.booleans(),
    never=st.booleans(),
    pin=st.sampled_from(PinState),
    unspent=st.integers(0, 3),
    wrong=st.integers(0, 20),
    same=st.sets(st.sampled_from(FACT_KINDS)),
    wanted=st.integers(1, 4),
)
def test_a_license_needs_an_unspent_pin_and_the_same_computer(
    activated: bool, never: bool, pin: PinState, unspent: int, wrong: int, same: set[FactKind], wanted: int
) -> None:
    case = Case(
        key=replace(RECORD, reactivation="never" if never else "pins", same_facts=wanted),
        last=LAST if activated else None,
        pin=pin,
        unspent_pins=unspent,
        recent_wrong_pins=wrong,
    )
    today = {kind: facts()[kind] if kind in same else OTHER[kind] for kind in FACT_KINDS}

    decision = decide(case, a_request(today), vendor="Vendor", now=NOW)

    deserved = pin is PinState.UNSPENT and unspent > 0 and wrong < MAX_WRONG_PINS
    deserved = deserved and (not activated or (not never and len(same) >= wanted))
    assert isinstance(decision, License) == deserved

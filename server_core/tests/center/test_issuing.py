# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests answered from a real database: once, the same again, and never twice."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from licserver.center import CenterError
from licserver.center.answering import MAX_WRONG_PINS, WRONG_PIN_PERIOD
from licserver.center.catalog import CatalogKey
from licserver.documents import ActivationRequest, DocumentError, open_self_signed, seal
from licserver.errors import LicensingError
from licserver.sealing import Ed25519PrivateKey, X25519PrivateKey, encode_public
from server_core.tests.center.helpers import KEY, NOW, PINS, RETAIL, SERVER, Office, facts, make_request


@pytest.fixture
def database_url(each_database: str | None) -> str | None:
    """All of this holds on every kind of database."""
    return each_database


def refused(office: Office, token: str) -> str:
    with pytest.raises(LicensingError) as refusal:
        office.issuer.answer(token, SERVER)
    return refusal.value.code


def test_an_unspent_pin_gets_a_license_signed_by_the_vendor(office: Office) -> None:
    request = office.request(PINS[1])

    license = office.open(office.issuer.answer(request, SERVER))

    asked = open_self_signed(request, ActivationRequest)
    assert (license.request_id, license.key_public, license.facts) == (asked.request_id, asked.key_public, asked.facts)
    assert (license.key_number, license.activation, license.issued_at) == (KEY, 1, NOW)
    assert office.pins_spent() == 1


def test_the_same_request_again_gets_the_same_answer_and_spends_nothing(office: Office) -> None:
    request = office.request(PINS[0])
    answer = office.issuer.answer(request, SERVER)
    office.clock.now += 1000

    again = office.issuer.answer(request, SERVER)

    assert again == answer
    assert office.pins_spent() == 1


def test_the_same_request_is_answered_even_when_the_key_is_locked_and_all_pins_are_spent(office: Office) -> None:
    request = office.request(PINS[0])
    answer = office.issuer.answer(request, SERVER)
    office.activate(PINS[1])
    office.activate(PINS[2])
    for _ in range(MAX_WRONG_PINS):
        refused(office, office.request("0000-0000"))

    assert office.issuer.answer(request, SERVER) == answer


def test_another_document_under_the_same_id_is_refused(office: Office) -> None:
    office.activate(PINS[0], request_id="request-0123456789")

    assert refused(office, office.request(PINS[1], request_id="request-0123456789")) == "request_conflict"
    assert office.pins_spent() == 1


def test_a_pin_is_spent_once_and_the_next_one_reactivates(office: Office) -> None:
    office.activate(PINS[0])

    assert refused(office, office.request(PINS[0])) == "pin_spent"
    assert office.activate(PINS[1], of=facts(disk="new")).activation == 2
    assert office.activate(PINS[2], of=facts(disk="new", network="new", system="new")).activation == 3
    assert refused(office, office.request(PINS[2])) == "pins_exhausted"


def test_facts_are_compared_with_the_last_activation(office: Office) -> None:
    office.activate(PINS[0])
    office.activate(PINS[1], of=facts("x", "x", "x", "b"))

    assert refused(office, office.request(PINS[2], of=facts("d", "n", "s", "y"))) == "other_computer"
    assert office.activate(PINS[2], of=facts("x", "y", "y", "y")).activation == 3


def test_the_vendor_sets_how_many_facts_must_be_unchanged(office: Office) -> None:
    office.apply([msgspec.structs.replace(RETAIL, same_facts=3, head="Keep this file")])
    office.activate(PINS[0])

    assert refused(office, office.request(PINS[1], of=facts(disk="new", board="new"))) == "other_computer"
    assert office.activate(PINS[1], of=facts(disk="new")).note == "Keep this file"


def test_a_product_that_is_never_reactivated(office: Office) -> None:
    office.apply(keys=[CatalogKey(key_number="200-1", product="virtual", pins=("7777", "8888"))])
    assert office.activate("7777", key_number="200-1").reactivation == "never"

    assert refused(office, office.request("8888", key_number="200-1")) == "already_activated"
    assert office.pins_spent("200-1") == 1


def test_an_unknown_key(office: Office) -> None:
    assert refused(office, office.request(PINS[0], key_number="999-9")) == "unknown_key"


def test_wrong_pins_lock_the_key_for_an_hour(office: Office) -> None:
    codes = [refused(office, office.request("0000-0000")) for _ in range(MAX_WRONG_PINS + 1)]
    assert codes == ["wrong_pin"] * MAX_WRONG_PINS + ["too_many_attempts"]
    assert refused(office, office.request(PINS[0])) == "too_many_attempts"

    office.clock.now += WRONG_PIN_PERIOD

    assert office.activate(PINS[0]).activation == 1


def test_wrong_pins_of_one_key_do_not_lock_another(office: Office) -> None:
    office.apply(keys=[CatalogKey(key_number="100-0002", product="retail", pins=("4444",))])
    for _ in range(MAX_WRONG_PINS):
        refused(office, office.request("0000-0000"))

    assert office.activate("4444", key_number="100-0002").activation == 1


@pytest.mark.parametrize("pin", ["", "пароль", "1" * 5000, "\x00"])
def test_what_is_no_pin_is_a_wrong_pin(office: Office, pin: str) -> None:
    assert refused(office, office.request(pin)) == "wrong_pin"


def test_a_pin_typed_otherwise_is_the_same_pin(office: Office) -> None:
    assert office.activate(" 1111 1111 ").activation == 1


def test_a_pin_sealed_for_another_center(office: Office) -> None:
    stranger = X25519PrivateKey.generate().public_key()

    assert refused(office, make_request(stranger, PINS[0])) == "foreign_request"


def test_a_pin_taken_out_of_somebody_elses_request_is_worth_nothing(office: Office) -> None:
    overheard = office.request(PINS[0])
    thief = Ed25519PrivateKey.generate()
    stolen = msgspec.structs.replace(
        open_self_signed(overheard, ActivationRequest), key_public=encode_public(thief.public_key())
    )

    assert refused(office, seal(stolen, thief)) == "foreign_request"
    assert office.issuer.answer(overheard, SERVER)


def test_an_altered_request_is_refused(office: Office) -> None:
    header, _, signature = office.request(PINS[0]).split(".")
    payload = office.request(PINS[1]).split(".")[1]

    with pytest.raises(DocumentError):
        office.issuer.answer(".".join((header, payload, signature)), SERVER)
    assert office.pins_spent() == 0


def test_history_tells_what_happened_to_a_key(office: Office) -> None:
    refused(office, office.request("0000-0000"))
    office.activate(PINS[0])
    refused(office, office.request(PINS[0]))

    assert office.history() == [
        ("key_added", None),
        ("refused", "wrong_pin"),
        ("activated", None),
        ("refused", "pin_spent"),
    ]


def test_twenty_servers_at_once_spend_one_pin_once(office: Office) -> None:
    requests = [office.request(PINS[0]) for _ in range(20)]

    def outcome(request: str) -> str:
        try:
            return f"activation {office.open(office.issuer.answer(request, SERVER)).activation}"
        except CenterError as error:
            return error.code

    with ThreadPoolExecutor(20) as pool:
        outcomes = sorted(pool.map(outcome, requests))

    assert outcomes == ["activation 1"] + ["pin_spent"] * 19
    assert office.pins_spent() == 1


def test_one_request_sent_twenty_times_at_once_gets_one_answer(office: Office) -> None:
    request = office.request(PINS[0])

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(lambda _: office.issuer.answer(request, SERVER), range(20)))

    assert len(answers) == 1
    assert office.pins_spent() == 1


def test_an_answer_that_could_not_be_stored_spends_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    request = office.request(PINS[0])
    with monkeypatch.context() as broken:
        broken.setattr("licserver.center.registry.record", fail)
        with pytest.raises(OSError, match="disk is full"):
            office.issuer.answer(request, SERVER)

    assert office.pins_spent() == 0
    assert office.open(office.issuer.answer(request, SERVER)).activation == 1

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation by telephone as the license server sees it: the code that it shows, the answer that it is told."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.activation import ActivationError
from licserver.activation.blocks import ANSWER_CODE, REQUEST_CODE, PhoneCodeError
from licserver.activation.phone import SECRETS, RequestCode, code_of, license_by_phone, read_answer, write_answer
from licserver.activation.requests import PendingActivation, accept_answer
from licserver.binding import FACT_KINDS, bind_best
from licserver.documents import DocumentError, License, peek, seal
from licserver.keys.soft_key import read_key_file
from licserver.kit import KitError, KitTicket
from server_core.tests.helpers import KEY, NOW, Computer, Vendor

DIGITS = st.text("0123456789", min_size=REQUEST_CODE.digits, max_size=REQUEST_CODE.digits)


@pytest.fixture(scope="module")
def ticket(vendor: Vendor) -> KitTicket:
    return vendor.ticket()


@pytest.fixture
def pending(vendor: Vendor, computer: Computer, ticket: KitTicket) -> PendingActivation:
    return vendor.request(computer, ticket=ticket)


def code(pending: PendingActivation) -> RequestCode:
    made = code_of(pending)
    assert made is not None
    return made


def refused(pending: PendingActivation, blocks: str) -> str:
    with pytest.raises(ActivationError) as refusal:
        license_by_phone(pending, blocks, now=NOW)
    return refusal.value.code


def test_the_answer_of_the_desk_makes_a_key_that_works_on_this_computer(
    vendor: Vendor, computer: Computer, pending: PendingActivation
) -> None:
    blocks = vendor.say(code(pending).write())

    file = read_key_file(accept_answer(pending, license_by_phone(pending, blocks, now=NOW)), {vendor.kid: vendor.kit})

    assert file.open(bind_best(computer)).license == file.license
    assert (file.license.activation, file.license.issued_at) == (1, NOW)
    assert (file.license.vendor, file.license.product, file.license.counters[0].limit) == ("Vendor", "retail", 2)


def test_each_activation_has_an_answer_of_its_own(vendor: Vendor, pending: PendingActivation) -> None:
    answers = [vendor.say(code(pending).write(), activation=activation) for activation in (1, 2, 8)]

    licenses = [license_by_phone(pending, blocks, now=NOW) for blocks in answers]

    assert [peek(token, License).activation for token in licenses] == [1, 2, 8]


def test_the_answer_to_another_request_opens_nothing(
    vendor: Vendor, computer: Computer, pending: PendingActivation, ticket: KitTicket
) -> None:
    other = vendor.request(computer, ticket=ticket)

    assert refused(pending, vendor.say(code(other).write())) == "bad_answer"


def test_the_answer_for_another_ticket_opens_nothing(vendor: Vendor, pending: PendingActivation) -> None:
    assert refused(pending, vendor.say(code(pending).write(), limit=3)) == "bad_answer"


def test_without_a_ticket_for_the_key_there_is_no_code_and_no_answer(vendor: Vendor, computer: Computer) -> None:
    pending = vendor.request(computer)

    assert code_of(pending) is None
    assert refused(pending, "1" * 24) == "no_ticket"


def test_a_mistyped_answer_names_the_block(vendor: Vendor, pending: PendingActivation) -> None:
    blocks = vendor.say(code(pending).write()).split(" ")
    blocks[1] = ("1" if blocks[1][0] != "1" else "2") + blocks[1][1:]

    with pytest.raises(PhoneCodeError) as refusal:
        license_by_phone(pending, " ".join(blocks), now=NOW)

    assert refusal.value.blocks == (2,)


def test_a_ticket_that_somebody_else_signed_is_not_believed(
    vendor: Vendor, stranger: Vendor, computer: Computer, ticket: KitTicket
) -> None:
    forged = KitTicket(token=seal(vendor.phone_ticket(), stranger.signer), sealed_signers=ticket.sealed_signers)
    pending = vendor.request(computer)
    pending = msgspec.structs.replace(pending, kit=msgspec.structs.replace(pending.kit, tickets={KEY: forged}))

    with pytest.raises(KitError, match="no signing key"):
        license_by_phone(pending, vendor.say(code(pending).write()), now=NOW)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sealed: sealed[:-1],
        lambda sealed: "A" + sealed[1:] if not sealed.startswith("A") else "B" + sealed[1:],
        lambda sealed: "",
        lambda sealed: "not base64url!",
    ],
)
def test_a_spoiled_signer_in_the_kit_opens_nothing(
    vendor: Vendor, computer: Computer, ticket: KitTicket, spoil: Callable[[str], str]
) -> None:
    spoiled = msgspec.structs.replace(ticket, sealed_signers=tuple(map(spoil, ticket.sealed_signers)))
    pending = vendor.request(computer, ticket=spoiled)

    assert refused(pending, vendor.say(code(pending).write())) == "bad_answer"


def test_only_the_ticket_of_the_key_is_kept_with_a_request(
    vendor: Vendor, computer: Computer, ticket: KitTicket
) -> None:
    pending = vendor.request(computer, ticket=ticket, others=("100-0002",))

    assert list(pending.kit.tickets) == [KEY]


@pytest.mark.parametrize("kind", FACT_KINDS)
def test_a_changed_fact_changes_its_digits_in_the_code_and_the_mark(
    vendor: Vendor, computer: Computer, pending: PendingActivation, kind: str
) -> None:
    before = code(pending)
    facts = dict(pending.content.facts)
    facts[kind] = msgspec.structs.replace(facts[kind], digest="0" * 64)
    after = code(msgspec.structs.replace(pending, content=msgspec.structs.replace(pending.content, facts=facts)))

    assert [one for one in FACT_KINDS if before.facts[one] != after.facts[one]] == [kind]
    assert before.mark != after.mark


@given(DIGITS)
def test_a_code_is_read_back_as_it_was_written(digits: str) -> None:
    code = RequestCode.read(REQUEST_CODE.write(digits))

    assert RequestCode.read(code.write()) == code
    assert code.digits == digits


@given(DIGITS, st.integers(0, SECRETS - 1))
def test_an_answer_tells_the_secret_to_whoever_asked(digits: str, secret: int) -> None:
    code = RequestCode.read(REQUEST_CODE.write(digits))

    assert read_answer(write_answer(secret, KEY, code), KEY, code) == secret


@given(DIGITS, DIGITS, st.integers(0, SECRETS - 1))
def test_for_another_code_or_key_the_secret_is_another(digits: str, others: str, secret: int) -> None:
    code, other = (RequestCode.read(REQUEST_CODE.write(one)) for one in (digits, others))
    answer = write_answer(secret, KEY, code)

    assert read_answer(answer, "100-0002", code) != secret
    assert (read_answer(answer, KEY, other) == secret) == (code == other)


@given(st.binary(max_size=64))
def test_a_ticket_of_any_bytes_is_refused_as_a_document(data: bytes) -> None:
    vendor = Vendor()
    pending = vendor.request(Computer())
    kit = msgspec.structs.replace(
        pending.kit, tickets={KEY: KitTicket(token=data.decode("latin-1"), sealed_signers=())}
    )

    with pytest.raises(DocumentError):
        license_by_phone(msgspec.structs.replace(pending, kit=kit), ANSWER_CODE.write("0" * 21), now=NOW)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests for a license, and the answers to them."""

from typing import Any

import msgspec
import pytest

from licserver.activation import ActivationError
from licserver.activation.requests import NewActivation, PendingActivation, accept_answer, make_request
from licserver.binding import bind_best
from licserver.documents import (
    ActivationRequest,
    Company,
    DocumentError,
    License,
    open_self_signed,
    pin_context,
    seal,
)
from licserver.keys.soft_key import read_key_file
from licserver.kit import KitError
from licserver.sealing import UnsealError, unseal
from server_core.tests.helpers import KEY, NOW, Computer, Vendor


@pytest.fixture
def pending(vendor: Vendor, computer: Computer) -> PendingActivation:
    return vendor.request(computer)


def answered(vendor: Vendor, pending: PendingActivation, **changes: Any) -> str:
    return seal(vendor.answer(pending, **changes), vendor.signer)


class TestRequest:
    def test_it_is_signed_by_the_key_that_it_asks_for(self, pending: PendingActivation) -> None:
        assert open_self_signed(pending.request, ActivationRequest) == pending.content

    def test_it_says_who_asks_and_for_what(self, vendor: Vendor, computer: Computer) -> None:
        company = Company(name="ООО Ромашка", tax_id="7700000000")
        wanted = NewActivation(key_number=KEY, pin="1111", company=company)

        made = make_request(wanted, vendor.kit, bind_best(computer), now=NOW, server_version="0.1.0").content

        assert (made.key_number, made.company, made.created_at, made.server_version) == (KEY, company, NOW, "0.1.0")
        assert made.facts == bind_best(computer).digests(KEY)

    @pytest.mark.parametrize("typed", ["1111-1111", "  1111-1111\r\n"])
    def test_only_the_center_can_read_the_pin(self, vendor: Vendor, computer: Computer, typed: str) -> None:
        pending = vendor.request(computer, pin=typed)
        content = pending.content

        assert (
            unseal(
                vendor.exchange,
                content.sealed_pin,
                context=pin_context(content.request_id, content.key_number, content.key_public),
            )
            == b"1111-1111"
        )
        assert b"1111" not in msgspec.json.encode(pending)

    def test_without_a_pin_there_is_none(self, vendor: Vendor, computer: Computer) -> None:
        wanted = NewActivation(key_number=KEY, pin=" \n")

        with pytest.raises(ActivationError) as refused:
            make_request(wanted, vendor.kit, bind_best(computer), now=NOW, server_version="0.1.0")

        assert refused.value.code == "bad_pin"

    def test_a_pin_cannot_be_carried_over_to_another_request(self, vendor: Vendor, pending: PendingActivation) -> None:
        with pytest.raises(UnsealError):
            unseal(vendor.exchange, pending.content.sealed_pin, context="another request")

    def test_two_requests_have_nothing_secret_in_common(self, vendor: Vendor, computer: Computer) -> None:
        one, other = vendor.request(computer).content, vendor.request(computer).content

        assert one.request_id != other.request_id
        assert one.key_public != other.key_public

    def test_it_comes_back_from_disk_as_it_was(self, pending: PendingActivation) -> None:
        assert msgspec.json.decode(msgspec.json.encode(pending), type=PendingActivation) == pending


class TestAnswer:
    def test_it_makes_a_key_that_works_on_this_computer(
        self, vendor: Vendor, computer: Computer, pending: PendingActivation
    ) -> None:
        text = accept_answer(pending, answered(vendor, pending))

        content = read_key_file(text, {vendor.kid: vendor.kit})
        assert content.open(bind_best(computer)).license == vendor.answer(pending)

    def test_the_same_answer_again_makes_the_same_key(self, vendor: Vendor, pending: PendingActivation) -> None:
        answer = answered(vendor, pending)

        assert accept_answer(pending, answer) == accept_answer(pending, answer)

    @pytest.mark.parametrize("changes", [{"request_id": "x" * 20}, {"key_number": "100-0002"}])
    def test_to_another_request_it_is_refused(
        self, vendor: Vendor, pending: PendingActivation, changes: dict[str, object]
    ) -> None:
        with pytest.raises(ActivationError, match="another request") as refused:
            accept_answer(pending, answered(vendor, pending, **changes))

        assert refused.value.code == "bad_answer"

    @pytest.mark.parametrize("changes", [{"key_public": "x"}, {"facts": {}}])
    def test_for_another_computer_it_is_refused(
        self, vendor: Vendor, pending: PendingActivation, changes: dict[str, object]
    ) -> None:
        with pytest.raises(ActivationError, match="for another computer") as refused:
            accept_answer(pending, answered(vendor, pending, **changes))

        assert refused.value.code == "bad_answer"

    def test_from_another_vendor_it_is_refused(
        self, vendor: Vendor, stranger: Vendor, pending: PendingActivation
    ) -> None:
        with pytest.raises(KitError, match="has no signing key"):
            accept_answer(pending, answered(stranger, pending))

    def test_altered_it_is_refused(self, vendor: Vendor, pending: PendingActivation) -> None:
        head, _, signature = answered(vendor, pending).split(".")
        generous = answered(vendor, pending, expires_at=2**40).split(".")[1]

        with pytest.raises(DocumentError):
            accept_answer(pending, f"{head}.{generous}.{signature}")

    @pytest.mark.parametrize("text", ["", "hello", "a.b.c", "<html>503</html>"])
    def test_anything_else_is_refused(self, vendor: Vendor, pending: PendingActivation, text: str) -> None:
        with pytest.raises(DocumentError):
            accept_answer(pending, text)

    def test_the_request_itself_is_no_answer(self, vendor: Vendor, pending: PendingActivation) -> None:
        with pytest.raises(DocumentError, match=f"expected a {License.kind.replace('+', '.')}"):
            accept_answer(pending, pending.request)

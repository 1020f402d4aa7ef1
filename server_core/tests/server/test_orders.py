# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is filled in to activate a key or a pack."""

import msgspec
import pytest

from licserver.errors import LicensingError
from licserver.kit import KitError
from licserver.pages.bodies import Form
from licserver.server.activate import read_order
from licserver.server.web.pages.orders import (
    FieldError,
    answer_in,
    blocks_in,
    field_of,
    key_order,
    kit_in,
    pack_order,
    refusal,
    way_in,
)
from server_core.tests.helpers import KEY, Vendor


def form(files: dict[str, bytes] | None = None, **fields: str) -> Form:
    return Form(fields, files or {})


@pytest.mark.parametrize(
    ("chosen", "way"), [("file", "file"), ("phone", "phone"), ("pigeon", "online"), ("", "online")]
)
def test_a_way_that_is_none_is_the_first_one(chosen: str, way: str) -> None:
    assert way_in(form(way=chosen)) == way


def test_an_uploaded_kit_comes_before_one_that_was_uploaded_before_and_that_before_the_servers_own(
    vendor: Vendor, stranger: Vendor
) -> None:
    mine, other = (msgspec.json.encode(one.kit) for one in (vendor, stranger))

    assert kit_in(form({"kit": mine}, kit_text=other.decode()), {}) == vendor.kit
    assert kit_in(form(kit_text=other.decode(), kit_name="x"), {"x": vendor.kit}) == stranger.kit
    assert kit_in(form(kit_name="x"), {"x": vendor.kit}) == vendor.kit
    with pytest.raises(KitError):
        kit_in(form(kit_name="y"), {"x": vendor.kit})


def test_the_server_is_given_the_ticket_of_the_key_only(vendor: Vendor) -> None:
    kit = msgspec.structs.replace(vendor.kit, tickets={KEY: vendor.ticket(), "200": vendor.ticket()})

    order = key_order(form(key_number=KEY, pin=" 1111 ", reactivate="yes", company_name="Ромашка"), kit)

    assert list(order["kit"]["tickets"]) == [KEY]
    assert (order["pin"], order["reactivate"], order["company"]["name"]) == ("1111", True, "Ромашка")


def test_what_is_missing_is_no_order(vendor: Vendor) -> None:
    with pytest.raises(FieldError, match="PIN") as pin:
        key_order(form(key_number=KEY), vendor.kit)
    with pytest.raises(FieldError, match="the password is missing") as password:
        pack_order(form(pack="P-1"), KEY)
    assert (field_of(pin.value), field_of(password.value)) == ("pin", "password")


def test_what_does_not_fit_is_about_its_field(vendor: Vendor) -> None:
    order = key_order(form(key_number=KEY, pin="1", company_tax_id="7" * 500), vendor.kit)
    with pytest.raises(msgspec.ValidationError) as refused:
        read_order(order)

    assert field_of(refusal(refused.value)) == "company_tax_id"
    assert field_of(refusal(msgspec.ValidationError("nothing fits"))) == ""


@pytest.mark.parametrize(
    ("code", "field"),
    [("pin_spent", "pin"), ("bad_kit", "kit"), ("unknown_pack", "pack"), ("center_unreachable", "")],
)
def test_a_refusal_is_about_the_field_that_is_to_be_looked_at(code: str, field: str) -> None:
    assert field_of(refusal(LicensingError(code, "so it is"))) == field


def test_an_answer_is_a_file_or_a_text_however_an_editor_saved_it() -> None:
    assert answer_in(form({"file": "\ufeffответ".encode()}, text="other")) == "ответ"
    assert answer_in(form(text=" ответ ")) == "ответ"


def test_a_pack_is_ordered_for_a_key() -> None:
    wanted = {"key_number": KEY, "pack": "P-1", "password": "abcd"}

    assert pack_order(form(pack="P-1", password="abcd"), KEY) == wanted


def test_blocks_may_be_typed_into_one_field() -> None:
    assert blocks_in(form(block1="1", block2="2", block3="3")) == "1 2 3"
    assert blocks_in(form(block1="1 2 3")) == "1 2 3"

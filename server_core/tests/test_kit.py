# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's kit."""

import json
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.kit import Kit, KitError, VendorKey, read_kit
from licserver.sealing import encode_bytes
from server_core.tests.helpers import Vendor


def text_of(kit: Kit, **changes: object) -> bytes:
    return json.dumps(msgspec.to_builtins(kit) | changes).encode()


def test_a_kit_says_whom_to_trust_and_where_to_ask(vendor: Vendor) -> None:
    kit = read_kit(text_of(vendor.kit))

    assert kit.vendor_public(vendor.kid) == vendor.signer.public_key()
    assert kit.exchange_public() == vendor.exchange.public_key()
    assert kit.center_url == "https://127.0.0.1:9"


def test_while_a_vendor_changes_keys_both_are_in_the_kit(vendor: Vendor, stranger: Vendor) -> None:
    keys = msgspec.to_builtins([*vendor.kit.vendor_keys, *stranger.kit.vendor_keys])

    kit = read_kit(text_of(vendor.kit, vendor_keys=keys))

    assert kit.vendor_public(stranger.kid) == stranger.signer.public_key()


def test_a_key_that_is_not_in_the_kit_is_named(vendor: Vendor, stranger: Vendor) -> None:
    with pytest.raises(KitError, match=f"the kit of Vendor has no signing key {stranger.kid}"):
        vendor.kit.vendor_public(stranger.kid)


def test_what_a_later_version_adds_is_passed_over(vendor: Vendor) -> None:
    assert read_kit(text_of(vendor.kit, color="blue")) == vendor.kit


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "protect-license"},
        {"version": 2},
        {"vendor": ""},
        {"vendor_keys": []},
        {"exchange_key": ""},
        {"exchange_key": encode_bytes(bytes(31))},
        {"center_url": None},
        {"center_ca": ""},
        {"center_ca": "-----BEGIN CERTIFICATE-----"},
        {"center_ca": "сертификат"},
        {"vendor_keys": [{"kid": "../../etc/passwd", "x": encode_bytes(bytes(32))}]},
        {"vendor_keys": [{"kid": "k", "x": "not base64url!"}]},
    ],
)
def test_a_kit_that_cannot_be_used_is_refused(vendor: Vendor, changes: Mapping[str, object]) -> None:
    with pytest.raises(KitError, match="not a vendor's kit") as refused:
        read_kit(text_of(vendor.kit, **changes))

    assert refused.value.code == "bad_kit"


def test_a_key_under_the_id_of_another_is_refused(vendor: Vendor, stranger: Vendor) -> None:
    swapped = msgspec.to_builtins(VendorKey(kid=vendor.kid, x=stranger.kit.vendor_keys[0].x))

    with pytest.raises(KitError, match="is not that of its key"):
        read_kit(text_of(vendor.kit, vendor_keys=[swapped]))


@given(st.binary() | st.text())
def test_any_other_bytes_are_no_kit(data: bytes | str) -> None:
    with pytest.raises(KitError):
        read_kit(data)


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"vendor":"\xff"}', b'{"kind":"protect-kit"'])
def test_hostile_bytes_are_no_kit(data: bytes) -> None:
    with pytest.raises(KitError):
        read_kit(data)

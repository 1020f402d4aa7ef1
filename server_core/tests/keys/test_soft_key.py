# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Software keys: a file that works on one computer only."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.armor import dearmor
from licserver.binding import FACT_KINDS, FACT_NAMES, FactError, bind_best, bind_like
from licserver.documents import FactKind, SessionCertificate, open_sealed
from licserver.keys import KeyFileError
from licserver.keys.soft_key import SoftKey, read_key_file, seal_signer, unseal_signer
from licserver.kit import Kit, VendorKey
from licserver.sealing import Ed25519PrivateKey, UnsealError, decode_signing_public, encode_bytes
from server_core.tests.helpers import KEY, Computer, Vendor, sealed_elsewhere

VENDOR = Vendor()
TEXT = VENDOR.key_file(Computer())
CERTIFICATE = SessionCertificate(
    key_number=KEY,
    license_digest="d",
    server_id="s",
    session_public="p",
    exchange_public="e",
    issued_at=1,
    expires_at=2,
)


def kits(*vendors: Vendor) -> dict[str, Kit]:
    return {vendor.kid: vendor.kit for vendor in vendors or (VENDOR,)}


def opened(text: str, computer: Computer) -> SoftKey:
    content = read_key_file(text, kits())
    return content.open(bind_like(computer, content.license.facts))


def refused(text: str, computer: Computer | None = None) -> KeyFileError:
    with pytest.raises(KeyFileError) as error:
        opened(text, computer or Computer())
    return error.value


def test_a_key_opens_on_its_own_computer(computer: Computer) -> None:
    key = opened(TEXT, computer)

    assert key.license.key_number == KEY
    assert key.license_token == dearmor(TEXT)["LICENSE"]


def test_an_open_key_vouches_with_the_private_key_of_its_license(computer: Computer) -> None:
    key = opened(TEXT, computer)

    token = key.sign(CERTIFICATE)

    assert open_sealed(token, SessionCertificate, decode_signing_public(key.license.key_public)) == CERTIFICATE


def test_the_head_is_readable() -> None:
    assert TEXT.splitlines()[:6] == [
        "Protect software key",
        "Key number: 100-0001",
        "Product: retail (Retail 8)",
        "Vendor: Vendor",
        "Licenses: main (session) 2",
        "Activated: 2027-01-15 08:00:00 UTC",
    ]


def test_the_head_says_when_a_key_expires(computer: Computer) -> None:
    text = VENDOR.key_file(computer, expires_at=1_900_000_000)

    assert "Expires: 2030-03-17 17:46:40 UTC" in text.splitlines()
    assert opened(text, computer).license.expires_at == 1_900_000_000


@pytest.mark.parametrize("kind", FACT_KINDS)
def test_on_another_computer_the_fact_that_differs_is_named(computer: Computer, kind: FactKind) -> None:
    computer.facts[kind] = "another"

    error = refused(TEXT, computer)

    assert error.code == "other_computer"
    assert error.message == f"the key 100-0001 is bound to another computer: {FACT_NAMES[kind]} differs"


def test_a_fact_that_cannot_be_read_any_more_is_told_from_a_changed_one(computer: Computer) -> None:
    del computer.facts["board"]

    with pytest.raises(FactError, match="the motherboard cannot be identified"):
        opened(TEXT, computer)


def test_a_peek_asks_no_computer() -> None:
    assert read_key_file(TEXT, kits()).license.key_number == KEY


def test_without_the_vendors_kit_a_key_is_not_believed() -> None:
    with pytest.raises(KeyFileError, match="no vendor's kit here has it"):
        read_key_file(TEXT, {})


def test_a_license_that_the_named_vendor_did_not_sign_is_not_believed(stranger: Vendor) -> None:
    wrong = VendorKey(kid=VENDOR.kid, x=stranger.kit.vendor_keys[0].x)

    with pytest.raises(KeyFileError, match="not that of the expected key"):
        read_key_file(TEXT, {VENDOR.kid: msgspec.structs.replace(stranger.kit, vendor_keys=(wrong,))})


def test_the_head_ends_with_the_words_of_the_vendor(computer: Computer) -> None:
    text = VENDOR.key_file(computer, note="Keep this file:  it is\tyours")

    assert text.partition("\n\n")[0].splitlines()[-1] == "Note: Keep this file: it is yours"
    assert opened(text, computer).license.note == "Keep this file:  it is\tyours"


@pytest.mark.parametrize(
    ("before", "after"),
    [("(session) 2", "(session) 9"), ("Key number: 100-0001", "Key number: 100-0002"), ("Vendor: V", "Vendor: W")],
)
def test_an_altered_head_is_refused(before: str, after: str) -> None:
    assert "the readable head was altered" in refused(TEXT.replace(before, after, 1)).message


def test_a_private_key_from_another_file_is_refused(computer: Computer) -> None:
    other = dearmor(VENDOR.key_file(computer, "100-0002"))["SEALED KEY"]

    assert (
        "was altered" in refused(re.sub(r"(?s)(SEALED KEY-----\n).*?\n(-----END)", rf"\g<1>{other}\n\2", TEXT)).message
    )


def test_a_private_key_that_is_not_the_licenses_is_refused(computer: Computer) -> None:
    text = sealed_elsewhere(VENDOR, computer, Ed25519PrivateKey.generate())

    assert "is not the one of its license" in refused(text).message


@pytest.mark.parametrize("block", ["LICENSE", "SEALED KEY"])
def test_a_file_without_one_of_its_blocks_was_cut(block: str) -> None:
    text = re.sub(rf"(?s)-----BEGIN PROTECT {block}-----.*-----END PROTECT {block}-----\n", "", TEXT)

    assert "was cut" in refused(text).message


@given(st.integers(0, len(TEXT) - 2))
def test_a_cut_file_is_refused(length: int) -> None:
    refused(TEXT[:length])


@given(st.integers(0, len(TEXT) - 1), st.characters(codec="utf-8"))
def test_an_altered_file_is_refused_or_means_the_same(position: int, character: str) -> None:
    altered = TEXT[:position] + character + TEXT[position + 1 :]
    computer = Computer()

    try:
        key = opened(altered, computer)
    except KeyFileError:
        return

    assert key.license == opened(TEXT, computer).license


@given(st.text())
def test_any_other_text_is_no_key(text: str) -> None:
    refused(text)


def test_a_sealed_private_key_opens_with_the_same_facts_only(computer: Computer) -> None:
    signer = Ed25519PrivateKey.generate()
    sealed = seal_signer(signer, bind_best(computer), KEY)
    computer.facts["disk"] = "another"

    assert unseal_signer(sealed, bind_best(Computer()), KEY).private_bytes_raw() == signer.private_bytes_raw()
    with pytest.raises(UnsealError):
        unseal_signer(sealed, bind_best(computer), KEY)
    with pytest.raises(UnsealError):
        unseal_signer(sealed, bind_best(Computer()), "100-0002")


@pytest.mark.parametrize("sealed", ["", "A", "é", "not base64url!", encode_bytes(bytes(16)), encode_bytes(bytes(80))])
def test_what_is_no_sealed_private_key_stays_closed(sealed: str, computer: Computer) -> None:
    with pytest.raises(UnsealError):
        unseal_signer(sealed, bind_best(computer), KEY)

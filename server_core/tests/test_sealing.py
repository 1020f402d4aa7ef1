# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets at rest and on their way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.sealing import (
    Ed25519PrivateKey,
    UnsealError,
    X25519PrivateKey,
    X25519PublicKey,
    decode_bytes,
    decode_exchange_public,
    decode_signing_public,
    decrypt,
    derive_key,
    encode_bytes,
    encode_public,
    encrypt,
    key_id,
    seal_to,
    shared_key,
    unseal,
)

KEY = bytes(range(32))
RECIPIENT = X25519PrivateKey.generate()
SEALED = seal_to(RECIPIENT.public_key(), b"1111-1111", context="request")
POINTS_OF_SMALL_ORDER = [bytes(32), b"\1" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f"]


@given(st.binary())
def test_bytes_come_back_from_their_text(raw: bytes) -> None:
    assert decode_bytes(encode_bytes(raw)) == raw


@given(st.text())
def test_of_all_spellings_only_the_canonical_one_is_accepted(text: str) -> None:
    try:
        raw = decode_bytes(text)
    except ValueError:
        return

    assert encode_bytes(raw) == text


@pytest.mark.parametrize("text", ["A", "AB", "AA=", "AA==", "A+8", "A/8", "AAA\n", " AAA", "йцук", "AAAA====="])
def test_text_that_is_not_canonical_base64url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        decode_bytes(text)


def test_public_keys_come_back_from_their_text() -> None:
    signing, exchange = Ed25519PrivateKey.generate().public_key(), X25519PrivateKey.generate().public_key()

    assert decode_signing_public(encode_public(signing)) == signing
    assert decode_exchange_public(encode_public(exchange)) == exchange


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_public_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=f"32 bytes, not {length}"):
        decode_signing_public(encode_bytes(bytes(length)))
    with pytest.raises(ValueError, match=f"32 bytes, not {length}"):
        decode_exchange_public(encode_bytes(bytes(length)))


def test_the_id_of_a_key_is_short_and_its_own() -> None:
    first, second = (Ed25519PrivateKey.generate().public_key() for _ in range(2))

    assert key_id(first) == key_id(first) != key_id(second)
    assert len(decode_bytes(key_id(first))) == 16


def test_a_derived_key_depends_on_secret_salt_and_purpose() -> None:
    keys = {
        derive_key(secret, salt=salt, purpose=purpose)
        for secret in (b"a", b"b")
        for salt in (b"a", b"b")
        for purpose in ("a", "b")
    }

    assert len(keys) == 8
    assert {len(key) for key in keys} == {32}


@given(st.binary(), st.binary())
def test_what_was_encrypted_decrypts(plain: bytes, context: bytes) -> None:
    assert decrypt(KEY, encrypt(KEY, plain, context=context), context=context) == plain


def test_the_same_text_never_encrypts_to_the_same_bytes() -> None:
    assert encrypt(KEY, b"plain", context=b"") != encrypt(KEY, b"plain", context=b"")


@given(st.data())
def test_any_flipped_bit_makes_it_undecipherable(data: st.DataObject) -> None:
    sealed = bytearray(encrypt(KEY, b"plain", context=b"context"))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(UnsealError):
        decrypt(KEY, bytes(sealed), context=b"context")


@given(st.binary(max_size=40))
def test_other_bytes_do_not_decrypt(sealed: bytes) -> None:
    with pytest.raises(UnsealError):
        decrypt(KEY, sealed, context=b"")


def test_another_key_or_context_does_not_decrypt() -> None:
    sealed = encrypt(KEY, b"plain", context=b"context")

    with pytest.raises(UnsealError):
        decrypt(bytes(32), sealed, context=b"context")
    with pytest.raises(UnsealError):
        decrypt(KEY, sealed, context=b"other")


def test_two_sides_agree_on_one_key() -> None:
    one, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()

    assert shared_key(one, other.public_key(), salt=b"s", purpose="p") == shared_key(
        other, one.public_key(), salt=b"s", purpose="p"
    )


@pytest.mark.parametrize("point", POINTS_OF_SMALL_ORDER)
def test_a_public_key_that_makes_the_result_predictable_is_refused(point: bytes) -> None:
    with pytest.raises(UnsealError, match="unusable public key"):
        shared_key(RECIPIENT, X25519PublicKey.from_public_bytes(point), salt=b"s", purpose="p")


def test_only_the_recipient_reads_what_is_sealed_to_him() -> None:
    assert unseal(RECIPIENT, SEALED, context="request") == b"1111-1111"
    with pytest.raises(UnsealError):
        unseal(X25519PrivateKey.generate(), SEALED, context="request")


def test_a_sealed_box_is_good_for_its_context_only() -> None:
    with pytest.raises(UnsealError):
        unseal(RECIPIENT, SEALED, context="another request")


@given(st.integers(0, len(decode_bytes(SEALED)) - 1), st.integers(0, 6))
def test_an_altered_box_stays_closed(position: int, bit: int) -> None:
    raw = bytearray(decode_bytes(SEALED))
    raw[position] ^= 1 << bit

    with pytest.raises(UnsealError):
        unseal(RECIPIENT, encode_bytes(bytes(raw)), context="request")


@given(st.text() | st.binary(max_size=80).map(encode_bytes))
def test_any_other_text_is_no_sealed_box(text: str) -> None:
    with pytest.raises(UnsealError):
        unseal(RECIPIENT, text, context="request")

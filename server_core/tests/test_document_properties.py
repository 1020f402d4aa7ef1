# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for documents of every kind, whatever they say: sealed they open; altered or mixed they are refused."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from licserver.activation.requests import NewActivation, make_request
from licserver.armor import armor, dearmor
from licserver.binding import bind_best
from licserver.documents import Document, DocumentError, open_sealed, open_self_signed, pin_context, seal
from licserver.keys import KeyFileError
from licserver.keys.soft_key import read_key_file
from licserver.sealing import Ed25519PrivateKey, UnsealError, decode_bytes, encode_bytes, encode_public, unseal
from server_core.tests.document_shapes import KINDS, documents
from server_core.tests.helpers import NOW, Computer, Vendor

SIGNER, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
SELF_SIGNED = {"protect-activation-request+jws": "key_public", "protect-pack-request+jws": "key_public"}
SELF_SIGNED["protect-server+jws"] = "session_public"
PARTS = ("header", "payload", "signature")

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
few = settings(max_examples=25)


@st.composite
def two_documents(draw: Any, kind: type[Document]) -> tuple[Any, Any]:
    """Two documents of a kind, the second another one than the first."""
    one, other = draw(documents(kind)), draw(documents(kind))
    assume(one != other)
    return one, other


def sealed(document: Document, signer: Ed25519PrivateKey = SIGNER) -> str:
    """A token; a document that names its own signer names this one."""
    field = SELF_SIGNED.get(document.kind)
    if field is not None:
        document = msgspec.structs.replace(document, **{field: encode_public(signer.public_key())})
    return seal(document, signer)


def assert_refused(token: str, kind: type[Document]) -> None:
    with pytest.raises(DocumentError):
        open_sealed(token, kind, SIGNER.public_key())
    if kind.kind in SELF_SIGNED:
        with pytest.raises(DocumentError):
            open_self_signed(token, kind)


@every_kind
@few
@given(data=st.data())
def test_sealed_it_opens_and_says_the_same(kind: type[Document], data: st.DataObject) -> None:
    document = data.draw(documents(kind))

    assert open_sealed(seal(document, SIGNER), kind, SIGNER.public_key()) == document


@every_kind
@few
@given(data=st.data())
def test_with_any_bit_flipped_it_is_refused(kind: type[Document], data: st.DataObject) -> None:
    token = sealed(data.draw(documents(kind))).encode()
    place, bit = data.draw(st.integers(0, len(token) - 1)), data.draw(st.integers(0, 7))

    flipped = bytes([*token[:place], token[place] ^ 1 << bit, *token[place + 1 :]])

    assert_refused(flipped.decode("latin-1"), kind)


@every_kind
@few
@given(data=st.data())
def test_with_a_field_of_another_one_it_is_refused(kind: type[Document], data: st.DataObject) -> None:
    one, other = data.draw(two_documents(kind))
    names = [name for name in kind.__struct_fields__ if getattr(one, name) != getattr(other, name)]
    name = data.draw(st.sampled_from(names))
    header, payload, signature = sealed(one).split(".")
    said = json.loads(decode_bytes(payload))

    mixed = {**said, name: msgspec.to_builtins(getattr(other, name))}

    assert_refused(f"{header}.{encode_bytes(msgspec.json.encode(mixed))}.{signature}", kind)


@every_kind
@few
@given(data=st.data(), part=st.sampled_from(PARTS))
def test_with_a_part_of_another_one_it_is_refused(kind: type[Document], data: st.DataObject, part: str) -> None:
    one, other = data.draw(two_documents(kind))
    parts = dict(zip(PARTS, sealed(one).split("."), strict=True))
    foreign = dict(zip(PARTS, sealed(other, OTHER).split("."), strict=True))

    mixed = ".".join(({**parts, part: foreign[part]})[name] for name in PARTS)

    assert_refused(mixed, kind)


@every_kind
@few
@given(data=st.data())
def test_it_is_a_document_of_no_other_kind(kind: type[Document], data: st.DataObject) -> None:
    token = sealed(data.draw(documents(kind)))

    for other in KINDS:
        if other is not kind:
            assert_refused(token, other)


class TestWhatIsPutTogether:
    """Two requests and the keys that came of them: no part of one is good in the other."""

    VENDOR, COMPUTER = Vendor(), Computer()

    def pending(self, key_number: str) -> Any:
        wanted = NewActivation(key_number=key_number, pin="1111-1111")
        return make_request(wanted, self.VENDOR.kit, bind_best(self.COMPUTER), now=NOW, server_version="1")

    @pytest.mark.parametrize("name", ["request_id", "key_number", "key_public"])
    def test_a_pin_opens_in_its_own_request_only(self, name: str) -> None:
        one, other = self.pending("100-0001").content, self.pending("100-0002").content
        context = {"request_id": one.request_id, "key_number": one.key_number, "key_public": one.key_public}

        with pytest.raises(UnsealError):
            unseal(self.VENDOR.exchange, one.sealed_pin, context=pin_context(**{**context, name: getattr(other, name)}))

        assert unseal(self.VENDOR.exchange, one.sealed_pin, context=pin_context(**context)) == b"1111-1111"

    @pytest.mark.parametrize("other_number", ["100-0001", "100-0002"])
    @pytest.mark.parametrize("block", ["LICENSE", "SEALED KEY"])
    def test_a_block_of_another_key_file_is_refused(self, block: str, other_number: str) -> None:
        one, other = (self.VENDOR.key_file(self.COMPUTER, number) for number in ("100-0001", other_number))
        head = dict(line.split(": ", 1) for line in one.splitlines()[1:] if ": " in line)

        mixed = armor("Protect software key", head, {**dearmor(one), block: dearmor(other)[block]})

        with pytest.raises(KeyFileError):
            read_key_file(mixed, {self.VENDOR.kid: self.VENDOR.kit}).open(bind_best(self.COMPUTER))

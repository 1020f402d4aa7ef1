# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed documents: believed whole and unaltered, or not at all."""

import hmac
import json
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.documents import (
    MAX_DOCUMENT_CHARS,
    ActivationRequest,
    Counter,
    Document,
    DocumentError,
    License,
    ServerHere,
    SessionCertificate,
    digest,
    open_sealed,
    open_self_signed,
    seal,
    signer_id,
)
from licserver.sealing import Ed25519PrivateKey, encode_bytes, encode_public, key_id

SIGNER = Ed25519PrivateKey.generate()
PUBLIC = SIGNER.public_key()
HERE = ServerHere(nonce="n", server_id="s", name="Сервер", port=15200, session_public=encode_public(PUBLIC))
CERTIFICATE = SessionCertificate(
    key_number="100-0001",
    license_digest="d",
    server_id="s",
    session_public="p",
    exchange_public="e",
    issued_at=1,
    expires_at=2,
)
TOKEN = seal(HERE, SIGNER)
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def signed(header: Mapping[str, object] | bytes, payload: bytes, signer: Ed25519PrivateKey = SIGNER) -> str:
    """A token with a right signature over whatever header and payload."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    message = f"{encode_bytes(raw)}.{encode_bytes(payload)}"
    return f"{message}.{encode_bytes(signer.sign(message.encode()))}"


def header_of(kind: type[Document]) -> dict[str, object]:
    return {"alg": "EdDSA", "typ": kind.kind, "kid": key_id(PUBLIC)}


def assert_refused(token: str) -> DocumentError:
    with pytest.raises(DocumentError) as refused:
        open_sealed(token, ServerHere, PUBLIC)
    with pytest.raises(DocumentError):
        open_self_signed(token, ServerHere)
    return refused.value


def test_a_sealed_document_opens_with_the_signers_key() -> None:
    assert open_sealed(TOKEN, ServerHere, PUBLIC) == HERE


def test_a_document_that_carries_its_own_key_opens_without_another() -> None:
    assert open_self_signed(TOKEN, ServerHere) == HERE


def test_the_header_names_kind_and_key() -> None:
    assert signer_id(TOKEN, ServerHere) == key_id(PUBLIC)


def test_a_digest_names_exactly_one_document() -> None:
    assert digest(TOKEN) == digest(str(TOKEN))
    assert digest(TOKEN) != digest(seal(CERTIFICATE, SIGNER))


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(BASE64URL + "."))
def test_any_altered_character_is_refused(position: int, character: str) -> None:
    altered = TOKEN[:position] + character + TOKEN[position + 1 :]

    if altered != TOKEN:
        assert_refused(altered)


@given(st.integers(0, len(TOKEN) - 1), st.integers(0, 7))
def test_any_flipped_bit_is_refused(position: int, bit: int) -> None:
    flipped = TOKEN[:position] + chr(ord(TOKEN[position]) ^ 1 << bit) + TOKEN[position + 1 :]

    assert_refused(flipped)


@given(st.integers(0, len(TOKEN) - 1))
def test_a_cut_document_is_refused(length: int) -> None:
    assert_refused(TOKEN[:length])


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    assert_refused(text)


@given(st.binary(), st.binary(), st.binary())
def test_any_three_segments_are_refused(header: bytes, payload: bytes, signature: bytes) -> None:
    assert_refused(".".join(map(encode_bytes, (header, payload, signature))))


@pytest.mark.parametrize("segment", [0, 1, 2])
def test_segments_of_two_documents_do_not_mix(segment: int) -> None:
    other = seal(msgspec.structs.replace(HERE, name="other"), Ed25519PrivateKey.generate()).split(".")
    mixed = TOKEN.split(".")
    mixed[segment] = other[segment]

    assert_refused(".".join(mixed))


@pytest.mark.parametrize("field", ["nonce", "server_id", "name", "port", "session_public"])
def test_no_field_can_be_exchanged_for_that_of_another_document(field: str) -> None:
    content = json.loads(msgspec.json.encode(HERE))
    foreign = {"nonce": "m", "server_id": "t", "name": "x", "port": 1, "session_public": encode_public(PUBLIC) + "A"}
    header, _, signature = TOKEN.split(".")

    assert_refused(f"{header}.{encode_bytes(json.dumps(content | {field: foreign[field]}).encode())}.{signature}")


def test_a_document_of_another_kind_is_refused_by_name() -> None:
    refused = assert_refused(seal(CERTIFICATE, SIGNER))

    assert "expected a protect-server+jws document, not 'protect-session+jws'" in refused.message


def test_a_document_of_another_signer_is_refused() -> None:
    with pytest.raises(DocumentError, match="not that of the expected key"):
        open_sealed(seal(HERE, Ed25519PrivateKey.generate()), ServerHere, PUBLIC)


def test_a_document_that_claims_a_key_it_is_not_signed_with_is_refused() -> None:
    with pytest.raises(DocumentError, match="not that of the expected key"):
        open_self_signed(seal(HERE, Ed25519PrivateKey.generate()), ServerHere)


@pytest.mark.parametrize("public", ["", "short", "é" * 43, "A" * 44])
def test_a_document_that_carries_no_usable_key_is_refused(public: str) -> None:
    with pytest.raises(DocumentError, match="no usable public key"):
        open_self_signed(seal(msgspec.structs.replace(HERE, session_public=public), SIGNER), ServerHere)


@pytest.mark.parametrize("algorithm", ["none", "None", "", "HS256", "ES256", "eddsa", None, 0, ["EdDSA"]])
def test_no_other_algorithm_is_believed(algorithm: object) -> None:
    header = header_of(ServerHere) | {"alg": algorithm}

    assert_refused(signed(header, msgspec.json.encode(HERE)))


@pytest.mark.parametrize("algorithm", ["HS256", "EdDSA"])
def test_a_mac_with_the_public_key_is_no_signature(algorithm: str) -> None:
    header = encode_bytes(json.dumps(header_of(ServerHere) | {"alg": algorithm}).encode())
    message = f"{header}.{encode_bytes(msgspec.json.encode(HERE))}"
    mac = hmac.digest(PUBLIC.public_bytes_raw(), message.encode(), "sha256")

    assert_refused(f"{message}.{encode_bytes(mac)}")
    assert_refused(f"{message}.")


@pytest.mark.parametrize(
    "more",
    [
        {"b64": False, "crit": ["b64"]},
        {"crit": ["unheard"]},
        {"kid": 7},
        {"alg": "EdDSA", "typ": ["protect-server+jws"]},
    ],
)
def test_a_header_that_asks_for_more_is_refused(more: Mapping[str, object]) -> None:
    assert_refused(signed({**header_of(ServerHere), **more}, msgspec.json.encode(HERE)))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b'"\xff"',
        b"{",
        b'{"alg":"EdDSA","x":' + b"[" * 3000,
        b'{"x":' + b"9" * 5000 + b"}",
    ],
)
def test_a_header_that_cannot_be_read_is_refused(header: bytes) -> None:
    assert_refused(signed(header, msgspec.json.encode(HERE)))


@pytest.mark.parametrize("depth", [10, 500, 900, 950, 980, 1000, 5000])
def test_a_nested_header_is_refused_or_passed_over_at_every_depth(depth: int) -> None:
    header = json.dumps(header_of(ServerHere))[:-1].encode() + b',"x":' + b"[" * depth + b"]" * depth + b"}"
    token = signed(header, msgspec.json.encode(msgspec.structs.replace(HERE, name="x")), Ed25519PrivateKey.generate())

    assert_refused(token)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'"\xff"',
        b"\xff\xfe",
        b"[" * 5000,
        b'{"nonce":' + b"[" * 5000,
        b'{"nonce":1,"server_id":"s","name":"n","port":1,"session_public":"p"}',
        b'{"nonce":"n","server_id":"s","name":"\\ud800","port":1,"session_public":"p"}',
    ],
)
def test_content_that_does_not_fit_its_kind_is_refused(payload: bytes) -> None:
    assert_refused(signed(header_of(ServerHere), payload))


@pytest.mark.parametrize("port", [-1, 0, 65536, 10**30])
def test_a_server_at_an_impossible_port_is_refused(port: int) -> None:
    content = json.loads(msgspec.json.encode(HERE)) | {"port": port}

    assert_refused(signed(header_of(ServerHere), json.dumps(content).encode()))


def test_fields_of_a_later_version_are_passed_over() -> None:
    content = json.loads(msgspec.json.encode(HERE)) | {"color": {"deep": [1, 2, 3]}}
    token = signed(header_of(ServerHere) | {"later": True}, json.dumps(content).encode())

    assert open_sealed(token, ServerHere, PUBLIC) == HERE


def test_a_document_may_be_as_long_as_the_limit_and_no_longer() -> None:
    content = msgspec.json.encode(HERE)
    longer = len(seal(msgspec.structs.replace(HERE, name="x" * 30_000), SIGNER))
    assert longer < MAX_DOCUMENT_CHARS
    huge = signed(header_of(ServerHere), content[:-1] + b" " * MAX_DOCUMENT_CHARS + b"}")

    assert "not a signed document, or it was cut" in assert_refused(huge).message


@pytest.mark.parametrize("spelling", ["{}=", "{}==", "{}\n", " {}", "{} ", "{}.", "{}A"])
def test_another_spelling_of_the_same_bytes_is_refused(spelling: str) -> None:
    assert_refused(spelling.format(TOKEN))


def license_content(**changes: object) -> bytes:
    content: dict[str, object] = {
        "key_number": "100-0001",
        "vendor": "V",
        "product": "retail",
        "product_name": "R",
        "counters": [{"name": "main", "type": "session", "limit": 1}],
        "reactivation": "pins",
        "key_public": "k",
        "facts": {"disk": {"source": "serial", "digest": "d"}},
        "request_id": "r",
        "activation": 1,
        "issued_at": 1,
    }
    return json.dumps(content | changes).encode()


def test_a_license_needs_no_more_than_its_required_fields() -> None:
    license = open_sealed(signed(header_of(License), license_content()), License, PUBLIC)

    assert license.counters == (Counter(name="main", type="session", limit=1),)
    assert license.expires_at is None


@pytest.mark.parametrize(
    "changes",
    [
        {"key_number": "../../etc/passwd"},
        {"key_number": "100-0001\n"},
        {"key_number": ""},
        {"key_number": ".hidden"},
        {"key_number": "x" * 65},
        {"counters": []},
        {"counters": [{"name": "main", "type": "seat", "limit": 1}]},
        {"counters": [{"name": "main", "type": "session", "limit": 0}]},
        {"counters": [{"name": "main", "type": "session", "limit": True}]},
        {"counters": [{"name": "main", "type": "session", "limit": 1}, {"name": "main", "type": "user", "limit": 1}]},
        {"facts": {"shoe size": {"source": "serial", "digest": "d"}}},
        {"activation": 0},
        {"issued_at": -1},
        {"issued_at": 1.5},
        {"reactivation": "always"},
    ],
)
def test_a_license_that_makes_no_sense_is_refused_although_it_is_signed(changes: Mapping[str, object]) -> None:
    with pytest.raises(DocumentError, match="does not fit"):
        open_sealed(signed(header_of(License), license_content(**changes)), License, PUBLIC)


@pytest.mark.parametrize("request_id", ["", "short", "x" * 65, "has space in it!", "valid-but-newline\n"])
def test_a_request_id_is_a_random_name(request_id: str) -> None:
    content = {
        "request_id": request_id,
        "key_number": "100-0001",
        "sealed_pin": "",
        "key_public": encode_public(PUBLIC),
        "facts": {},
        "company": {},
        "server_version": "1",
        "created_at": 1,
    }

    with pytest.raises(DocumentError, match="does not fit"):
        open_self_signed(signed(header_of(ActivationRequest), json.dumps(content).encode()), ActivationRequest)

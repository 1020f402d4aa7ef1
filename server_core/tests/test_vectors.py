# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test vectors, read by this package and by a second reader that is written from docs/documents.md alone."""

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from licserver.activation.blocks import ANSWER_CODE, REQUEST_CODE
from licserver.activation.carried import read_answer, read_request
from licserver.activation.phone import RequestCode, digest_of_ticket, shorten
from licserver.activation.phone import read_answer as read_blocks
from licserver.activation.updates import read_state, read_update
from licserver.armor import dearmor
from licserver.binding import Binding, Fact
from licserver.documents import (
    ActivationRequest,
    Document,
    DocumentError,
    License,
    digest,
    document_kind,
    open_sealed,
    open_self_signed,
    seal,
)
from licserver.keys.soft_key import read_key_file
from licserver.kit import Kit, VendorKey
from licserver.licenses import open_license
from licserver.sealing import decode_bytes, decode_signing_public, encode_bytes, unseal

FOLDER = Path(__file__).with_name("vectors")
KINDS = {kind.kind: kind for kind in Document.__subclasses__()}


def vectors(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


KEYS, DOCUMENTS, FACTS, FILES, PHONE = map(vectors, ("keys", "documents", "facts", "files", "phone"))
VENDOR, CENTER = KEYS["signing"]["vendor"], KEYS["exchange"]["center"]
KIT = Kit(
    vendor="Example Software",
    vendor_keys=(VendorKey(kid=VENDOR["kid"], x=VENDOR["public"]),),
    exchange_key=CENTER["public"],
    center_url="https://activation.example.com:15443",
)
COMPUTER = Binding(tuple(msgspec.convert(FACTS["facts"], list[Fact])))


def names(documents: Any) -> list[str]:
    return [f"{number}-{one['typ']}" for number, one in enumerate(documents)]


# The second reader: only the standard library and the primitives.


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def kid_of(public: str) -> str:
    return text_of(hashlib.sha256(unpadded(public)).digest()[:16])


def read_document(token: str, typ: str, public: str) -> Any:
    header, payload, signature = token.split(".")
    assert json.loads(unpadded(header)) == {"alg": "EdDSA", "typ": typ, "kid": kid_of(public)}
    Ed25519PublicKey.from_public_bytes(unpadded(public)).verify(unpadded(signature), f"{header}.{payload}".encode())
    return json.loads(unpadded(payload))


def hkdf(secret: bytes, salt: bytes, info: str) -> bytes:
    return HKDF(SHA256(), 32, salt, info.encode()).derive(secret)


def opened(key: bytes, sealed: bytes, context: str) -> bytes:
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], context.encode())


def read_box(sealed: str, private: str, context: str) -> bytes:
    raw = unpadded(sealed)
    shared = X25519PrivateKey.from_private_bytes(unpadded(private)).exchange(
        X25519PublicKey.from_public_bytes(raw[:32])
    )
    return opened(hkdf(shared, raw[:32], "protect sealed box"), raw[32:], context)


def facts_secret() -> bytes:
    return "\n".join("\t".join(fact) for fact in fact_rows()).encode()


def fact_rows() -> list[list[str]]:
    return [[fact["kind"], fact["source"], fact["value"]] for fact in FACTS["facts"]]


class TestKeys:
    @pytest.mark.parametrize("name", KEYS["signing"])
    def test_signing_keys(self, name: str) -> None:
        key = KEYS["signing"][name]
        public = Ed25519PrivateKey.from_private_bytes(unpadded(key["private"])).public_key()

        assert (text_of(public.public_bytes_raw()), kid_of(key["public"])) == (key["public"], key["kid"])

    @pytest.mark.parametrize("name", KEYS["exchange"])
    def test_exchange_keys(self, name: str) -> None:
        key = KEYS["exchange"][name]

        assert (
            text_of(X25519PrivateKey.from_private_bytes(unpadded(key["private"])).public_key().public_bytes_raw())
            == (key["public"])
        )


class TestDocuments:
    def test_every_kind_has_one(self) -> None:
        assert {one["typ"] for one in DOCUMENTS["accepted"]} == KINDS.keys()

    @pytest.mark.parametrize("vector", DOCUMENTS["accepted"], ids=names(DOCUMENTS["accepted"]))
    def test_it_opens_and_says_what_stands_there(self, vector: Mapping[str, Any]) -> None:
        kind, signer = KINDS[vector["typ"]], decode_signing_public(vector["signer"])

        document = open_sealed(vector["token"], kind, signer)

        said = read_document(vector["token"], vector["typ"], vector["signer"])
        assert said.items() <= vector["payload"].items()
        assert json.loads(msgspec.json.encode(document)) == vector["payload"]
        assert digest(vector["token"]) == vector["sha256"] == hashlib.sha256(vector["token"].encode()).hexdigest()
        assert document_kind(vector["token"]) == vector["typ"]

    @pytest.mark.parametrize("vector", DOCUMENTS["accepted"], ids=names(DOCUMENTS["accepted"]))
    def test_with_a_bit_flipped_at_any_place_it_is_refused(self, vector: Mapping[str, Any]) -> None:
        kind, signer, token = KINDS[vector["typ"]], decode_signing_public(vector["signer"]), vector["token"].encode()

        for place in range(len(token)):
            flipped = bytes([*token[:place], token[place] ^ 1 << place % 8, *token[place + 1 :]])
            with pytest.raises(DocumentError):
                open_sealed(flipped.decode("latin-1"), kind, signer)

    @pytest.mark.parametrize("vector", DOCUMENTS["refused"], ids=[one["why"] for one in DOCUMENTS["refused"]])
    def test_what_must_be_refused_is(self, vector: Mapping[str, Any]) -> None:
        with pytest.raises(DocumentError):
            open_sealed(vector["token"], KINDS[vector["typ"]], decode_signing_public(VENDOR["public"]))

    def test_the_same_keys_make_the_same_tokens(self) -> None:
        vector = DOCUMENTS["accepted"][0]
        signer = Ed25519PrivateKey.from_private_bytes(decode_bytes(VENDOR["private"]))

        assert seal(msgspec.convert(vector["payload"], License), signer) == vector["token"]


class TestFacts:
    def test_digests(self) -> None:
        number = FACTS["key_number"]
        by_hand = {
            kind: {
                "source": source,
                "digest": hashlib.sha256("\t".join(("protect fact", number, kind, source, value)).encode()).hexdigest(),
            }
            for kind, source, value in fact_rows()
        }

        assert by_hand == FACTS["digests"] == msgspec.to_builtins(COMPUTER.digests(number))

    def test_sealing_key(self) -> None:
        salt, number = unpadded(FACTS["salt"]), FACTS["key_number"]
        by_hand = hkdf(facts_secret(), salt, f"protect soft key {number}")

        assert text_of(by_hand) == FACTS["sealing_key"]
        assert COMPUTER.sealing_key(salt=salt, key_number=number) == by_hand


@pytest.mark.parametrize("box", vectors("boxes"), ids=["PIN", "password"])
def test_sealed_boxes(box: Mapping[str, str]) -> None:
    private = KEYS["exchange"][box["recipient"]]["private"]
    recipient = X25519PrivateKey.from_private_bytes(decode_bytes(private))

    assert read_box(box["sealed"], private, box["context"]).decode() == box["plain"]
    assert unseal(recipient, box["sealed"], context=box["context"]).decode() == box["plain"]


class TestFiles:
    @pytest.mark.parametrize("name", ["key", "key_with_pack"])
    def test_key_files(self, name: str) -> None:
        key = read_key_file(FILES[name], {VENDOR["kid"]: KIT}).open(COMPUTER)

        sealed = unpadded(dearmor(FILES[name])["SEALED KEY"])
        sealing_key = hkdf(facts_secret(), sealed[:16], f"protect soft key {FACTS['key_number']}")
        by_hand = opened(sealing_key, sealed[16:], FACTS["key_number"])
        assert text_of(by_hand) == encode_bytes(key.signer.private_bytes_raw()) == FILES["private_key"]
        assert [pack.pack for pack in key.license.packs] == (["P-1001"] if name == "key_with_pack" else [])

    @pytest.mark.parametrize("name", ["request", "pack_request"])
    def test_request_files(self, name: str) -> None:
        token = read_request(FILES[name])

        assert token in {one["token"] for one in DOCUMENTS["accepted"]}
        assert FILES[name].splitlines()[-2].startswith(f"Upload this file at {KIT.center_url}")

    def test_answer_file(self) -> None:
        token, license = read_answer(FILES["answer"])

        assert token == DOCUMENTS["accepted"][0]["token"]
        assert license == open_license(token, KIT)

    def test_texts_of_a_hardware_key(self) -> None:
        token, license = read_update(FILES["key_update"])
        body = FILES["key_update"].partition("UPDATE-----\n")[2].partition("\n-----END")[0].replace("\n", "")

        assert f"Checksum: {zlib.crc32(body.encode()):08X}" in FILES["key_update"].splitlines()
        assert (token, license.facts) == (body, {})
        assert open_license(token, KIT) == license
        assert read_state(FILES["key_state"]).license == token


class TestTelephone:
    def test_request_code(self) -> None:
        asked = open_self_signed(PHONE["request"], ActivationRequest)
        code = RequestCode.of(
            key_number=asked.key_number,
            key_public=asked.key_public,
            facts=asked.facts,
            ticket_digest=PHONE["ticket_digest"],
        )

        assert digest_of_ticket(PHONE["ticket"]) == PHONE["ticket_digest"]
        assert (code.digits, code.write()) == (PHONE["request_digits"], PHONE["request_code"])
        assert REQUEST_CODE.read(PHONE["request_code"].replace(" ", "")) == PHONE["request_digits"]
        assert {kind: fact.digest for kind, fact in shorten(asked.facts).items()} == code.facts

    @pytest.mark.parametrize("answer", PHONE["answers"], ids=["first", "second"])
    def test_answers(self, answer: Mapping[str, Any]) -> None:
        code = RequestCode.read(PHONE["request_code"])
        license = open_license(answer["license"], KIT)

        assert str(read_blocks(answer["blocks"], license.key_number, code)) == answer["secret"]
        assert ANSWER_CODE.write(ANSWER_CODE.read(answer["blocks"])) == answer["blocks"]
        assert (license.activation, license.ticket) == (answer["activation"], PHONE["ticket"])

    @pytest.mark.parametrize("answer", PHONE["answers"], ids=["first", "second"])
    def test_the_secret_opens_its_signer(self, answer: Mapping[str, Any]) -> None:
        ordinal, secret = answer["activation"], answer["secret"].zfill(21).encode()
        salt = f"protect ticket {PHONE['ticket_digest']}".encode()
        key = hashlib.scrypt(secret, salt=salt, n=16384, r=8, p=1, dklen=32)
        sealed = unpadded(PHONE["sealed_signers"][ordinal - 1])

        private = opened(key, sealed, f"{PHONE['ticket_digest']}\n{ordinal}")

        public = text_of(Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())
        assert (
            public
            == read_document(PHONE["ticket"], "protect-phone-ticket+jws", VENDOR["public"])["signers"][ordinal - 1]
        )
        assert read_document(answer["license"], License.kind, public)["activation"] == ordinal

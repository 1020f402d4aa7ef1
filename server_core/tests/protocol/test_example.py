# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/protocol-example.md is what a real server says, and follows from its keys alone: every value is computed here
from what the document shows, by primitives of other people only, as somebody who writes a client would."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from server_core.tests.protocol import example

TEXT = example.PATH.read_text(encoding="utf-8")
ROW = re.compile(r"^\| `?([^|`]+)`? \| (?:[^|]* \| )?`([^`]+)` \|$", re.MULTILINE)
ROWS = dict(ROW.findall(TEXT))
PRIVATE = {
    name: bytes.fromhex(private) for name, private in re.findall(r"^\| ([a-z ]+) \| `([0-9a-f]{64})` \|", TEXT, re.M)
}
BLOCKS = re.findall(r"^```text\n(.*?)\n```$", TEXT, re.DOTALL | re.MULTILINE)
DISCOVERY, WHOLE_LIFE = BLOCKS[0], BLOCKS[1]


def said(block: str, sign: str) -> list[str]:
    return [line[2:] for line in block.splitlines() if line.startswith(sign)]


REQUESTS = [json.loads(line) for line in said(WHOLE_LIFE, ">")]
ANSWERS = [json.loads(line) for line in said(WHOLE_LIFE, "<")]
GRANTED = ANSWERS[1]


def test_a_real_server_says_it_byte_for_byte(tmp_path: Path) -> None:
    assert example.document(tmp_path) == TEXT, "write it anew: python -m server_core.tests.protocol.example"


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hkdf(secret: bytes, salt: str, info: str) -> bytes:
    """RFC 5869 with SHA-256, for 32 bytes."""
    extracted = hmac.digest(salt.encode(), secret, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")


def mac(key: bytes, *lines: str) -> str:
    return encoded(hmac.digest(key, "\n".join(lines).encode(), "sha256"))


def exchange_key(name: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(PRIVATE[name])


def public_of(name: str) -> bytes:
    if name in ("exchange", "client", "client of boris"):
        return exchange_key(name).public_key().public_bytes_raw()
    return Ed25519PrivateKey.from_private_bytes(PRIVATE[name]).public_key().public_bytes_raw()


SHARED = exchange_key("client").exchange(X25519PublicKey.from_public_bytes(decoded(ANSWERS[0]["exchange_public"])))
LOGIN_KEY = hkdf(SHARED, ROWS["challenge"], "protect login")
LEASE_SECRET = hkdf(SHARED, ROWS["lease"], "protect lease")
ACCESS_KEY = hashlib.scrypt(
    ROWS["access code"].encode(),
    salt=b"protect access code " + ROWS["server_id"].encode(),
    n=16384,
    r=8,
    p=1,
    dklen=32,
)


def test_public_keys_are_those_of_the_private_keys() -> None:
    shown = re.findall(r"^\| ([a-z ]+) \| `[0-9a-f]{64}` \| `([^`]+)` \|$", TEXT, re.MULTILINE)

    assert len(shown) == 6
    assert dict(shown) == {name: encoded(public_of(name)) for name in PRIVATE}


def test_every_value_follows_from_the_keys() -> None:
    access = ("access", ROWS["challenge"], ROWS["nonce"])
    computed = {
        "shared secret": SHARED.hex(),
        "login key": LOGIN_KEY.hex(),
        "client_proof": mac(LOGIN_KEY, "login", ROWS["nonce"]),
        "access key": ACCESS_KEY.hex(),
        "access_proof": mac(ACCESS_KEY, *access, encoded(public_of("client"))),
        "access_proof of boris": mac(ACCESS_KEY, *access, encoded(public_of("client of boris"))),
        "lease secret": LEASE_SECRET.hex(),
        **{f"mac of {verb} {number}": lease_mac(verb, number) for verb, number in MACS},
        "mac of renewed 1": lease_mac("renewed", 1, "600"),
    }

    assert {name: ROWS[name] for name in computed} == computed
    values = TEXT.split("## Values")[1].split("## Documents")[0]
    assert set(computed) == {name for name, _ in ROW.findall(values)}


MACS = [("renew", 1), ("logout", 2), ("freed", 2), ("renew", 3)]


def lease_mac(verb: str, number: int, *more: str) -> str:
    return mac(LEASE_SECRET, verb, ROWS["lease"], str(number), *more)


def test_messages_carry_these_values() -> None:
    welcome, login = ANSWERS[0], REQUESTS[1]

    assert (welcome["challenge"], welcome["server_id"]) == (ROWS["challenge"], ROWS["server_id"])
    assert (decoded(welcome["session_public"]), decoded(welcome["exchange_public"])) == (
        *(public_of("session"), public_of("exchange")),
    )
    assert (login["client_proof"], login["access_proof"]) == (ROWS["client_proof"], ROWS["access_proof"])
    assert login["holder"]["client_public"] == encoded(public_of("client"))
    assert GRANTED["lease"] == ROWS["lease"]
    named = [message for message in REQUESTS + ANSWERS if "mac" in message]
    more = {"renewed": ("600",)}
    assert [message["mac"] for message in named] == [
        lease_mac(message["type"], message["sequence"], *more.get(message["type"], ())) for message in named
    ]


def test_answers_follow_their_requests() -> None:
    assert [answer["id"] for answer in ANSWERS] == [request["id"] for request in REQUESTS]
    assert [answer.get("code", answer["type"]) for answer in ANSWERS] == [
        *("welcome", "granted", "renewed", "replayed", "no_free_license", "", "freed", "unknown_lease", "no_key"),
        "bad_message",
    ]


DOCUMENTS = {
    "License": (GRANTED["license"], "vendor"),
    "Certificate": (GRANTED["certificate"], "protection key"),
    "Grant": (GRANTED["grant"], "session"),
    "The answer to the discovery": (said(DISCOVERY, "<")[0], "session"),
}


@pytest.mark.parametrize("title", DOCUMENTS)
def test_documents_are_signed_by_the_key_that_they_name(title: str) -> None:
    token, signer = DOCUMENTS[title]
    head, content, signature = token.split(".")
    shown = TEXT.split(f"### {title}\n\n```text\n")[1].split("\n```")[0].split("\n")

    assert [decoded(head).decode(), decoded(content).decode()] == shown
    key = Ed25519PrivateKey.from_private_bytes(PRIVATE[signer])
    assert key.sign(f"{head}.{content}".encode()) == decoded(signature)
    assert json.loads(shown[0])["kid"] == encoded(hashlib.sha256(public_of(signer)).digest()[:16])


def content_of(title: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(decoded(DOCUMENTS[title][0].split(".")[1]))
    return content


def test_documents_hold_together_as_a_client_must_check() -> None:
    license, certificate, grant = (content_of(title) for title in ("License", "Certificate", "Grant"))
    login = REQUESTS[1]

    assert decoded(license["key_public"]) == public_of("protection key")
    assert certificate["license_digest"] == hashlib.sha256(GRANTED["license"].encode()).hexdigest()
    assert certificate["key_number"] == license["key_number"] == grant["key_number"]
    assert certificate["server_id"] == grant["server_id"] == ANSWERS[0]["server_id"]
    assert decoded(certificate["session_public"]) == public_of("session")
    assert decoded(certificate["exchange_public"]) == public_of("exchange")
    assert certificate["expires_at"] - certificate["issued_at"] == 24 * 3600
    assert certificate["issued_at"] <= grant["issued_at"] == int(ROWS["clock"]) < certificate["expires_at"]
    assert (grant["nonce"], grant["client_public"]) == (login["nonce"], login["holder"]["client_public"])
    assert (grant["product"], grant["lease"]) == (login["product"], GRANTED["lease"])
    assert {"name": grant["counter"], "type": grant["counter_type"]}.items() <= license["counters"][0].items()


def test_the_question_is_not_shorter_than_the_answer() -> None:
    (question,), (answer,) = said(DISCOVERY, ">"), said(DISCOVERY, "<")

    assert len(answer) <= 1024
    assert json.loads(question) == {
        "type": "seek",
        "versions": [1],
        "nonce": ROWS["nonce of the question"],
        "padding": "",
    }
    here = content_of("The answer to the discovery")
    assert (here["nonce"], here["port"]) == (ROWS["nonce of the question"], 15200)
    assert here["session_public"] == ANSWERS[0]["session_public"]

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the test vectors beside it: ``python -m server_core.tests.vectors.make``. docs/documents.md, "Test vectors".

The keys are always the same; what is sealed is not, since sealing rests on chance. So this is run when a format changes
or gets something new, and never to make a test pass.
"""

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from licserver.activation.carried import write_answer
from licserver.activation.packs import NewPack, make_pack_request
from licserver.activation.phone import RequestCode, code_of, digest_of_ticket, license_by_phone
from licserver.activation.requests import NewActivation, accept_answer, make_request
from licserver.activation.updates import state_of, write_state, write_update
from licserver.binding import FACT_KINDS, Binding, Fact
from licserver.documents import (
    Company,
    Document,
    Grant,
    KeyState,
    License,
    Pack,
    PhoneTicket,
    Raise,
    ServerHere,
    SessionCertificate,
    digest,
    open_sealed,
    password_context,
    pin_context,
    seal,
)
from licserver.keys.soft_key import SoftKey, unseal_signer, write_soft_key
from licserver.sealing import Ed25519PrivateKey, X25519PrivateKey, encode_bytes, encode_public, key_id
from server_core.tests.helpers import KEY, NOW, PRODUCT, SESSIONS, OwnKey, Vendor

FOLDER = Path(__file__).parent
PIN, PASSWORD, PACK = "1111-2222", "7777-8888", "P-1001"
SERVER_ID, LEASE, NONCE = "c2VydmVyLTE", "bGVhc2UtMQ", "bm9uY2UtMQ"


def seed(name: str) -> bytes:
    """The private key of that name: 32 bytes that are the same for ever."""
    return hashlib.sha256(f"protect test vector {name}".encode()).digest()


def signing(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed(name))


def exchange(name: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(seed(name))


VENDOR = Vendor("Example Software", signing("vendor"), exchange("center"))
COMPUTER = Binding(tuple(Fact(kind, "serial", f"{kind} 1 № 7") for kind in FACT_KINDS))


def keys() -> dict[str, Any]:
    """Every private key that documents are signed or boxes sealed with."""
    return {
        "signing": {
            name: {
                "private": encode_bytes(seed(name)),
                "public": encode_public(signing(name).public_key()),
                "kid": key_id(signing(name).public_key()),
            }
            for name in ("vendor", "session", "stranger", "stick")
        },
        "exchange": {
            name: {"private": encode_bytes(seed(name)), "public": encode_public(exchange(name).public_key())}
            for name in ("center", "session exchange", "client")
        },
    }


def activation(ticket: bool = False) -> Any:
    """A request for a key, as the server keeps it."""
    company = Company(
        name="ООО Ромашка", tax_id="7701234567", address="Москва", phone="+7 495 000", email="it@example.com"
    )
    kit = msgspec.structs.replace(
        VENDOR.kit, center_url="https://activation.example.com:15443", mail="keys@example.com"
    )
    kit = msgspec.structs.replace(kit, tickets={KEY: VENDOR.ticket()} if ticket else {})
    wanted = NewActivation(key_number=KEY, pin=PIN, company=company)
    return make_request(wanted, kit, COMPUTER, now=NOW, server_version="1.0.0")


def everything() -> dict[str, Any]:
    """The content of each file, by its name."""
    pending = activation()
    signer = unseal_signer(pending.sealed_signer, COMPUTER, KEY)
    license = VENDOR.answer(
        pending, company=pending.content.company, note="Keep this file", expires_at=NOW + 365 * 86400
    )
    token = seal(license, VENDOR.signer)
    wanted = NewPack(key_number=KEY, pack=PACK, password=PASSWORD)
    pack = make_pack_request(
        wanted, SoftKey(license, token, signer), pending.kit, server_id=SERVER_ID, now=NOW, server_version="1.0.0"
    )
    raised = msgspec.structs.replace(
        license,
        request_id=pack.content.request_id,
        counters=(msgspec.structs.replace(SESSIONS, limit=7),),
        revision=2,
        packs=(Pack(pack=PACK, raises=(Raise(counter="main", licenses=5),), activated_at=NOW),),
    )
    stick = OwnKey.of(VENDOR, key_public=encode_public(signing("stick").public_key()), facts={}, reactivation="never")
    state = state_of(stick.license, stick.license_token, now=NOW, server_version="1.0.0")
    session = signing("session")
    certificate = SessionCertificate(
        key_number=KEY,
        license_digest=digest(token),
        server_id=SERVER_ID,
        session_public=encode_public(session.public_key()),
        exchange_public=encode_public(exchange("session exchange").public_key()),
        issued_at=NOW,
        expires_at=NOW + 86400,
    )
    grant = Grant(
        lease=LEASE,
        server_id=SERVER_ID,
        key_number=KEY,
        product=PRODUCT,
        counter="main",
        counter_type="session",
        nonce=NONCE,
        client_public=encode_public(exchange("client").public_key()),
        issued_at=NOW,
        active_seconds=600,
    )
    here = ServerHere(
        nonce=NONCE,
        server_id=SERVER_ID,
        name="Сервер",
        port=15200,
        session_public=encode_public(session.public_key()),
    )
    tokens: list[tuple[type[Document], str, Ed25519PrivateKey]] = [
        (License, token, VENDOR.signer),
        (License, seal(raised, VENDOR.signer), VENDOR.signer),
        (PhoneTicket, VENDOR.ticket().token, VENDOR.signer),
        (type(pending.content), pending.request, signer),
        (type(pack.content), pack.request, signer),
        (License, stick.license_token, VENDOR.signer),
        (KeyState, seal(state, signing("stick")), signing("stick")),
        (SessionCertificate, seal(certificate, signer), signer),
        (Grant, seal(grant, session), session),
        (ServerHere, seal(here, session), session),
    ]
    return {
        "keys": keys(),
        "documents": {
            "accepted": [_document(kind, text, key) for kind, text, key in tokens],
            "refused": list(_refused(token)),
        },
        "facts": _facts(),
        "boxes": _boxes(pending, pack),
        "files": {
            "private_key": encode_bytes(signer.private_bytes_raw()),
            "key": accept_answer(pending, token),
            "key_with_pack": write_soft_key(seal(raised, VENDOR.signer), raised, pending.sealed_signer),
            "request": pending.text(),
            "pack_request": pack.text(),
            "answer": write_answer(token),
            "key_update": write_update(stick.license_token),
            "key_state": write_state(seal(state, signing("stick"))),
        },
        "phone": _phone(),
    }


def _document(kind: type[Document], token: str, signer: Ed25519PrivateKey) -> dict[str, Any]:
    content = open_sealed(token, kind, signer.public_key())
    return {
        "typ": kind.kind,
        "signer": encode_public(signer.public_key()),
        "payload": msgspec.to_builtins(content),
        "token": token,
        "sha256": digest(token),
    }


def _refused(token: str) -> Any:
    """The token of a license in forms that nobody may believe, and why."""
    header, payload, signature = token.split(".")
    stranger, sign = signing("stranger"), partial(_signed, payload)
    right = {"alg": "EdDSA", "typ": License.kind, "kid": VENDOR.kid}
    forms = {
        "cut": token[:-1],
        "without its signature": f"{header}.{payload}.",
        "with a fourth part": f"{token}.{signature}",
        "with padding": f"{token}==",
        "in another spelling of the same bytes": f"{header}.{payload}.{_respelled(signature)}",
        "signed by a stranger": sign(right, stranger),
        "of another kind": sign({**right, "typ": Grant.kind}, VENDOR.signer),
        "without a kind": sign({name: right[name] for name in ("alg", "kid")}, VENDOR.signer),
        "without an algorithm": f"{encode_bytes(json.dumps({**right, 'alg': 'none'}).encode())}.{payload}.",
        "of another algorithm": sign({**right, "alg": "HS256"}, VENDOR.signer),
        "with another payload": f"{header}.{encode_bytes(b'{}')}.{signature}",
        "signed, with a payload that does not fit": _signed(encode_bytes(b'{"key_number":1}'), right, VENDOR.signer),
    }
    return [{"why": why, "typ": License.kind, "token": form} for why, form in forms.items()]


def _signed(payload: str, header: Any, signer: Ed25519PrivateKey) -> str:
    message = f"{encode_bytes(json.dumps(header).encode())}.{payload}"
    return f"{message}.{encode_bytes(signer.sign(message.encode()))}"


def _respelled(signature: str) -> str:
    """Base64url in which the bits of the last letter that stand for nothing are not zero."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return signature[:-1] + letters[letters.index(signature[-1]) + 1]


def _facts() -> dict[str, Any]:
    salt = seed("salt")[:16]
    return {
        "key_number": KEY,
        "facts": msgspec.to_builtins(COMPUTER.facts),
        "digests": msgspec.to_builtins(COMPUTER.digests(KEY)),
        "salt": encode_bytes(salt),
        "sealing_key": encode_bytes(COMPUTER.sealing_key(salt=salt, key_number=KEY)),
    }


def _boxes(pending: Any, pack: Any) -> list[dict[str, str]]:
    asked, wanted = pending.content, pack.content
    return [
        {
            "recipient": "center",
            "context": pin_context(asked.request_id, KEY, asked.key_public),
            "plain": PIN,
            "sealed": asked.sealed_pin,
        },
        {
            "recipient": "center",
            "context": password_context(wanted.request_id, PACK, wanted.key_public),
            "plain": PASSWORD,
            "sealed": wanted.sealed_password,
        },
    ]


def _phone() -> dict[str, Any]:
    pending, ticket = activation(ticket=True), VENDOR.ticket()
    pending = msgspec.structs.replace(pending, kit=msgspec.structs.replace(pending.kit, tickets={KEY: ticket}))
    code = code_of(pending)
    assert code is not None
    answers = [VENDOR.say(code.write(), activation=ordinal) for ordinal in (1, 2)]
    return {
        "ticket": ticket.token,
        "ticket_digest": digest_of_ticket(ticket.token),
        "sealed_signers": ticket.sealed_signers,
        "request": pending.request,
        "facts": msgspec.to_builtins(pending.content.facts),
        "request_digits": code.digits,
        "request_code": code.write(),
        "answers": [
            {
                "activation": ordinal,
                "secret": str(_secret(answer, code)),
                "blocks": answer,
                "license": license_by_phone(pending, answer, now=NOW),
            }
            for ordinal, answer in enumerate(answers, 1)
        ],
    }


def _secret(answer: str, code: RequestCode) -> int:
    from licserver.activation.phone import read_answer

    return read_answer(answer, KEY, code)


def main() -> None:
    for name, content in everything().items():
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

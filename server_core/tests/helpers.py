# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor, its keys, and computers, for the tests of the payload."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from licserver.activation.phone import RequestCode
from licserver.activation.requests import NewActivation, PendingActivation, make_request
from licserver.binding import FACT_KINDS, Fact, FactError, FactReader, bind_best
from licserver.center.answering import KeyRecord
from licserver.center.phone import PhoneSecrets
from licserver.documents import Counter, FactKind, License, PackRequest, PhoneTicket, SessionCertificate, seal
from licserver.keys.soft_key import seal_signer, write_soft_key
from licserver.kit import Kit, KitTicket, VendorKey
from licserver.remarks import Remark
from licserver.sealing import Ed25519PrivateKey, X25519PrivateKey, encode_public, key_id
from licserver.seats.holder import Holder
from licserver.system import this_system

NOW = 1_800_000_000
KEY = "100-0001"
PRODUCT = "retail"
SESSIONS = Counter(name="main", type="session", limit=2)


@dataclass
class Computer:
    """A computer whose facts a test sets; a fact that is missing cannot be read."""

    facts: dict[FactKind, str] = field(default_factory=lambda: {kind: f"first {kind}" for kind in FACT_KINDS})
    threats: dict[FactKind, str] = field(default_factory=dict)

    def best(self, kind: FactKind) -> Fact:
        return self.read(kind, "serial")

    def read(self, kind: FactKind, source: str) -> Fact:
        if kind not in self.facts:
            raise FactError(kind, f"{source}: it is not there", source=source, why="missing")
        return Fact(kind, source, self.facts[kind])

    def warnings(self, kind: FactKind, source: str) -> tuple[Remark, ...]:
        return (Remark("threat", self.threats[kind]),) if kind in self.threats else ()


@dataclass
class Vendor:
    """Sells licenses without a center: signs them directly."""

    name: str = "Vendor"
    signer: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    exchange: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)

    @property
    def kid(self) -> str:
        return key_id(self.signer.public_key())

    @property
    def kit(self) -> Kit:
        return Kit(
            vendor=self.name,
            vendor_keys=(VendorKey(kid=self.kid, x=encode_public(self.signer.public_key())),),
            exchange_key=encode_public(self.exchange.public_key()),
            center_url="https://127.0.0.1:9",
        )

    def answer(self, pending: PendingActivation, *counters: Counter, product: str = PRODUCT, **changes: Any) -> License:
        """The license that a request is answered with."""
        asked = pending.content
        license = License(
            key_number=asked.key_number,
            vendor=self.name,
            product=product,
            product_name="Retail 8",
            counters=counters or (SESSIONS,),
            reactivation="pins",
            key_public=asked.key_public,
            facts=asked.facts,
            request_id=asked.request_id,
            activation=1,
            issued_at=NOW,
        )
        return msgspec.structs.replace(license, **changes)

    def request(
        self,
        computer: FactReader,
        key_number: str = KEY,
        *,
        pin: str = "1111-1111",
        ticket: KitTicket | None = None,
        others: Sequence[str] = (),
    ) -> PendingActivation:
        """The request of a computer for a key of this vendor.

        :param ticket: of the key in the kit, and as well of others.
        """
        wanted = NewActivation(key_number=key_number, pin=pin)
        tickets = {} if ticket is None else dict.fromkeys((key_number, *others), ticket)
        kit = msgspec.structs.replace(self.kit, tickets=tickets)
        return make_request(wanted, kit, bind_best(computer), now=NOW, server_version="0.1.0")

    def sold(self, limit: int = SESSIONS.limit, **terms: Any) -> KeyRecord:
        """The key :data:`KEY` as this vendor sold it, by telephone too."""
        counters = (msgspec.structs.replace(SESSIONS, limit=limit),)
        sold: dict[str, Any] = {"product_name": "Retail 8", "reactivation": "pins", "expires_at": None}
        policy: dict[str, Any] = {"same_facts": 1, "head": "", "phone": True, "pins": 3}
        return KeyRecord(key_number=KEY, product=PRODUCT, counters=counters, **{**sold, **policy, **terms})

    @property
    def telephone(self) -> PhoneSecrets:
        """What only this vendor knows of tickets."""
        return PhoneSecrets(self.exchange.private_bytes_raw())

    def phone_ticket(self, **terms: Any) -> PhoneTicket:
        """What a ticket of :data:`KEY` says."""
        return self.telephone.ticket(self.sold(**terms), self.name)

    def ticket(self, **terms: Any) -> KitTicket:
        """The ticket of :data:`KEY` for a kit."""
        return self.telephone.kit_ticket(self.sold(**terms), self.name, partial(seal, signer=self.signer))

    def say(self, code: str, *, activation: int = 1, **terms: Any) -> str:
        """What the desk says to a request code."""
        return self.telephone.answer(self.phone_ticket(**terms), activation, RequestCode.read(code))

    def key_file(self, computer: FactReader, key_number: str = KEY, *counters: Counter, **changes: Any) -> str:
        """The text of a software key that works on one computer."""
        pending = self.request(computer, key_number)
        license = self.answer(pending, *counters, **changes)
        return write_soft_key(seal(license, self.signer), license, pending.sealed_signer)

    def install(
        self, state: Path, computer: FactReader, key_number: str = KEY, *counters: Counter, **changes: Any
    ) -> Path:
        """Put a software key, and the kit to believe it, into the state folder of a server."""
        keys = this_system().key_folder(state)
        for folder in (keys, state / "kits"):
            folder.mkdir(parents=True, exist_ok=True)
        (state / "kits" / f"{self.kid}.json").write_bytes(msgspec.json.encode(self.kit))
        path = keys / f"{key_number}.dongle"
        path.write_text(self.key_file(computer, key_number, *counters, **changes), encoding="utf-8")
        return path


@dataclass
class OwnKey:
    """A protection key whose private key lies open in a test."""

    license: License
    license_token: str
    signer: Ed25519PrivateKey

    @classmethod
    def of(cls, vendor: Vendor, key_number: str = KEY, *counters: Counter, **changes: Any) -> "OwnKey":
        signer = Ed25519PrivateKey.generate()
        pending = vendor.request(Computer(), key_number)
        changes.setdefault("key_public", encode_public(signer.public_key()))
        license = vendor.answer(pending, *counters, **changes)
        return cls(license, seal(license, vendor.signer), signer)

    def sign(self, document: SessionCertificate | PackRequest) -> str:
        return seal(document, self.signer)


def sealed_elsewhere(vendor: Vendor, computer: FactReader, stranger: Ed25519PrivateKey, key_number: str = KEY) -> str:
    """A key file in which the private key is not the one of the license."""
    pending = vendor.request(computer, key_number)
    license = vendor.answer(pending)
    return write_soft_key(seal(license, vendor.signer), license, seal_signer(stranger, bind_best(computer), key_number))


def holder(private: X25519PrivateKey, user: str = "anna", computer: str = "pc1", **more: int) -> Holder:
    """A running instance of the product with its own key."""
    return Holder(user=user, computer=computer, client_public=encode_public(private.public_key()), **more)

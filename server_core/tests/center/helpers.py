# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A center in a directory of its own, and license servers that ask it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from licserver.center import registry
from licserver.center.acting import Act, Actor
from licserver.center.catalog import Applied, Catalog, CatalogKey, CatalogPack, apply_catalog
from licserver.center.customers import Customer
from licserver.center.foundation import Center
from licserver.center.issuing import Issuer
from licserver.center.registry import Product
from licserver.documents import (
    ActivationRequest,
    Company,
    Counter,
    FactDigest,
    FactKind,
    License,
    open_sealed,
    pin_context,
    seal,
)
from licserver.sealing import Ed25519PrivateKey, X25519PublicKey, encode_public, seal_to

NOW = 1_800_000_000
KEY = "100-0001"
PINS = ("1111-1111", "2222-2222", "3333-3333")
COUNTERS = (Counter(name="main", type="session", limit=5),)
RETAIL = Product(product="retail", name="Retail 8", counters=COUNTERS, pins=3, reactivation="pins")
NEVER = Product(product="virtual", name="Virtual 8", counters=COUNTERS, pins=1, reactivation="never")
URL = "https://127.0.0.1:15443"
SHELL = Actor("shell", "root")
SERVER = Actor("api", "192.0.2.7")
DESK = Actor("staff", "anna")
ACT = Act(NOW, SHELL)


def facts(disk: str = "d", network: str = "n", system: str = "s", board: str = "b") -> dict[FactKind, FactDigest]:
    """The facts of a computer; what is not named is that of everybody's first computer."""
    return {
        "disk": FactDigest(source="serial", digest=disk),
        "network": FactDigest(source="device", digest=network),
        "system": FactDigest(source="machine-id", digest=system),
        "board": FactDigest(source="serial", digest=board),
    }


def an_issued_license(**changes: Any) -> License:
    """The license of the first activation of :data:`KEY`."""
    license = License(
        key_number=KEY,
        vendor="Vendor",
        product="retail",
        product_name="Retail 8",
        counters=COUNTERS,
        reactivation="pins",
        key_public="public",
        facts=facts(),
        request_id="request-0000000001",
        activation=1,
        issued_at=NOW,
    )
    return msgspec.structs.replace(license, **changes)


def make_request(
    exchange: X25519PublicKey,
    pin: str,
    *,
    key_number: str = KEY,
    of: dict[FactKind, FactDigest] | None = None,
    request_id: str | None = None,
    signer: Ed25519PrivateKey | None = None,
    company: Company = Company(name="Branch 1"),  # noqa: B008 - it is frozen
) -> str:
    """A valid activation request of a new key, as a license server makes it."""
    signer = signer or Ed25519PrivateKey.generate()
    request_id = request_id or secrets.token_urlsafe(24)
    key_public = encode_public(signer.public_key())
    request = ActivationRequest(
        request_id=request_id,
        key_number=key_number,
        sealed_pin=seal_to(exchange, pin.encode(), context=pin_context(request_id, key_number, key_public)),
        key_public=key_public,
        facts=facts() if of is None else of,
        company=company,
        server_version="0.1.0",
        created_at=NOW,
    )
    return seal(request, signer)


@dataclass
class Clock:
    """A clock that a test turns."""

    now: int = NOW

    def __call__(self) -> float:
        return float(self.now)


@dataclass
class Office:
    """A center that sells :data:`RETAIL` and :data:`NEVER`, with one key of RETAIL."""

    directory: Path
    center: Center
    clock: Clock = field(default_factory=Clock)
    sells: bool = True

    def __post_init__(self) -> None:
        self.issuer = Issuer(self.center.database, self.center.authority, "Vendor", clock=self.clock)
        if self.sells:
            self.apply(products=(RETAIL, NEVER), keys=(CatalogKey(key_number=KEY, product="retail", pins=PINS),))

    def apply(
        self,
        products: Sequence[Product] = (),
        keys: Sequence[CatalogKey] = (),
        packs: Sequence[CatalogPack] = (),
        *,
        customers: Sequence[Customer] = (),
        keep: bool = True,
    ) -> Applied:
        catalog = Catalog(products=tuple(products), customers=tuple(customers), keys=tuple(keys), packs=tuple(packs))
        pepper, act = self.center.authority.pepper, Act(self.clock.now, SHELL)
        with self.center.database.writing(keep=keep) as connection:
            return apply_catalog(connection, catalog, pepper=pepper, act=act)

    def request(self, pin: str, **options: Any) -> str:
        return make_request(self.center.authority.exchange.public_key(), pin, **options)

    def activate(self, pin: str, **options: Any) -> License:
        return self.open(self.issuer.answer(self.request(pin, **options), SERVER))

    def open(self, answer: str) -> License:
        return open_sealed(answer, License, self.center.authority.vendor.public_key())

    def pins_spent(self, key_number: str = KEY) -> int:
        with self.center.database.reading() as connection:
            return next(
                int(key["pins_spent"]) for key in registry.search_keys(connection) if key["key_number"] == key_number
            )

    def actors(self, text: str = "") -> list[tuple[str, str | None, str | None]]:
        """Who did what, newest first."""
        with self.center.database.reading() as connection:
            found = registry.search_history(connection, text=text)
        return [(entry["event"], entry["way"], entry["actor"]) for entry in found]

    def history(self, key_number: str = KEY) -> list[tuple[str, str | None]]:
        with self.center.database.reading() as connection:
            return [(entry["event"], entry["code"]) for entry in registry.key_history(connection, key_number)]

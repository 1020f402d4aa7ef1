# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's catalog: products, customers, keys and packs that the center shall know, and how it comes to know them.

Applying is additive and idempotent: what the catalog does not name stays, a PIN is never taken away.
docs/specification.md, section 5; docs/documents.md, "Catalog".
"""

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection

from licserver.center import CenterError, pack_registry, registry
from licserver.center.acting import Act
from licserver.center.customers import Customer, find_customer, store_customer
from licserver.center.packs import PackRecord
from licserver.center.pins import make_pin, normalize_pin, password_digest, pin_digest
from licserver.center.registry import Key, Product


class CatalogError(CenterError):
    """A catalog that cannot be applied; nothing of it was."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__("bad_catalog", message, hint=hint or "Correct the catalog; nothing of it was applied")


class CatalogKey(Key, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key in the catalog. Without a customer it keeps the one that it has.

    :ivar pins: its PINs; made up when absent, as many as the product says.
    """

    pins: tuple[str, ...] | None = None


class CatalogPack(PackRecord, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A license pack in the catalog.

    :ivar password: made up for a new pack when absent; a known one keeps its own.
    """

    password: str | None = None


class Catalog(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the center shall know."""

    products: tuple[Product, ...] = ()
    customers: tuple[Customer, ...] = ()
    keys: tuple[CatalogKey, ...] = ()
    packs: tuple[CatalogPack, ...] = ()


@dataclass
class Applied:
    """What a catalog changed, by product, customer, key number and pack.

    :ivar made_pins: key number to the PINs that were made up for it, in clear: for the operator's eyes only.
    :ivar made_passwords: pack to its password, likewise.
    """

    products_added: list[str] = field(default_factory=list)
    products_changed: list[str] = field(default_factory=list)
    customers_added: list[str] = field(default_factory=list)
    customers_changed: list[str] = field(default_factory=list)
    keys_added: list[str] = field(default_factory=list)
    keys_changed: list[str] = field(default_factory=list)
    packs_added: list[str] = field(default_factory=list)
    packs_changed: list[str] = field(default_factory=list)
    made_pins: dict[str, Sequence[str]] = field(default_factory=dict)
    made_passwords: dict[str, str] = field(default_factory=dict)

    def add(self, further: "Applied") -> None:
        """Count what another catalog changed as well."""
        for name, more in vars(further).items():
            own = getattr(self, name)
            own.update(more) if isinstance(own, dict) else own.extend(more)

    def report(self) -> dict[str, object]:
        """The same for programs, without any PIN."""
        changes: Mapping[str, list[str]] = {
            "products_added": self.products_added,
            "products_changed": self.products_changed,
            "customers_added": self.customers_added,
            "customers_changed": self.customers_changed,
            "keys_added": self.keys_added,
            "keys_changed": self.keys_changed,
            "packs_added": self.packs_added,
            "packs_changed": self.packs_changed,
        }
        return {"changed": any(changes.values()), **changes}


def read_catalog(text: bytes, *, source: str) -> Catalog:
    """The catalog in JSON text.

    :param source: where the text comes from, for messages.
    :raises CatalogError: what is wrong, and where in the text.
    """
    try:
        catalog = msgspec.json.decode(text, type=Catalog)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CatalogError(f"{source}: {error}") from error
    check_catalog(catalog, source=source)
    return catalog


def check_catalog(catalog: Catalog, *, source: str) -> None:
    """What the types do not say: nothing stands in it twice, and every PIN and password can be typed.

    :raises CatalogError: what is wrong.
    """
    _refuse_twice(source, "product", [product.product for product in catalog.products])
    _refuse_twice(source, "customer", [customer.customer for customer in catalog.customers])
    _refuse_twice(source, "key", [key.key_number for key in catalog.keys])
    for product in catalog.products:
        _refuse_twice(source, f"{product.product}: counter", [counter.name for counter in product.counters])
    for key in catalog.keys:
        _refuse_twice(source, f"{key.key_number}: counter", [counter.name for counter in key.counters])
        _check_pins(source, key)
    _refuse_twice(source, "pack", [pack.pack for pack in catalog.packs])
    for pack in catalog.packs:
        _check_pack(source, pack)


def apply_catalog(connection: Connection, catalog: Catalog, *, pepper: bytes, act: Act) -> Applied:
    """Bring the registry to what the catalog says, inside the caller's transaction.

    :raises CatalogError: a key of a product or customer that nobody knows, or that was sold as another product.
    """
    applied = Applied()
    for product in catalog.products:
        known = registry.find_product(connection, product.product)
        if known != product:
            registry.store_product(connection, product, act=act)
            (applied.products_changed if known else applied.products_added).append(product.product)
    for customer in catalog.customers:
        recorded = find_customer(connection, customer.customer)
        if recorded != customer:
            store_customer(connection, customer, act=act)
            (applied.customers_changed if recorded else applied.customers_added).append(customer.customer)
    for key in catalog.keys:
        _apply_key(connection, key, applied, pepper=pepper, act=act)
    for pack in catalog.packs:
        _apply_pack(connection, pack, applied, pepper=pepper, act=act)
    return applied


def make_more_pins(connection: Connection, key: Key, count: int, *, pepper: bytes, act: Act) -> list[str]:
    """So many further PINs for a key, in clear.

    :raises CatalogError: it is a hardware key, which has none.
    """
    if count and registry.hardware_license(connection, key.key_number) is not None:
        raise _no_pins(key.key_number)
    pins = [make_pin() for _ in range(count)]
    if pins:
        digests = [pin_digest(pepper, key.key_number, normalize_pin(pin)) for pin in pins]
        registry.add_pins(connection, key.key_number, digests)
        registry.record(connection, "pin_added", act=act, product=key.product, key_number=key.key_number)
    return pins


def _apply_key(connection: Connection, wanted: CatalogKey, applied: Applied, *, pepper: bytes, act: Act) -> None:
    number = wanted.key_number
    product = registry.find_product(connection, wanted.product)
    if product is None:
        raise CatalogError(f"the key {number} is of the product {wanted.product}, which nobody knows")
    known = registry.find_key(connection, number, lock=True)
    if known is not None and known.product != wanted.product:
        raise CatalogError(f"the key {number} was sold as {known.product}, it cannot become {wanted.product}")
    if wanted.customer is not None and find_customer(connection, wanted.customer) is None:
        raise CatalogError(f"the key {number} is of the customer {wanted.customer}, whom nobody knows")
    if known is not None and wanted.pins and registry.hardware_license(connection, number) is not None:
        raise _no_pins(number)
    pins: Sequence[str] = wanted.pins or ()
    if known is None and wanted.pins is None:
        pins = applied.made_pins[number] = [make_pin() for _ in range(product.pins)]
    digests = {pin_digest(pepper, number, normalize_pin(pin)) for pin in pins}
    new_digests = digests - registry.pin_digests(connection, number)
    key = Key(
        key_number=number,
        product=wanted.product,
        counters=wanted.counters,
        expires_at=wanted.expires_at,
        customer=wanted.customer or (known.customer if known else None),
    )
    if known == key and not new_digests:
        return
    registry.store_key(connection, key, act=act)
    if new_digests:
        registry.add_pins(connection, number, sorted(new_digests))
    (applied.keys_changed if known else applied.keys_added).append(number)


def _no_pins(key_number: str) -> CatalogError:
    return CatalogError(f"the key {key_number} is a hardware key, which is not activated with PINs")


def _apply_pack(connection: Connection, wanted: CatalogPack, applied: Applied, *, pepper: bytes, act: Act) -> None:
    if registry.find_product(connection, wanted.product) is None:
        raise CatalogError(f"the pack {wanted.pack} is for the product {wanted.product}, which nobody knows")
    pack = PackRecord(pack=wanted.pack, product=wanted.product, raises=wanted.raises)
    known = pack_registry.find_pack(connection, wanted.pack, lock=True)
    password = wanted.password
    if known is None and password is None:
        password = applied.made_passwords[wanted.pack] = make_pin()
    present = pack_registry.digest_of(connection, wanted.pack)
    digest = present if password is None else password_digest(pepper, wanted.pack, normalize_pin(password))
    assert digest is not None  # a new pack has a password
    if (known, present) == (pack, digest):
        return
    if pack_registry.is_used(connection, wanted.pack):
        raise CatalogError(f"the pack {wanted.pack} was activated already and cannot be changed any more")
    pack_registry.store_pack(connection, pack, digest, act=act)
    (applied.packs_changed if known else applied.packs_added).append(wanted.pack)


def _check_pack(source: str, pack: CatalogPack) -> None:
    _refuse_twice(source, f"{pack.pack}: counter", [more.counter for more in pack.raises])
    if pack.password is None:
        return
    try:
        normalize_pin(pack.password)
    except CenterError as error:
        raise CatalogError(f"{source}: the password of the pack {pack.pack}: {error.message}") from error


def _check_pins(source: str, key: CatalogKey) -> None:
    if key.pins is None:
        return
    if not key.pins:
        raise CatalogError(f"{source}: the key {key.key_number} has an empty list of PINs; leave it out to make some")
    try:
        pins = [normalize_pin(pin) for pin in key.pins]
    except CenterError as error:
        raise CatalogError(f"{source}: a PIN of the key {key.key_number}: {error.message}") from error
    if len(set(pins)) < len(pins):
        raise CatalogError(f"{source}: the key {key.key_number} has the same PIN twice")


def _refuse_twice(source: str, what: str, names: Sequence[str]) -> None:
    for name, times in Tally(names).items():
        if times > 1:
            raise CatalogError(f"{source}: the {what} {name} stands in it {times} times")

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``liccenter`` does to products, customers, keys and packs: one by one, by a catalog, or by a table.

What is made up for a customer, PINs and passwords, is shown to the operator this once, or written to his file.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from licserver.center import CenterError, pack_registry, registry
from licserver.center.catalog import (
    Applied,
    Catalog,
    CatalogError,
    CatalogKey,
    CatalogPack,
    apply_catalog,
    make_more_pins,
    read_catalog,
)
from licserver.center.customers import find_customer, list_customers
from licserver.center.foundation import open_center
from licserver.center.pins import make_key_number
from licserver.center.sheets import Line, read_counters, read_raises, read_table, write_table
from licserver.cli._center_lists import known_key
from licserver.cli._operator import acting
from licserver.cli._output import Answer
from licserver.files import write_atomically


def apply(options: argparse.Namespace) -> Answer:
    """Bring products, customers, keys and packs to what a catalog says; shows no PIN."""
    catalog = read_catalog(_read(options.catalog), source=_source(options.catalog))
    return _take_in(options, [Line("", catalog)])


def take_in(options: argparse.Namespace) -> Answer:
    """The same by a file of either form."""
    text, source = _read(options.file), _source(options.file)
    if options.table is None:
        return _take_in(options, [Line("", read_catalog(text, source=source))])
    return _take_in(options, read_table(options.table, text, source=source))


def export(options: argparse.Namespace) -> Answer:
    """The whole catalog as JSON, or a table of it; without PINs and passwords."""
    with open_center(options.dir) as center, center.database.reading() as connection:
        content: dict[str, list[Any]] = {
            "products": registry.list_products(connection),
            "customers": list_customers(connection),
            "keys": registry.sold_keys(connection),
            "packs": pack_registry.sold_packs(connection),
        }
    if options.table is None:
        text = msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"
    else:
        text = write_table(options.table, content[options.table])
    if options.file == "-":
        return Answer(msgspec.to_builtins(content), text.rstrip("\n"))
    write_atomically(Path(options.file), text.encode("utf-8" if options.table is None else "utf-8-sig"))
    return Answer({"file": options.file}, f"It lies in {options.file}, for its owner only")


def key_issue(options: argparse.Namespace) -> Answer:
    """Make a key."""
    number = options.key_number or make_key_number()
    wanted = {"key_number": number, "product": options.product, "customer": options.customer}
    key = _convert(wanted, CatalogKey, f"the key {number} of {options.product}")
    with open_center(options.dir) as center, center.database.writing() as connection:
        if registry.find_key(connection, number) is not None:
            raise CenterError("key_exists", f"the key {number} was issued before", hint="Choose another --key-number")
        applied = apply_catalog(connection, Catalog(keys=(key,)), pepper=center.authority.pepper, act=acting())
        if options.pins_output:
            _keep_secrets(options.pins_output, applied, [Catalog(keys=(key,))], really=True)
    return _issued({"key_number": number, "product": key.product}, f"Key {number}", applied.made_pins[number], options)


def key_change(options: argparse.Namespace) -> Answer:
    """Change what a key is worth from its next activation on, or to whom it was sold; or make further PINs for it."""
    with open_center(options.dir) as center, center.database.writing() as connection:
        known = known_key(connection, options.key_number)
        changes: dict[str, Any] = {}
        if options.expires is not None:
            changes["expires_at"] = options.expires or None
        if options.customer is not None:
            changes["customer"] = options.customer or None
        if options.counters is not None:
            changes["counters"] = _typed(read_counters, options.counters)
        wanted = _convert({**msgspec.to_builtins(known), **changes}, registry.Key, f"the key {known.key_number}")
        if wanted.customer is not None and find_customer(connection, wanted.customer) is None:
            raise CenterError("unknown_customer", f"there is no customer {wanted.customer}", hint="Import him first")
        if wanted != known:
            registry.store_key(connection, wanted, act=acting())
        pins = make_more_pins(connection, known, options.more_pins, pepper=center.authority.pepper, act=acting())
        if pins and options.pins_output:
            made = CatalogKey(key_number=known.key_number, product=known.product)
            applied = Applied(made_pins={known.key_number: pins})
            _keep_secrets(options.pins_output, applied, [Catalog(keys=(made,))], really=True)
    changed = wanted != known or bool(pins)
    answer = {"changed": changed, "key": msgspec.to_builtins(wanted)}
    return _issued(answer, f"Key {wanted.key_number} {'is changed' if changed else 'was so before'}", pins, options)


def pack_issue(options: argparse.Namespace) -> Answer:
    """Make a license pack."""
    name = options.pack or f"P-{make_key_number()}"
    wanted = {"pack": name, "product": options.product, "raises": _typed(read_raises, options.raises)}
    pack = _convert(wanted, CatalogPack, f"the pack {name} for {options.product}")
    with open_center(options.dir) as center, center.database.writing() as connection:
        if pack_registry.find_pack(connection, name) is not None:
            raise CenterError("pack_exists", f"the pack {name} was issued before", hint="Choose another --pack")
        applied = apply_catalog(connection, Catalog(packs=(pack,)), pepper=center.authority.pepper, act=acting())
        if options.pins_output:
            _keep_secrets(options.pins_output, applied, [Catalog(packs=(pack,))], really=True)
    answer = {"pack": name, "product": pack.product}
    return _issued(answer, f"Pack {name}", [applied.made_passwords[name]], options, what="password")


def _issued(
    answer: dict[str, Any], text: str, secrets: Iterable[str], options: argparse.Namespace, *, what: str = "PIN"
) -> Answer:
    made = list(secrets)
    if not made:
        return Answer(answer, text)
    if options.pins_output:
        return Answer(answer, f"{text}; its {what if what == 'password' else 'PINs'} lie in {options.pins_output}")
    shown = {"password": made[0]} if what == "password" else {"pins": made}
    return Answer({**answer, **shown}, "\n".join([text, *(f"{what} {secret}" for secret in made)]))


def _take_in(options: argparse.Namespace, lines: list[Line]) -> Answer:
    applied = Applied()
    with open_center(options.dir) as center, center.database.writing(keep=not options.check) as connection:
        for line in lines:
            try:
                applied.add(apply_catalog(connection, line.catalog, pepper=center.authority.pepper, act=acting()))
            except CatalogError as error:
                raise CatalogError(f"{line.place}: {error.message}" if line.place else error.message) from error
        if applied.made_pins or applied.made_passwords:
            catalogs = [line.catalog for line in lines]
            _keep_secrets(options.pins_output, applied, catalogs, really=not options.check)
    return Answer(applied.report(), _describe(applied))


def _keep_secrets(path: Path | None, applied: Applied, catalogs: Iterable[Catalog], *, really: bool) -> None:
    """Write what was made up as a catalog, which can be printed on papers or applied elsewhere."""
    if path is None:
        raise CenterError(
            "pins_output_needed",
            f"PINs have to be made for {', '.join((*applied.made_pins, *applied.made_passwords))},"
            " and nobody would ever see them",
            hint="Say where to write them with --pins-output FILE, or give them in the catalog",
        )
    if path.exists():
        raise CenterError("file_exists", f"{path} exists and may hold other PINs", hint="Move it away, or name another")
    keys = [
        msgspec.structs.replace(key, pins=tuple(applied.made_pins[key.key_number]))
        for catalog in catalogs
        for key in catalog.keys
        if key.key_number in applied.made_pins
    ]
    packs = [
        msgspec.structs.replace(pack, password=applied.made_passwords[pack.pack])
        for catalog in catalogs
        for pack in catalog.packs
        if pack.pack in applied.made_passwords
    ]
    if really:
        text = msgspec.json.format(msgspec.json.encode({"keys": keys, "packs": packs}), indent=2)
        write_atomically(path, text + b"\n")


def _describe(applied: Applied) -> str:
    changes = (
        ("products added", applied.products_added),
        ("products changed", applied.products_changed),
        ("customers added", applied.customers_added),
        ("customers changed", applied.customers_changed),
        ("keys added", applied.keys_added),
        ("keys changed", applied.keys_changed),
        ("packs added", applied.packs_added),
        ("packs changed", applied.packs_changed),
    )
    return "\n".join(f"{what}: {', '.join(names)}" for what, names in changes if names) or "Nothing to change."


def _convert(values: dict[str, Any], kind: type[msgspec.Struct], what: str) -> Any:
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise CenterError("bad_name", f"{what} cannot be so: {error}") from error


def _typed(read: Callable[[str], list[dict[str, object]]], text: str) -> list[dict[str, object]]:
    try:
        return read(text)
    except ValueError as error:
        raise CenterError("bad_name", f"{text!r} cannot be so: {error}") from error


def _read(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _source(file: str) -> str:
    return "standard input" if file == "-" else file

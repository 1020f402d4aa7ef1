# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``liccenter`` shows of the center: products, customers, keys, packs, and what happened."""

import argparse
import time
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from licserver.center import CenterError, pack_registry, registry
from licserver.center.customers import list_customers
from licserver.center.foundation import open_center
from licserver.cli._output import Answer
from licserver.documents import Counter


def key_list(options: argparse.Namespace) -> Answer:
    """Keys, all or those that were asked for."""
    wanted = {"product": options.product, "customer": options.customer, "limit": options.limit, "after": options.after}
    with open_center(options.dir) as center, center.database.reading() as connection:
        keys = registry.search_keys(connection, " ".join(options.text), **wanted)
    lines = [
        f"{key['key_number']}  {key['product']}  PINs spent: {key['pins_spent']} of {key['pins']}"
        f"  last activated: {_time(key['activated_at'])}"
        + (f"  customer: {key['customer']}" if key["customer"] else "")
        for key in keys
    ]
    return Answer({"keys": keys}, "\n".join(lines) or "No keys.")


def key_show(options: argparse.Namespace) -> Answer:
    """One key, its activations and its history."""
    with open_center(options.dir) as center, center.database.reading() as connection:
        key = known_key(connection, options.key_number)
        counters = key.counters or registry.product_of(connection, key).counters
        activations = registry.key_activations(connection, key.key_number)
        history = registry.key_history(connection, key.key_number)
    shown = {**msgspec.to_builtins(key), "counters": msgspec.to_builtins(counters)}
    lines = [f"Key {key.key_number} of {key.product}: {_counters(counters)}, expires: {_time(key.expires_at)}"]
    lines += [f"Customer: {key.customer}"] if key.customer else []
    lines += [_event_line(entry) for entry in history]
    return Answer({"key": shown, "activations": activations, "history": history}, "\n".join(lines))


def product_list(options: argparse.Namespace) -> Answer:
    """Every product."""
    with open_center(options.dir) as center, center.database.reading() as connection:
        products = registry.list_products(connection)
    lines = [
        f"{product.product}  {product.name}: {_counters(product.counters)}, PINs: {product.pins},"
        f" reactivation: {product.reactivation}, unchanged facts: {product.same_facts}"
        + (", by phone too" if product.phone else "")
        for product in products
    ]
    return Answer({"products": msgspec.to_builtins(products)}, "\n".join(lines) or "No products yet.")


def pack_list(options: argparse.Namespace) -> Answer:
    """License packs, all or those that were asked for."""
    with open_center(options.dir) as center, center.database.reading() as connection:
        packs = [
            pack
            for pack in pack_registry.list_packs(connection)
            if options.product in (None, pack["product"]) and not (options.unused and pack["key_number"])
        ]
    lines = [
        f"{pack['pack']}  {pack['product']}: "
        + ", ".join(f"{more['counter']} +{more['licenses']}" for more in pack["raises"])
        + (f"  used for {pack['key_number']}, {_time(pack['activated_at'])}" if pack["key_number"] else "  not used")
        for pack in packs
    ]
    return Answer({"packs": packs}, "\n".join(lines) or "No packs.")


def customer_list(options: argparse.Namespace) -> Answer:
    """Every customer."""
    with open_center(options.dir) as center, center.database.reading() as connection:
        customers = msgspec.to_builtins(list_customers(connection))
    lines = ["  ".join(filter(None, customer.values())) for customer in customers]
    return Answer({"customers": customers}, "\n".join(lines) or "No customers yet.")


def history(options: argparse.Namespace) -> Answer:
    """What happened, newest first."""
    wanted = {"key_number": options.key, "pack": options.pack, "event": options.event}
    with open_center(options.dir) as center, center.database.reading() as connection:
        entries = registry.search_history(
            connection,
            text=" ".join(options.text),
            since=options.since,
            before=options.before,
            limit=options.limit,
            **wanted,
        )
    lines = [_event_line(entry, *(entry[name] for name in _ABOUT)) for entry in entries]
    return Answer({"history": entries}, "\n".join(lines) or "Nothing happened.")


def clone_list(options: argparse.Namespace) -> Answer:
    """Keys that were seen alive twice, newest first."""
    with open_center(options.dir) as center, center.database.reading() as connection:
        seen = registry.search_history(connection, event="clone_seen", key_number=options.key, limit=options.limit)
    clones = [
        {
            "key_number": entry["key_number"],
            "at": entry["at"],
            "by": entry["code"],
            "facts": entry["facts"].split(",") if entry["facts"] else [],
            "request_id": entry["request_id"],
        }
        for entry in seen
    ]
    lines = [
        f"{_time(clone['at'])}  {clone['key_number']}  by {clone['by'].replace('_', ' ')}"
        f"  differs: {', '.join(clone['facts']) or 'nothing'}"
        for clone in clones
    ]
    return Answer({"clones": clones}, "\n".join(lines) or "No key was seen alive twice.")


def known_key(connection: Connection, key_number: str) -> registry.Key:
    """The key of that number.

    :raises CenterError: there is none.
    """
    key = registry.find_key(connection, key_number)
    if key is None:
        raise CenterError("unknown_key", f"there is no key {key_number}", hint="See: liccenter key list")
    return key


_ABOUT = ("product", "key_number", "pack", "customer")


def _event_line(entry: Mapping[str, Any], *about: str | None) -> str:
    told = (_time(entry["at"]), entry["event"], *about, entry["code"], entry["facts"], _who(entry))
    return "  ".join(filter(None, told))


def _who(entry: Mapping[str, Any]) -> str:
    """Empty where it was not noted yet."""
    way, actor = entry["way"], entry["actor"]
    return f"by {actor} ({way})" if actor else f"by {way}" if way else ""


def _counters(counters: Iterable[Counter]) -> str:
    return ", ".join(f"{counter.name} ({counter.type}) {counter.limit}" for counter in counters)


def _time(at: int | None) -> str:
    return "never" if at is None else time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))

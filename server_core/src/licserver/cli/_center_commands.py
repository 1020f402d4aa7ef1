# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands of ``liccenter`` do, given their options."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from licserver.activation.carried import read_request, write_answer
from licserver.center import CenterError, pack_registry, registry
from licserver.center.authority import read_authority
from licserver.center.catalog import Applied, Catalog, CatalogKey, apply_catalog, read_catalog
from licserver.center.customers import list_customers
from licserver.center.foundation import OwnCertificate, initialize, open_center
from licserver.center.issuing import Issuer
from licserver.center.phone import PhoneCall, PhoneSecrets, phone_not_allowed
from licserver.center.pins import make_key_number
from licserver.center.settings import Settings, read_settings
from licserver.cli import _staff_commands
from licserver.cli._output import Answer, read_secret
from licserver.documents import Counter, seal
from licserver.files import write_atomically
from licserver.kit import KitTicket


def init(options: argparse.Namespace) -> Answer:
    """Make a center, or give an existing one new settings and the tables of this release; without settings it keeps
    those that it has."""
    own = OwnCertificate(options.tls_cert, options.tls_key) if options.tls_cert else None
    changed, authority = initialize(options.dir, _settings(options, own is not None), own, now=_now())
    state = "is ready" if changed else "was ready, nothing changed"
    return Answer(
        {"changed": changed, "vendor_key_id": authority.vendor_key_id},
        f"The activation center in {options.dir} {state}. Vendor key: {authority.vendor_key_id}",
    )


def apply(options: argparse.Namespace) -> Answer:
    """Bring products, customers, keys and packs to what a catalog says; shows no PIN."""
    if options.catalog == "-":
        catalog = read_catalog(sys.stdin.buffer.read(), source="standard input")
    else:
        catalog = read_catalog(Path(options.catalog).read_bytes(), source=options.catalog)
    with open_center(options.dir) as center, center.database.writing(keep=not options.check) as connection:
        applied = apply_catalog(connection, catalog, pepper=center.authority.pepper, now=_now())
        if applied.made_pins:
            _keep_pins(options.pins_output, applied.made_pins, catalog.keys, really=not options.check)
    return Answer(applied.report(), _describe(applied))


def kit(options: argparse.Namespace) -> Answer:
    """The vendor's kit, shown or written to a file that everybody may read."""
    settings = read_settings(options.dir)
    tickets = _tickets(options.dir, options.phone_keys) if options.phone_keys else {}
    content = read_authority(options.dir).kit(settings, tickets)
    text = msgspec.json.format(msgspec.json.encode(content), indent=2)
    if options.output is None:
        return Answer(msgspec.to_builtins(content), text.decode())
    write_atomically(options.output, text + b"\n", mode=0o600 if tickets else 0o644)
    return Answer(msgspec.to_builtins(content), f"The kit of {content.vendor} lies in {options.output}")


def phone(options: argparse.Namespace) -> Answer:
    """Answer a call."""
    pin = read_secret("PIN: ")
    code = input("Request code: ") if sys.stdin.isatty() else sys.stdin.readline()
    try:
        call = msgspec.convert(
            {"key_number": options.key_number, "pin": pin, "code": code, "company": {"name": options.company}},
            PhoneCall,
        )
    except msgspec.ValidationError as error:
        raise CenterError("bad_request", f"this call cannot be answered: {error}") from error
    with open_center(options.dir) as center:
        blocks = Issuer(center.database, center.authority, center.settings.name).answer_phone(call)
    return Answer({"key_number": call.key_number, "blocks": blocks}, f"Answer: {blocks}")


def serve(options: argparse.Namespace) -> Answer:
    """Answer requests until told to stop."""
    from licserver.center import serving  # the web server, which no other command needs

    serving.serve(
        options.dir,
        options.host,
        options.port,
        proxies=options.proxy,
        requests_per_minute=options.requests_per_minute,
    )
    return Answer({"stopped": True}, "")


def key_issue(options: argparse.Namespace) -> Answer:
    """Make a key. Its PINs are shown to the operator who issues it, this once, or written to his file."""
    number = options.key_number or make_key_number()
    try:
        key = msgspec.convert({"key_number": number, "product": options.product}, CatalogKey)
    except msgspec.ValidationError as error:
        raise CenterError("bad_name", f"the key {number} of {options.product} cannot be issued: {error}") from error
    with open_center(options.dir) as center, center.database.writing() as connection:
        if registry.find_key(connection, number) is not None:
            raise CenterError("key_exists", f"the key {number} was issued before", hint="Choose another --key-number")
        applied = apply_catalog(connection, Catalog(keys=(key,)), pepper=center.authority.pepper, now=_now())
        if options.pins_output:
            _keep_pins(options.pins_output, applied.made_pins, [key], really=True)
    answer = {"key_number": number, "product": key.product}
    if options.pins_output:
        return Answer(answer, f"Key {number}; its PINs lie in {options.pins_output}")
    pins = list(applied.made_pins[number])
    return Answer({**answer, "pins": pins}, "\n".join([f"Key {number}", *(f"PIN {pin}" for pin in pins)]))


def key_list(options: argparse.Namespace) -> Answer:
    """Every key."""
    with open_center(options.dir) as center, center.database.reading() as connection:
        keys = registry.list_keys(connection)
    lines = [
        f"{key['key_number']}  {key['product']}  PINs spent: {key['pins_spent']} of {key['pins']}"
        f"  last activated: {_time(key['activated_at'])}"
        + (f"  customer: {key['customer']}" if key["customer"] else "")
        for key in keys
    ]
    return Answer({"keys": keys}, "\n".join(lines) or "No keys yet.")


def key_show(options: argparse.Namespace) -> Answer:
    """One key, its activations and its history."""
    with open_center(options.dir) as center, center.database.reading() as connection:
        key = _known(connection, options.key_number)
        counters = key.counters or registry.product_of(connection, key).counters
        activations = registry.key_activations(connection, key.key_number)
        history = registry.key_history(connection, key.key_number)
    shown = {**msgspec.to_builtins(key), "counters": msgspec.to_builtins(counters)}
    lines = [f"Key {key.key_number} of {key.product}: {_counters(counters)}, expires: {_time(key.expires_at)}"]
    lines += [f"Customer: {key.customer}"] if key.customer else []
    lines += [f"{_time(entry['at'])}  {entry['event']}  {entry['code'] or ''}".rstrip() for entry in history]
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
    """Every license pack."""
    with open_center(options.dir) as center, center.database.reading() as connection:
        packs = pack_registry.list_packs(connection)
    lines = [
        f"{pack['pack']}  {pack['product']}: "
        + ", ".join(f"{more['counter']} +{more['licenses']}" for more in pack["raises"])
        + (f"  used for {pack['key_number']}, {_time(pack['activated_at'])}" if pack["key_number"] else "  not used")
        for pack in packs
    ]
    return Answer({"packs": packs}, "\n".join(lines) or "No packs yet.")


def customer_list(options: argparse.Namespace) -> Answer:
    """Every customer."""
    with open_center(options.dir) as center, center.database.reading() as connection:
        customers = msgspec.to_builtins(list_customers(connection))
    lines = ["  ".join(filter(None, customer.values())) for customer in customers]
    return Answer({"customers": customers}, "\n".join(lines) or "No customers yet.")


def answer(options: argparse.Namespace) -> Answer:
    """Answer a request that came as a file."""
    try:
        text = sys.stdin.buffer.read() if options.file == Path("-") else options.file.read_bytes()
    except OSError as error:
        raise CenterError("bad_request", f"{options.file}: {error.strerror}", hint="Name the request file") from error
    with open_center(options.dir) as center:
        token = read_request(text.decode("utf-8-sig", errors="replace"))
        answered = write_answer(Issuer(center.database, center.authority, center.settings.name).answer(token))
    if options.output is None:
        return Answer({"answer": answered}, answered)
    write_atomically(options.output, answered.encode(), mode=0o644)
    return Answer({"answer": answered, "file": str(options.output)}, f"The answer lies in {options.output}")


def _tickets(directory: Path, key_numbers: Sequence[str]) -> dict[str, KitTicket]:
    with open_center(directory) as center, center.database.reading() as connection:
        sold = [row["key_number"] for row in registry.list_keys(connection)] if key_numbers == ["all"] else key_numbers
        records = [registry.key_record(connection, _known(connection, number)) for number in sold]
    records = [record for record in records if record.phone or key_numbers != ["all"]]
    for record in records:
        if not record.phone:
            refusal = phone_not_allowed(record)
            raise CenterError(refusal.code, refusal.message, hint="Let the product be activated by telephone first")
    secrets, vendor = PhoneSecrets(center.authority.pepper), center.settings.name
    sign = partial(seal, signer=center.authority.vendor)
    return {record.key_number: secrets.kit_ticket(record, vendor, sign) for record in records}


def _known(connection: Connection, key_number: str) -> registry.Key:
    key = registry.find_key(connection, key_number)
    if key is None:
        raise CenterError("unknown_key", f"there is no key {key_number}", hint="See: liccenter key list")
    return key


COMMANDS: Mapping[str, Callable[[argparse.Namespace], Answer]] = {
    "init": init,
    "answer": answer,
    "apply": apply,
    "customer list": customer_list,
    "kit": kit,
    "phone": phone,
    "serve": serve,
    "key issue": key_issue,
    "key list": key_list,
    "key show": key_show,
    "pack list": pack_list,
    "product list": product_list,
    "staff add": _staff_commands.add,
    "staff list": _staff_commands.list_staff,
    "staff remove": _staff_commands.remove,
}


def _keep_pins(
    path: Path | None, made_pins: Mapping[str, Sequence[str]], keys: Iterable[CatalogKey], *, really: bool
) -> None:
    """Write made PINs as a catalog of their keys, which can be printed on papers or applied elsewhere."""
    if path is None:
        raise CenterError(
            "pins_output_needed",
            f"PINs have to be made for {', '.join(made_pins)}, and nobody would ever see them",
            hint="Say where to write them with --pins-output FILE, or give them in the catalog",
        )
    if path.exists():
        raise CenterError("file_exists", f"{path} exists and may hold other PINs", hint="Move it away, or name another")
    new = [
        msgspec.structs.replace(key, pins=tuple(made_pins[key.key_number]))
        for key in keys
        if key.key_number in made_pins
    ]
    if really:
        write_atomically(path, msgspec.json.format(msgspec.json.encode({"keys": new}), indent=2) + b"\n")


def _settings(options: argparse.Namespace, own_certificate: bool) -> Settings:
    if options.name is None:
        return read_settings(options.dir)
    return Settings(
        name=options.name,
        url=options.url.rstrip("/"),
        mail=options.mail,
        phone=options.phone,
        database=options.database,
        own_certificate=own_certificate,
    )


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


def _counters(counters: Iterable[Counter]) -> str:
    return ", ".join(f"{counter.name} ({counter.type}) {counter.limit}" for counter in counters)


def _time(at: int | None) -> str:
    return "never" if at is None else time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))


def _now() -> int:
    return int(time.time())

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands of ``liccenter`` do, given their options."""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from licserver.activation.carried import read_request, write_answer
from licserver.center import CenterError, registry
from licserver.center.authority import read_authority
from licserver.center.foundation import OwnCertificate, initialize, open_center
from licserver.center.issuing import Issuer
from licserver.center.phone import PhoneCall, PhoneSecrets, phone_not_allowed
from licserver.center.settings import Settings, read_settings
from licserver.cli import _center_lists, _sales_commands, _staff_commands, _token_key_commands, _vendor_key_commands
from licserver.cli._operator import operator
from licserver.cli._output import Answer, read_secret
from licserver.cli._vendor_key_commands import describe, passphrase_of, token_of
from licserver.documents import seal
from licserver.files import write_atomically
from licserver.kit import KitTicket


def init(options: argparse.Namespace) -> Answer:
    """Make a center, or give an existing one new settings and the tables of this release; without settings it keeps
    those that it has."""
    own = OwnCertificate(options.tls_cert, options.tls_key) if options.tls_cert else None
    changed, authority = initialize(
        options.dir,
        _settings(options, own is not None),
        own,
        now=_now(),
        passphrase=passphrase_of(options),
        token=token_of(options),
    )
    state = "is ready" if changed else "was ready, nothing changed"
    return Answer(
        {"changed": changed, "vendor_key_id": authority.vendor_key_id, "vendor_key": authority.vendor.home},
        f"The activation center in {options.dir} {state}. Vendor key: {authority.vendor_key_id}\n"
        f"{describe(authority.vendor)}",
    )


def kit(options: argparse.Namespace) -> Answer:
    """The vendor's kit, shown or written to a file that everybody may read."""
    settings = read_settings(options.dir)
    tickets = _tickets(options) if options.phone_keys else {}
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
        blocks = Issuer(center.database, center.authority, center.settings.name).answer_phone(call, operator())
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
        passphrase=passphrase_of(options),
    )
    return Answer({"stopped": True}, "")


def answer(options: argparse.Namespace) -> Answer:
    """Answer a request that came as a file."""
    try:
        text = sys.stdin.buffer.read() if options.file == Path("-") else options.file.read_bytes()
    except OSError as error:
        raise CenterError("bad_request", f"{options.file}: {error.strerror}", hint="Name the request file") from error
    with open_center(options.dir, passphrase_of(options)) as center:
        token = read_request(text.decode("utf-8-sig", errors="replace"))
        issuer = Issuer(center.database, center.authority, center.settings.name)
        answered = write_answer(issuer.answer(token, operator()))
    if options.output is None:
        return Answer({"answer": answered}, answered)
    write_atomically(options.output, answered.encode(), mode=0o644)
    return Answer({"answer": answered, "file": str(options.output)}, f"The answer lies in {options.output}")


def _tickets(options: argparse.Namespace) -> dict[str, KitTicket]:
    key_numbers = options.phone_keys
    with open_center(options.dir, passphrase_of(options)) as center, center.database.reading() as connection:
        sold = [key.key_number for key in registry.sold_keys(connection)] if key_numbers == ["all"] else key_numbers
        records = [registry.key_record(connection, _center_lists.known_key(connection, number)) for number in sold]
    records = [record for record in records if record.phone or key_numbers != ["all"]]
    for record in records:
        if not record.phone:
            refusal = phone_not_allowed(record)
            raise CenterError(refusal.code, refusal.message, hint="Let the product be activated by telephone first")
    secrets, vendor = PhoneSecrets(center.authority.pepper), center.settings.name
    sign = partial(seal, signer=center.authority.vendor)
    return {record.key_number: secrets.kit_ticket(record, vendor, sign) for record in records}


COMMANDS: Mapping[str, Callable[[argparse.Namespace], Answer]] = {
    "init": init,
    "answer": answer,
    "apply": _sales_commands.apply,
    "clone list": _center_lists.clone_list,
    "customer list": _center_lists.customer_list,
    "export": _sales_commands.export,
    "hardware-key issue": _token_key_commands.issue,
    "hardware-key update": _token_key_commands.update,
    "history": _center_lists.history,
    "import": _sales_commands.take_in,
    "kit": kit,
    "phone": phone,
    "serve": serve,
    "key change": _sales_commands.key_change,
    "key issue": _sales_commands.key_issue,
    "key list": _center_lists.key_list,
    "key show": _center_lists.key_show,
    "pack issue": _sales_commands.pack_issue,
    "pack list": _center_lists.pack_list,
    "product list": _center_lists.product_list,
    "vendor-key show": _vendor_key_commands.show,
    "vendor-key encrypt": _vendor_key_commands.encrypt,
    "vendor-key to-token": _vendor_key_commands.to_token,
    "staff add": _staff_commands.add,
    "staff list": _staff_commands.list_staff,
    "staff remove": _staff_commands.remove,
}


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


def _now() -> int:
    return int(time.time())

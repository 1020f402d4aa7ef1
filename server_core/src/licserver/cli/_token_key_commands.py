# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of ``liccenter hardware-key``: issue and update hardware keys. No PIN is ever an argument.

docs/specification.md, section 7.
"""

import argparse
import getpass
import sys
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from licserver.activation.updates import read_state, write_update
from licserver.center import CenterError, hardware_keys, registry
from licserver.center.customers import find_customer
from licserver.center.foundation import open_center
from licserver.center.passphrase import read_secret_file
from licserver.center.pins import make_key_number
from licserver.center.sheets import read_counters
from licserver.cli._operator import acting
from licserver.cli._output import Answer
from licserver.cli._vendor_key_commands import passphrase_of
from licserver.documents import License, read_unchecked
from licserver.files import write_atomically
from licserver.keys.hardware_key import Tokens
from licserver.sealing import encode_public


def issue(options: argparse.Namespace) -> Answer:
    """Make a key pair on a token, and put a license for it beside it."""
    key = _wanted_key(options)
    tokens = Tokens(options.token_module, _pin(options))
    with (
        open_center(options.dir, passphrase_of(options)) as center,
        center.database.writing() as connection,  # kept only if the token has taken the license
    ):
        _check_new(connection, key)
        place, public = tokens.prepare(options.token, needs_login=options.ask_pin)
        token = hardware_keys.first_license(
            connection, key, center.authority, center.settings.name, encode_public(public), act=acting()
        )
        tokens.write(place, key.key_number, token)
    return Answer(
        {"key_number": key.key_number, "product": key.product, "token": place.label, "serial": place.serial},
        f"Key {key.key_number} lies on the token {place.label}",
    )


def update(options: argparse.Namespace) -> Answer:
    """The update that brings a key to what it is worth by now."""
    try:
        given = sys.stdin.buffer.read() if options.file == Path("-") else options.file.read_bytes()
    except OSError as error:
        raise CenterError(
            "bad_state", f"{options.file}: {error.strerror}", hint="Name the file of the state"
        ) from error
    state = read_state(given.decode("utf-8-sig", errors="replace"))
    with open_center(options.dir, passphrase_of(options)) as center, center.database.writing() as connection:
        token, changed = hardware_keys.next_license(
            connection, state, center.authority, center.settings.name, act=acting()
        )
    text = write_update(token)
    answer = {"changed": changed, "key_number": state.key_number, "update": text}
    if options.output is None:
        return Answer(answer, text)
    write_atomically(options.output, text.encode(), mode=0o644)
    limits = ", ".join(f"{counter.name} {counter.limit}" for counter in read_unchecked(token, License).counters)
    told = f"The update of the key {state.key_number} lies in {options.output}. Licenses: {limits}"
    return Answer({**answer, "file": str(options.output)}, told)


def _wanted_key(options: argparse.Namespace) -> registry.Key:
    wanted = {
        "key_number": options.key_number or make_key_number(),
        "product": options.product,
        "customer": options.customer,
        "expires_at": options.expires or None,
    }
    try:
        counters = read_counters(options.counters) if options.counters else []
        return msgspec.convert({**wanted, "counters": counters}, registry.Key)
    except (ValueError, msgspec.ValidationError) as error:
        raise CenterError("bad_name", f"the key {wanted['key_number']} cannot be so: {error}") from error


def _check_new(connection: Connection, key: registry.Key) -> None:
    if registry.find_key(connection, key.key_number) is not None:
        raise CenterError(
            "key_exists", f"the key {key.key_number} was issued before", hint="Choose another --key-number"
        )
    if registry.find_product(connection, key.product) is None:
        raise CenterError("unknown_product", f"there is no product {key.product}", hint="See: liccenter product list")
    if key.customer is not None and find_customer(connection, key.customer) is None:
        raise CenterError("unknown_customer", f"there is no customer {key.customer}", hint="Import him first")


def _pin(options: argparse.Namespace) -> str | None:
    if options.token_pin_file is not None:
        return read_secret_file(options.token_pin_file)
    return (getpass.getpass("PIN of the token (empty: none): ") or None) if sys.stdin.isatty() else None

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of ``liccenter vendor-key``: how the vendor's signing key is kept. No passphrase is ever an argument."""

import argparse

from licserver.center.authority import read_authority
from licserver.center.passphrase import Passphrase
from licserver.center.settings import read_settings
from licserver.center.token import TokenKey
from licserver.center.vendor_key import KeptVendorKey, encrypt_vendor_key, move_to_token
from licserver.cli._output import Answer

_WORDS = {
    "open": "lies open in its file; liccenter vendor-key encrypt puts it under a passphrase",
    "encrypted": "is kept under a passphrase",
    "token": "lies on a PKCS#11 token",
}


def show(options: argparse.Namespace) -> Answer:
    """How the key is kept."""
    return _shown(options)


def encrypt(options: argparse.Namespace) -> Answer:
    """Put the key under a passphrase, or under another one. It is the same key."""
    read_settings(options.dir)
    encrypt_vendor_key(options.dir, passphrase_of(options), Passphrase(options.new_passphrase_file))
    return _shown(options)


def to_token(options: argparse.Namespace) -> Answer:
    """Put the key on a token, and take it from there from now on."""
    read_settings(options.dir)
    place = TokenKey(module=options.token_module, token=options.token, key=options.token_key)
    move_to_token(options.dir, passphrase_of(options), place, Passphrase(options.token_pin_file))
    return _shown(options)


def passphrase_of(options: argparse.Namespace) -> Passphrase:
    """Where the passphrase of the key, or the PIN of its token, comes from."""
    return Passphrase(options.passphrase_file)


def token_of(options: argparse.Namespace) -> TokenKey | None:
    """Where the key of a new center lies; ``None``: in a file."""
    if options.token is None:
        return None
    return TokenKey(module=options.token_module, token=options.token, key=options.token_key)


def describe(key: KeptVendorKey) -> str:
    """How a key is kept, in words."""
    return f"The vendor's signing key {_WORDS[key.home]}."


def _shown(options: argparse.Namespace) -> Answer:
    read_settings(options.dir)
    authority = read_authority(options.dir)
    data = {"vendor_key_id": authority.vendor_key_id, "vendor_key": authority.vendor.home}
    return Answer(data, f"Vendor key: {authority.vendor_key_id}. {describe(authority.vendor)}")

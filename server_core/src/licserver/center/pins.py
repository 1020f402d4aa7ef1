# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PINs: made, spelled and kept so that the registry never holds one. docs/specification.md, section 5.

A PIN is stored as the HMAC-SHA256 of key number and PIN under the center's pepper, so that a stolen database alone
tells nothing, however short the PINs are.
"""

import hashlib
import hmac
import re
import secrets

from licserver.center import CenterError

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters that are not taken for one another (no I, L, O, U)."""
_GROUPS, _GROUP_LENGTH = 4, 4
_SEPARATORS = re.compile(r"[\s-]+")
_WELL_FORMED = re.compile(r"[0-9A-Z]{4,64}")


def make_pin() -> str:
    """A new PIN of 80 random bits, in groups for reading aloud."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))


def make_key_number() -> str:
    """A new key number. Random, so that it does not tell how many keys were sold."""
    digits = f"{secrets.randbelow(10**9):09d}"
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"


def normalize_pin(typed: str) -> str:
    """The PIN however it was typed: grouping and case do not count.

    :raises CenterError: ``bad_pin``, without repeating what was typed.
    """
    pin = _SEPARATORS.sub("", typed).upper()
    if not _WELL_FORMED.fullmatch(pin):
        raise CenterError("bad_pin", "a PIN has 4 to 64 digits and Latin letters, in groups or not")
    return pin


def pin_digest(pepper: bytes, key_number: str, pin: str) -> str:
    """What the registry stores of a normalized PIN, in hexadecimal digits."""
    return hmac.new(pepper, f"{key_number}\n{pin}".encode(), hashlib.sha256).hexdigest()


def password_digest(pepper: bytes, pack: str, password: str) -> str:
    """The same of the password of a license pack, which is normalized as a PIN is."""
    return pin_digest(pepper, f"pack {pack}", password)

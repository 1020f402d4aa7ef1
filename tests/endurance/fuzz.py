# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile datagrams and lines, made from valid ones: cut, altered, huge, deeply nested, of wrong types, not UTF-8."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from licserver.seats.holder import Holder
from licserver.wire.conversation import encode
from licserver.wire.discovery import make_question
from licserver.wire.messages import Hello, Login, Logout, Renew
from server_core.tests.helpers import PRODUCT

LARGEST_DATAGRAM = 65_507
LARGEST_LINE = 65_535

Bend = Callable[[random.Random, bytes], bytes]


def lines(seed: int) -> Iterator[bytes]:
    """Lines for the license port, without an end; each differs from a valid request."""
    yield from _bent(_valid_lines(), random.Random(seed), LARGEST_LINE)


def datagrams(seed: int) -> Iterator[bytes]:
    """Datagrams for the discovery port, without an end; each differs from a valid question."""
    yield from _bent([make_question("n" * 43)], random.Random(seed), LARGEST_DATAGRAM)


def _valid_lines() -> list[bytes]:
    token, lease = "t" * 43, "l" * 28
    holder = Holder(user="anna", computer="DESK-7", client_public=token)
    login = Login(id=2, product=PRODUCT, nonce=token, holder=holder, client_proof=token)
    proven = (kind(id=3, lease=lease, sequence=1, mac=token) for kind in (Renew, Logout))
    return [encode(request).rstrip(b"\n") for request in (Hello(id=1, versions=[1]), login, *proven)]


def _bent(valid: list[bytes], chance: random.Random, largest: int) -> Iterator[bytes]:
    while True:
        bent = chance.choices(_BENDS, _WEIGHTS)[0](chance, chance.choice(valid))
        yield bent.replace(b"\n", b" ")[:largest]


def _cut(chance: random.Random, text: bytes) -> bytes:
    return text[: chance.randrange(len(text))]


def _flipped(chance: random.Random, text: bytes) -> bytes:
    altered = bytearray(text)
    for _ in range(chance.randint(1, 8)):
        altered[chance.randrange(len(altered))] = chance.randrange(256)
    return bytes(altered)


def _noise(chance: random.Random, text: bytes) -> bytes:
    return chance.randbytes(chance.randint(0, 2000))


def _not_utf8(chance: random.Random, text: bytes) -> bytes:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice([b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"]) + text[at:]


def _huge(chance: random.Random, text: bytes) -> bytes:
    fields = _fields(text)
    fields[chance.choice(list(fields))] = chance.choice(["x", "Ж", "\u202e", "0"]) * chance.choice([5_000, 30_000])
    return _written(fields)


def _nested(chance: random.Random, text: bytes) -> bytes:
    opening, closing = chance.choice([(b"[", b"]"), (b'{"a":', b"}")])
    depth = chance.choice([100, 1_000, 10_000])
    nest = opening * depth + b"1" + closing * chance.choice([0, depth])
    fields = _fields(text)
    return _written({chance.choice(list(fields)): 0}).replace(b":0", b":" + nest) if chance.random() < 0.5 else nest


def _wrong_type(chance: random.Random, text: bytes) -> bytes:
    fields = _fields(text)
    fields[chance.choice(list(fields))] = chance.choice(_WRONG)
    return _written(fields)


def _wrong_number(chance: random.Random, text: bytes) -> bytes:
    fields = _fields(text)
    numbers = [name for name, value in fields.items() if isinstance(value, int)]
    if not numbers:
        return _wrong_type(chance, text)
    return _written(fields).replace(
        json.dumps(fields[numbers[0]]).encode(),
        chance.choice([b"1e999", b"-1", b"9" * 5_000, b"1.5", b"NaN", b"-0"]),
        1,
    )


def _missing(chance: random.Random, text: bytes) -> bytes:
    fields = _fields(text)
    del fields[chance.choice(list(fields))]
    return _written(fields)


def _repeated(chance: random.Random, text: bytes) -> bytes:
    return text[:-1] + b"," + text[1:-1] * chance.choice([1, 20]) + b"}"


def _unknown_lease(chance: random.Random, text: bytes) -> bytes:
    fields = _fields(text)
    fields["mac"] = "m" * 43
    fields["lease"] = chance.randbytes(14).hex()
    return _written(fields)


def _fields(text: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(text)
    return fields


def _written(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


_WRONG: list[Any] = [
    None,
    True,
    [],
    {},
    "",
    "\0",
    "\ud800",
    -1,
    2**63,
    1.5,
    [[]],
    {"type": "login"},
    "../../etc/passwd",
]
_BENDS: list[Bend] = [
    _cut, _flipped, _noise, _not_utf8, _huge, _nested, _wrong_type, _wrong_number, _missing, _repeated, _unknown_lease,
]  # fmt: skip
_WEIGHTS = [4, 4, 2, 2, 1, 1, 4, 2, 2, 1, 2]
"""The largest are the rarest, or the attackers would do nothing but copy bytes."""

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain of hashes that ties every event to all before it. Pure. docs/specification.md, section 3 "Events".

The hash of a row is SHA-256 over the hash of the row before and the row's own text. So no row can be altered, left out,
put in or moved without every later hash being another one. Whoever may write all of it can make a new chain: see
docs/security.md.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from licserver.events import Event

_HEAD = re.compile(r'\{"number":([0-9]{1,15}),"at":([0-9]{1,15}),"kind":"([a-z_]{1,40})"[,}]')
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Row:
    """An event in its place.

    :ivar text: a JSON object of ``number``, ``at``, ``kind`` and the event's own fields.
    """

    number: int
    text: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: the number and hash of its last row."""

    number: int
    hash: bytes


START = Head(0, bytes(32))


@dataclass(frozen=True, slots=True)
class Page:
    """Some consecutive rows.

    :ivar before: what the page says of the hash of the row before its first one, if it says so.
    """

    before: bytes | None
    rows: Sequence[Row]


def link(head: Head, events: Iterable[Event]) -> list[Row]:
    """The rows that continue a chain."""
    rows = []
    number, before = head.number, head.hash
    for event in events:
        number += 1
        text = _encode({"number": number, "at": event.at, "kind": event.kind, **event.fields})
        before = row_hash(before, text)
        rows.append(Row(number, text, before))
    return rows


def row_hash(before: bytes, text: str) -> bytes:
    """The hash of a row, given that of the row before it."""
    return sha256(before + text.encode()).digest()


def head_of(text: str) -> tuple[int, int, str] | None:
    """Number, time and kind of the event in a row; ``None`` if the text is none that :func:`link` made."""
    matched = _HEAD.match(text)
    return (int(matched[1]), int(matched[2]), matched[3]) if matched else None


def number_of(text: str) -> int | None:
    """The number of the event in a row, if the text begins as one."""
    head = head_of(text)
    return head[0] if head else None

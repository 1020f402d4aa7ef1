# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which events somebody asks the JSON API for. docs/protocol.md, "JSON API"."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from licserver.events import KINDS, MOST_EVENTS, Selection
from licserver.seats.holder import Number

_KNOWN_KIND = rf"^({'|'.join(KINDS)})\Z"


class _Query(msgspec.Struct, forbid_unknown_fields=True):
    after: Number | None = None
    before: Number | None = None
    since: Number = 0
    until: Number | None = None
    text: Annotated[str, msgspec.Meta(max_length=200)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_EVENTS)] = 100
    kind: list[Annotated[str, msgspec.Meta(pattern=_KNOWN_KIND)]] = []


def read_selection(parameters: Iterable[tuple[str, str]]) -> Selection:
    """Which events a query asks for.

    :raises msgspec.ValidationError: an unknown parameter or a value that cannot be.
    """
    values: dict[str, Any] = {"kind": []}
    for name, value in parameters:
        if name == "kind":
            values["kind"].append(value)
        else:
            values[name] = value
    query = msgspec.convert(values, _Query, strict=False)
    return Selection(
        after=query.after,
        before=query.before,
        since=query.since,
        until=query.until,
        text=query.text,
        kinds=frozenset(query.kind),
        limit=query.limit,
    )

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an address asks a page for. Pure."""

import contextlib
from collections.abc import Mapping
from typing import TypeVar

import msgspec

Query = TypeVar("Query", bound=msgspec.Struct)


def read_query(kind: type[Query], given: Mapping[str, str]) -> Query:
    """What somebody looks for; whatever makes no sense in the address is passed over.

    :param kind: every field has a default.
    """
    query = kind()
    for name in kind.__struct_fields__:
        if given.get(name):
            with contextlib.suppress(msgspec.ValidationError):
                values = {**msgspec.to_builtins(query), name: given[name].strip()}
                query = msgspec.convert(values, kind, strict=False)
    return query

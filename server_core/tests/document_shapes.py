# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents with any content that their structure allows, for hypothesis: of every kind that there is, and will be."""

from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec.inspect import (
    DictType,
    IntType,
    LiteralType,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

from licserver.documents import Document

KINDS: list[type[Document]] = Document.__subclasses__()


@cache
def documents(kind: type[Document]) -> st.SearchStrategy[Any]:
    """Every document of one kind."""
    return _built(kind, _fields(type_info(kind)))


def _built(kind: Any, fields: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Any]:
    def build(values: dict[str, Any]) -> Any:
        try:
            return msgspec.convert(values, kind)
        except msgspec.ValidationError:  # a rule of the whole, such as that no two counters have one name
            return None

    return fields.map(build).filter(lambda made: made is not None)


def _fields(info: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({field.encode_name: _values(field.type) for field in info.fields})


def _values(info: Type) -> st.SearchStrategy[Any]:
    match info:
        case StrType(pattern=str() as pattern):
            return st.from_regex(pattern.replace(r"\\Z", ""), fullmatch=True)
        case StrType():
            return st.text(st.characters(exclude_categories=["Cs"]), min_size=info.min_length or 0, max_size=20)
        case IntType():
            return st.integers(info.ge or 0, info.le if info.le is not None else 10**9)
        case LiteralType():
            return st.sampled_from(info.values)
        case NoneType():
            return st.none()
        case UnionType():
            return st.one_of([_values(one) for one in info.types])
        case StructType():
            return _fields(info)
        case VarTupleType():
            return st.lists(_values(info.item_type), min_size=info.min_length or 0, max_size=3)
        case DictType():
            return st.dictionaries(_values(info.key_type), _values(info.value_type), max_size=4)
        case _:
            raise AssertionError(f"no document had a field of this type before: {info}")

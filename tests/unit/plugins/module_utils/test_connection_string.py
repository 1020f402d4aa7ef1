# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection strings of infobases (docs/specification.md, section 9)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.protect.licensing.plugins.module_utils._connection_string import (
    format_connection,
    hide_passwords,
    is_same_connection,
    parse_connection,
)


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
def test_what_is_formatted_is_parsed(server: str, reference: str) -> None:
    assert parse_connection(format_connection(Srvr=server, Ref=reference)) == {"srvr": server, "ref": reference}


def test_parts_stand_in_quotes_in_their_order() -> None:
    assert format_connection(Srvr="srv:1641", Ref="main") == 'Srvr="srv:1641";Ref="main";'


def test_an_empty_part_is_refused() -> None:
    with pytest.raises(ValueError, match="Ref is empty"):
        format_connection(Srvr="srv", Ref=" ")


@pytest.mark.parametrize("text", ["", "C:\\Base", 'File="C:\\Base', 'Srvr="a";', 'File="a" b'])
def test_what_is_no_connection_string_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a connection string|does not say"):
        parse_connection(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('File="C:\\Base";', "File=C:\\Base", True),
        ('Srvr="a";Ref="b";', 'ref = "b"; srvr = "a"', True),
        ('File="C:\\Base";', 'File="C:\\Other";', False),
        ("strange", "strange", True),
        ("", 'File="C:\\Base";', False),
    ],
)
def test_strings_are_compared_by_what_they_mean(one: str, other: str, same: bool) -> None:
    assert is_same_connection(one, other) is same


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('Connect=Srvr="a";Ref="b";Usr="u";Pwd="se""cret";X=1', 'Connect=Srvr="a";Ref="b";Usr="u";Pwd=(set);X=1'),
        ("Connect=ws=x;wsPwd=secret\r\nID=1", "Connect=ws=x;wsPwd=(set)\r\nID=1"),
        ('AdditionalParameters=/N u /P"a b" /C', "AdditionalParameters=/N u /P(set) /C"),
        ("Folder=/Production", "Folder=/Production"),
    ],
)
def test_passwords_are_not_shown(text: str, shown: str) -> None:
    assert hide_passwords(text) == shown

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text armor: readable, carried by mail, and checked against what is signed."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.armor import armor, check_head, dearmor, head_lines
from licserver.documents import DocumentError

HEAD = {"Key number": "100-0001", "Product": "retail (Розница 8)", "Licenses": "main (session) 2"}
TOKEN = "eyJhbGciOiJFZERTQSJ9." + "A-b_9" * 40 + ".sig"
TEXT = armor("Protect license", HEAD, {"LICENSE": TOKEN, "SEALED KEY": "c2VhbGVk"})

tokens = st.text("ABCabc019-_.", min_size=1, max_size=500).filter(lambda token: "-----" not in token)


@given(tokens, tokens)
def test_blocks_come_back_from_their_text(first: str, second: str) -> None:
    text = armor("Title", HEAD, {"LICENSE": first, "SEALED KEY": second})

    assert dearmor(text) == {"LICENSE": first, "SEALED KEY": second}


@pytest.mark.parametrize(
    "name", ["-----BEGIN PROTECT LICENSE-----", "a -----END PROTECT LICENSE----- -----BEGIN PROTECT X"]
)
def test_a_head_may_say_what_a_block_begins_with(name: str) -> None:
    head = {"Company": name, "-----BEGIN PROTECT LICENSE-----": "2"}
    text = armor("Title", {"Company": name}, {"LICENSE": TOKEN})

    assert dearmor(text) == {"LICENSE": TOKEN}
    check_head(text, {"Company": name})
    with pytest.raises(DocumentError):
        check_head(armor("Title", head, {"LICENSE": TOKEN}), head)


@given(st.dictionaries(st.text("abcdef ", min_size=1).map(str.strip).filter(bool), st.text(), max_size=5))
def test_a_text_agrees_with_the_head_it_was_made_with(head: dict[str, str]) -> None:
    check_head(armor("Title", head, {"LICENSE": TOKEN}), head)


def test_lines_are_short_enough_for_mail() -> None:
    assert max(map(len, TEXT.splitlines())) <= 64


@pytest.mark.parametrize(
    "carried",
    [
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\n    "),
        TEXT.replace("\n", "  \r\n\t"),
        "\n\n" + TEXT + "\n\n-- \nregards\n",
    ],
    ids=["CRLF", "indented", "both and blanks at the ends", "blank lines and a signature"],
)
def test_mail_may_change_line_ends_and_indent(carried: str) -> None:
    assert dearmor(carried) == {"LICENSE": TOKEN, "SEALED KEY": "c2VhbGVk"}
    check_head(carried, HEAD)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("100-0001", "100-0002", "'Key number: 100-0002'"),
        ("(session) 2", "(session) 200", "'Licenses: main (session) 200'"),
        ("Product: retail (Розница 8)\n", "", "'Licenses: main (session) 2'"),
        ("Key number: ", "Key  number: ", "'Key  number: 100-0001'"),
        ("Licenses: main (session) 2\n", "", "it says ''"),
        ("session) 2\n", "session) 2\nExpires: never\n", "nothing signed says 'Expires: never'"),
    ],
)
def test_an_altered_head_is_refused_and_its_line_named(before: str, after: str, named: str) -> None:
    altered = TEXT.replace(before, after, 1)
    assert altered != TEXT

    with pytest.raises(DocumentError, match="the readable head was altered") as refused:
        check_head(altered, HEAD)

    assert named in refused.value.message


@pytest.mark.parametrize("value", ["", " ", "\t\n"])
def test_a_head_with_an_empty_value_agrees_with_itself(value: str) -> None:
    head = {"Vendor": value, "Product": "retail"}

    check_head(armor("Title", head, {"LICENSE": TOKEN}), head)


def test_no_value_can_make_a_line_of_its_own() -> None:
    assert head_lines({"Product": "retail\nLicenses: 1000\x0b\u2028x"}) == ["Product: retail Licenses: 1000 x"]


@given(st.integers(0, len(TEXT) - 2))
def test_a_cut_text_holds_less_or_is_refused(length: int) -> None:
    try:
        blocks = dearmor(TEXT[:length])
    except DocumentError:
        return

    assert blocks == {"LICENSE": TOKEN}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        TOKEN,
        TEXT.replace("END PROTECT LICENSE", "END PROTECT LICENCE"),
        TEXT.replace("eyJ", "ey*J"),
        TEXT.replace("LICENSE-----", "license-----"),
    ],
)
def test_a_text_without_whole_blocks_is_refused(text: str) -> None:
    with pytest.raises(DocumentError, match="no whole document"):
        dearmor(text)


def test_a_block_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(DocumentError, match="the block LICENSE twice"):
        dearmor(TEXT + TEXT)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, f"-----BEGIN PROTECT A-----\n{text}\n-----END PROTECT A-----"):
        try:
            dearmor(whole)
        except DocumentError:
            continue


@pytest.mark.parametrize("filling", [" ", "\n", "A", "-", ".", "A ", "-----BEGIN PROTECT A-----"])
def test_a_hostile_text_is_refused_without_delay(filling: str) -> None:
    hostile = "-----BEGIN PROTECT A-----" + filling * (40_000 // len(filling)) + "!"
    started = time.process_time()

    with pytest.raises(DocumentError):
        dearmor(hostile)

    assert time.process_time() - started < 2

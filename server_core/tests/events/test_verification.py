# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verification: whatever was done to a row, it is found and named."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.events.chain import START, Head, Page, Row, row_hash
from licserver.events.verification import NAMED_PROBLEMS, verify
from server_core.tests.events.helpers import SEGMENT, chain, pages

lengths = st.integers(min_value=2, max_value=20)


def problems(rows: list[Row], kept_from: int = 1) -> list[str]:
    return verify(pages(rows), kept_from).problems


def altered(row: Row) -> Row:
    return replace(row, text=row.text.replace('"user":"', '"user":"x'))


@given(st.integers(min_value=0, max_value=20))
def test_a_log_as_it_was_written_is_whole(length: int) -> None:
    rows = chain(length)

    found = verify(pages(rows), 1)

    assert (found.problems, found.events, found.first) == ([], length, min(length, 1))
    assert found.head == (Head(rows[-1].number, rows[-1].hash) if rows else START)


@given(st.integers(min_value=1, max_value=20), st.data())
def test_a_log_whose_oldest_files_were_let_go_is_whole(length: int, data: st.DataObject) -> None:
    rows = chain(length)
    left = pages(rows)[data.draw(st.integers(min_value=0, max_value=(length - 1) // SEGMENT)) :]

    assert verify(left, left[0].rows[0].number).problems == []


@given(lengths, st.data())
def test_a_row_that_was_altered_is_named_and_no_other(length: int, data: st.DataObject) -> None:
    rows = chain(length)
    place = data.draw(st.integers(min_value=0, max_value=length - 1))
    whole = pages(rows)
    at = place // SEGMENT
    changed = [altered(row) if row is rows[place] else row for row in whole[at].rows]

    found = verify([*whole[:at], Page(whole[at].before, changed), *whole[at + 1 :]], 1)

    assert found.problems == [f"event {place + 1} was altered"]


@given(lengths, st.data())
def test_a_row_that_was_altered_together_with_its_hash_is_noticed(length: int, data: st.DataObject) -> None:
    rows = chain(length)
    place = data.draw(st.integers(min_value=0, max_value=length - 2))
    text = altered(rows[place]).text
    before = rows[place - 1].hash if place else START.hash
    rows[place] = Row(place + 1, text, row_hash(before, text))

    found = verify([Page(START.hash, rows)], 1)

    assert found.problems == [f"event {place + 2} was altered"]


@given(lengths, st.data())
def test_rows_that_were_removed_are_named(length: int, data: st.DataObject) -> None:
    rows = chain(length)
    first = data.draw(st.integers(min_value=0, max_value=length - 2))
    last = data.draw(st.integers(min_value=first, max_value=length - 2))
    missing = f"event {first + 1} is" if first == last else f"events {first + 1} to {last + 1} are"

    found = verify([Page(START.hash, rows[:first] + rows[last + 1 :])], 1)

    assert found.problems == [f"{missing} missing; event {last + 2} cannot be checked"]


@given(lengths, st.data())
def test_rows_that_changed_places_are_noticed(length: int, data: st.DataObject) -> None:
    rows = chain(length)
    first, other = sorted(
        data.draw(st.lists(st.integers(min_value=0, max_value=length - 1), min_size=2, max_size=2, unique=True))
    )
    rows[first], rows[other] = rows[other], rows[first]

    found = verify([Page(START.hash, rows)], 1)

    assert any(str(first + 1) in problem for problem in found.problems)


def test_a_row_that_stands_twice_is_named() -> None:
    rows = chain(3)

    assert verify([Page(START.hash, [*rows, rows[1]])], 1).problems == ["event 2 stands after event 3"]


def test_a_row_under_another_number_is_altered() -> None:
    rows = chain(3)
    rows[1] = replace(rows[1], text=rows[1].text.replace('"number":2', '"number":9'))

    assert problems(rows) == ["event 2 was altered"]


def test_a_first_line_that_was_altered_is_named_by_its_file() -> None:
    first, second = pages(chain(SEGMENT + 1))

    found = verify([first, Page(bytes(32), second.rows)], 1)

    assert found.problems == [f"the first line of the file that begins with event {SEGMENT + 1} was altered"]


@pytest.mark.parametrize("forge", [lambda row: row, altered])
def test_without_its_first_line_a_file_is_checked_by_the_one_before(forge: Callable[[Row], Row]) -> None:
    first, second = pages(chain(SEGMENT + 1))
    rows = [forge(row) for row in second.rows]

    found = verify([first, Page(None, rows)], 1)

    assert found.problems == ([f"event {SEGMENT + 1} was altered"] if rows != second.rows else [])


def test_files_that_should_still_be_there_are_missing() -> None:
    left = pages(chain(3 * SEGMENT))[2:]

    assert verify(left, SEGMENT + 1).problems == [f"events {SEGMENT + 1} to {2 * SEGMENT} are missing"]


def test_of_a_log_full_of_problems_some_are_named_and_all_counted() -> None:
    rows = [altered(row) for row in chain(NAMED_PROBLEMS + 5)]

    found = verify([Page(START.hash, rows)], 1).data()

    assert (len(found["problems"]), found["unnamed_problems"]) == (NAMED_PROBLEMS, 5)

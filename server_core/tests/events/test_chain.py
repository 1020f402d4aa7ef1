# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain of hashes over events."""

import json

from hypothesis import given
from hypothesis import strategies as st

from licserver.events import Event
from licserver.events.chain import START, Head, link, row_hash

words = st.text(st.characters(exclude_categories=["Cs"]))
events = st.builds(
    Event,
    at=st.integers(min_value=0, max_value=2**40),
    kind=st.sampled_from(["granted", "denied"]),
    fields=st.dictionaries(st.sampled_from(["user", "lease", "seconds"]), words | st.integers() | st.none()),
)


@given(st.lists(events))
def test_each_row_says_its_number_and_its_event(noted: list[Event]) -> None:
    rows = link(START, noted)

    assert [json.loads(row.text) for row in rows] == [
        {"number": number, "at": event.at, "kind": event.kind, **event.fields}
        for number, event in enumerate(noted, start=1)
    ]


@given(st.lists(events, max_size=4), st.lists(events, max_size=4))
def test_a_chain_that_is_continued_is_the_chain_made_in_one_go(before: list[Event], after: list[Event]) -> None:
    first = link(START, before)
    head = Head(first[-1].number, first[-1].hash) if first else START

    assert first + link(head, after) == link(START, before + after)


@given(st.binary(min_size=32, max_size=32), words, words)
def test_another_text_has_another_hash(before: bytes, one: str, other: str) -> None:
    assert (row_hash(before, one) == row_hash(before, other)) == (one == other)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A form is brought together with what somebody else changed while it was filled in."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.center.app.edits import ContestedError, Parts, held, merge
from licserver.pages.bodies import Form
from licserver.pages.languages import load

PARTS: Parts = {"name": {}, "phone": {"1": "yes", "": "no"}, "counters": {}}
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["a", "b", "c", " a "]),
        "phone": st.just("1"),
        **{f"counter_name{row}": st.sampled_from(["", "main", "tills"]) for row in range(2)},
        **{f"counter_limit{row}": st.sampled_from(["1", "2"]) for row in range(2)},
    },
)
Fields = Mapping[str, str]


def sent(typed: Fields, saw: Fields) -> Form:
    return Form({**typed, "token": "t", **{f"was_{part}": text for part, text in held(saw, PARTS).items()}}, {})


@given(saw=FIELDS, typed=FIELDS, now=FIELDS)
def test_every_part_is_what_was_typed_where_it_was_changed_and_what_stands_there_elsewhere(
    saw: Fields, typed: Fields, now: Fields
) -> None:
    edit = merge(sent(typed, saw), now, PARTS)

    before, mine, theirs = (held(fields, PARTS) for fields in (saw, typed, now))
    changed = {part for part in PARTS if mine[part] != before[part]}
    assert held(edit.fields, PARTS) == {part: (mine if part in changed else theirs)[part] for part in PARTS}
    assert edit.contested == {
        part: theirs[part] for part in PARTS if part in changed and theirs[part] not in (before[part], mine[part])
    }


@given(saw=FIELDS, typed=FIELDS, now=FIELDS)
def test_what_was_told_is_replaced_when_it_is_saved_again(saw: Fields, typed: Fields, now: Fields) -> None:
    edit = merge(sent(typed, saw), now, PARTS)

    again = merge(sent(edit.fields, now), now, PARTS)

    again.check()
    assert held(again.fields, PARTS) == held(edit.fields, PARTS)


def test_a_program_need_not_say_what_it_saw() -> None:
    edit = merge(Form({"name": "b"}, {}), {"name": "a", "phone": "1"}, PARTS)

    edit.check()
    assert held(edit.fields, PARTS) == {"name": "b", "phone": "", "counters": ""}


def test_it_is_said_at_each_contested_part_what_stands_there() -> None:
    saw = {"name": "a", "counter_name0": "main", "counter_type0": "user", "counter_limit0": "1"}
    typed = {**saw, "name": "b", "phone": "1", "counter_limit0": "2"}
    edit = merge(sent(typed, saw), {**saw, "name": "c", "phone": "", "counter_limit0": "3"}, PARTS)

    with pytest.raises(ContestedError) as told:
        edit.check()

    words = told.value.words(load("en"))
    assert list(words) == ["name", "counters"]
    assert "“c”" in words["name"]
    assert "“main user 3”" in words["counters"]

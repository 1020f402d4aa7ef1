# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digits that are told by telephone, and what mishearing does to them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.activation.blocks import ANSWER_CODE, BLOCK_DIGITS, REQUEST_CODE, CodeForm, PhoneCodeError

FORMS = st.sampled_from([REQUEST_CODE, ANSWER_CODE])


@st.composite
def codes(draw: st.DrawFn) -> tuple[CodeForm, str, list[str]]:
    """A kind of code, its digits, and its blocks."""
    form = draw(FORMS)
    digits = draw(st.text("0123456789", min_size=form.digits, max_size=form.digits))
    return form, digits, form.write(digits).split(" ")


def misheard(form: CodeForm, blocks: list[str]) -> tuple[int, ...]:
    """The numbers of the blocks that are named."""
    with pytest.raises(PhoneCodeError) as refusal:
        form.read(" ".join(blocks))
    assert refusal.value.code == "bad_block"
    for number in refusal.value.blocks:
        assert str(number) in refusal.value.message
    return refusal.value.blocks


@given(codes(), st.data())
def test_any_grouping_is_accepted(made: tuple[CodeForm, str, list[str]], data: st.DataObject) -> None:
    form, digits, blocks = made
    separators = st.text(" \t\n-.,;:/_\u2011\u2013\u00a0", max_size=3)

    typed = data.draw(separators) + "".join(digit + data.draw(separators) for digit in "".join(blocks))

    assert form.read(typed) == digits


@given(codes(), st.data())
def test_every_wrong_digit_is_noticed_and_its_block_named(
    made: tuple[CodeForm, str, list[str]], data: st.DataObject
) -> None:
    form, _, blocks = made
    which, at = data.draw(st.integers(0, form.blocks - 1)), data.draw(st.integers(0, BLOCK_DIGITS - 1))
    right = blocks[which]
    wrong = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != right[at]))
    blocks[which] = right[:at] + wrong + right[at + 1 :]

    assert misheard(form, blocks) == (which + 1,)


@given(codes(), st.data())
def test_neighbors_that_changed_places_are_noticed_and_their_block_named(
    made: tuple[CodeForm, str, list[str]], data: st.DataObject
) -> None:
    form, _, blocks = made
    which, at = data.draw(st.integers(0, form.blocks - 1)), data.draw(st.integers(0, BLOCK_DIGITS - 2))
    right = blocks[which]
    blocks[which] = right[:at] + right[at + 1] + right[at] + right[at + 2 :]

    if right[at] == right[at + 1]:
        assert form.read("".join(blocks))
    else:
        assert misheard(form, blocks) == (which + 1,)


@given(codes(), st.data())
def test_blocks_in_another_order_are_noticed_even_where_they_are_alike(
    made: tuple[CodeForm, str, list[str]], data: st.DataObject
) -> None:
    form, _, blocks = made
    order = data.draw(st.permutations(range(form.blocks)).filter(lambda order: order != sorted(order)))

    named = misheard(form, [blocks[number] for number in order])

    assert named == tuple(place + 1 for place, number in enumerate(order) if place != number)


@given(codes(), st.data())
def test_every_block_of_a_request_code_in_an_answer_is_named(
    made: tuple[CodeForm, str, list[str]], data: st.DataObject
) -> None:
    form, _, blocks = made
    other = REQUEST_CODE if form is ANSWER_CODE else ANSWER_CODE
    digits = data.draw(st.text("0123456789", min_size=other.digits, max_size=other.digits))
    which = data.draw(st.integers(0, form.blocks - 1))
    blocks[which] = other.write(digits).split(" ")[data.draw(st.integers(0, other.blocks - 1))]

    assert misheard(form, blocks) == (which + 1,)


@given(codes(), st.data())
def test_a_block_that_is_cut_or_too_long_is_named(made: tuple[CodeForm, str, list[str]], data: st.DataObject) -> None:
    form, _, blocks = made
    which = data.draw(st.integers(0, form.blocks - 1))
    blocks[which] = data.draw(st.sampled_from([blocks[which][1:], blocks[which] + "0"]))

    assert misheard(form, blocks) == (which + 1,)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "the answer is missing"),
        (" - ", "the answer is missing"),
        ("1234567", "has 24 digits, not 7"),
        ("1" * 25, "has 24 digits, not 25"),
        ("O" * 24, "has digits only"),
        ("٣" * 24, "has digits only"),
        ("1" * 23 + "²", "has digits only"),
    ],
)
def test_what_is_no_code_is_said_so(typed: str, message: str) -> None:
    with pytest.raises(PhoneCodeError, match=re.escape(message)) as refusal:
        ANSWER_CODE.read(typed)

    assert (refusal.value.code, refusal.value.blocks) == ("bad_code", ())


@given(FORMS, st.text())
def test_anything_that_is_typed_is_read_or_refused(form: CodeForm, typed: str) -> None:
    try:
        digits = form.read(typed)
    except PhoneCodeError:
        return
    assert form.read(form.write(digits)) == digits

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions that go forward and back."""

from hypothesis import given
from hypothesis import strategies as st

from licserver.menu.wizard import Question, Wizard

QUESTIONS = [
    Question("name"),
    Question("secret", secret=True),
    Question("color", default="blue", check=lambda answer: None if answer in ("blue", "red") else "wrong_color"),
]


def test_answers_are_kept_in_order() -> None:
    wizard = Wizard(QUESTIONS)

    assert [wizard.forward(answer) for answer in (" anna ", "1234", "red")] == [None] * 3
    assert (wizard.question, wizard.answers) == (None, {"name": "anna", "secret": "1234", "color": "red"})


def test_an_empty_answer_means_the_default_or_is_refused() -> None:
    wizard = Wizard(QUESTIONS)

    assert wizard.forward("") == "answer_needed"
    wizard.forward("anna")
    wizard.forward("1234")
    wizard.forward("")
    assert wizard.answers["color"] == "blue"


def test_a_wrong_answer_is_asked_for_again() -> None:
    wizard = Wizard(QUESTIONS[2:])

    assert wizard.forward("green") == "wrong_color"
    assert wizard.question is QUESTIONS[2]


def test_who_goes_back_finds_what_was_answered_but_no_secret() -> None:
    wizard = Wizard(QUESTIONS)
    wizard.forward("anna")
    wizard.forward("1234")

    assert (wizard.back(), wizard.suggestion(QUESTIONS[1])) == (True, None)
    assert (wizard.back(), wizard.suggestion(QUESTIONS[0])) == (True, "anna")
    assert wizard.back() is False


def test_a_question_that_an_earlier_answer_makes_needless_is_passed_over_both_ways() -> None:
    wizard = Wizard(
        [Question("way"), Question("file", when=lambda answers: answers["way"] == "file"), Question("name")]
    )

    wizard.forward("online")
    assert wizard.question is not None
    assert wizard.question.name == "name"
    wizard.back()
    assert wizard.question.name == "way"


@given(st.lists(st.sampled_from(["<", "x", "", "red"])))
def test_whatever_is_done_the_next_question_is_the_first_one_without_an_answer_or_one_gone_back_to(
    moves: list[str],
) -> None:
    wizard, position = Wizard(QUESTIONS), 0
    for move in moves:
        if move == "<":
            position -= wizard.back()
        elif wizard.question is not None:
            position += wizard.forward(move) is None

    assert wizard.question is (QUESTIONS[position] if position < len(QUESTIONS) else None)
    assert set(wizard.answers) >= {question.name for question in QUESTIONS[:position]}

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wizard: questions that go forward and back, and keep what was answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Answers = Mapping[str, str]
Check = Callable[[str], "str | None"]
"""Tells which text says what is wrong with an answer, or ``None``."""


@dataclass(frozen=True)
class Question:
    """One question.

    :ivar name: of its answer, and of its text unless that has another.
    :ivar secret: the answer is not echoed, and never shown again.
    :ivar default: what an empty answer means; ``None`` where one is needed.
    :ivar when: whether it is to be asked, given the answers to those before it.
    """

    name: str
    secret: bool = False
    default: str | None = None
    check: Check = lambda _: None
    when: Callable[[Answers], bool] = lambda _: True
    text: str = ""


class Wizard:
    """Where somebody stands among the questions."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._questions = questions
        self._position = 0
        self._given: dict[str, str] = {}

    @property
    def question(self) -> Question | None:
        """The next one, or ``None`` when all are answered."""
        return self._questions[self._position] if self._position < len(self._questions) else None

    @property
    def answers(self) -> Answers:
        """What was answered so far."""
        return self._given

    def suggestion(self, question: Question) -> str | None:
        """What an empty answer means: the same as before, where somebody came back; a secret is typed anew."""
        return question.default if question.secret else self._given.get(question.name, question.default)

    def forward(self, given: str) -> str | None:
        """Take the answer to the question, and go on; or return which text says what is wrong with it."""
        question = self.question
        assert question is not None
        answer = given.strip() or self.suggestion(question)
        if answer is None:
            return "answer_needed"
        problem = question.check(answer) if answer else None
        if problem is None:
            self._given[question.name] = answer
            self._position = self._from(self._position + 1)
        return problem

    def back(self) -> bool:
        """Go to the question before; ``False`` at the first one."""
        before = [at for at in range(self._position) if self._questions[at].when(self._given)]
        if not before:
            return False
        self._position = before[-1]
        return True

    def _from(self, position: int) -> int:
        """The first question at or after a position that is to be asked."""
        wanted = (at for at in range(position, len(self._questions)) if self._questions[at].when(self._given))
        return next(wanted, len(self._questions))

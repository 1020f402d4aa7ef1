# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversation of the menu with a person, without I/O.

A generator: it yields :class:`Say`, :class:`Ask`, :class:`Do` or :class:`Look`, and is sent what came of it. It ends
when the person quits. Into :class:`Ask`, ``KeyboardInterrupt`` may be thrown, which means the same as cancel.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from licserver.menu.commands import COMMANDS, Call, Command, is_yes
from licserver.menu.texts import Texts
from licserver.menu.wizard import Wizard

BACK = "<"
CANCEL = "!"


@dataclass(frozen=True)
class Say:
    """Show this; nothing is sent back."""

    text: str


@dataclass(frozen=True)
class Ask:
    """Show this and send the line that is typed; a secret one is not echoed."""

    prompt: str
    secret: bool = False


@dataclass(frozen=True)
class Do:
    """Carry this out, and send its JSON answer."""

    call: Call


@dataclass(frozen=True)
class Look:
    """See whether this computer and account are fit for an installation; send {} or an answer with an ``error``."""


Conversation = Generator["Say | Ask | Do | Look", Any, None]


def converse(texts: Texts) -> Conversation:
    """Show the commands and carry out what is chosen, until somebody quits."""
    menu = "\n".join([texts.say("title"), *(f"  {n}  {texts.say(one.name)}" for n, one in enumerate(COMMANDS, 1))])
    while True:
        yield Say(f"\n{menu}\n")
        try:
            chosen = (yield Ask(texts.say("choose"))).strip()
        except KeyboardInterrupt:
            return
        if not chosen.isdecimal() or not 1 <= int(chosen) <= len(COMMANDS):
            yield Say(texts.say("no_such_command", most=len(COMMANDS)))
            continue
        command = COMMANDS[int(chosen) - 1]
        if command.call is None:
            return
        yield from _carry_out(command, texts)


def _carry_out(command: Command, texts: Texts) -> Conversation:
    assert command.call is not None
    yield Say(f"\n{texts.say(command.name)}")
    if command.needs_administrator:
        yield Say(texts.say("administrator_needed"))
        refused = yield Look()
        if "error" in refused:
            yield Say(texts.error(refused["error"]))
            return
    wizard = Wizard(command.questions)
    if command.questions:
        yield Say(texts.say("how_to_move", back=BACK, cancel=CANCEL))
    while True:
        try:
            if (yield from _fill_in(wizard, texts)) == "cancel":
                return
            answer: Mapping[str, Any] = yield Do(command.call(wizard.answers))
        except KeyboardInterrupt:
            if (yield from _really_cancel(texts)):
                return
            continue
        if "error" not in answer:
            yield Say(command.describe(answer, texts))
            return
        yield Say(texts.error(answer["error"]))
        if not command.questions:
            return


def _fill_in(wizard: Wizard, texts: Texts) -> Generator["Say | Ask | Do | Look", Any, str]:
    """Ask what is left to be asked, and then whether to go on; whether it was ``forward`` or ``cancel`` at the end."""
    while True:
        question = wizard.question
        if question is None and not wizard.answers:
            return "forward"
        given = yield Ask(_prompt(wizard, texts), secret=question is not None and question.secret)
        word = given.strip()
        if word == CANCEL:
            if (yield from _really_cancel(texts)):
                return "cancel"
        elif word == BACK:
            if not wizard.back():
                yield Say(texts.say("first_question"))
        elif question is None:
            return "forward"
        else:
            problem = wizard.forward(given)
            if problem is not None:
                yield Say(texts.say(problem))


def _prompt(wizard: Wizard, texts: Texts) -> str:
    question = wizard.question
    if question is None:
        return texts.say("go_on", back=BACK, cancel=CANCEL)
    suggestion = wizard.suggestion(question)
    shown = f" [{suggestion}]" if suggestion else ""
    return f"{texts.say(f'ask_{question.text or question.name}')}{shown}: "


def _really_cancel(texts: Texts) -> Generator["Say | Ask | Do | Look", Any, bool]:
    try:
        return is_yes((yield Ask(texts.say("really_cancel"))))
    except KeyboardInterrupt:
        return True

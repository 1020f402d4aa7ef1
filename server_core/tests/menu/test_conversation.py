# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversation of the menu, without a terminal and without ``licctl``."""

import string
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from licserver.menu import texts as all_texts
from licserver.menu.commands import COMMANDS, Call
from licserver.menu.conversation import Ask, Do, Look, Say, converse
from licserver.menu.texts import LANGUAGES, Texts, language_of

SET_SERVER, KEY, PACK, RETRY, QUIT, LICENSE, SAVE, INSTALL = map(str, range(1, 9))
INTERRUPT = object()
KEY_ANSWERS = ["", "100-0001", "canary-pin", "kit.json", "ООО Ромашка", "", "", "", "", ""]
ACTIVATED = {"changed": True, "key": {"key_number": "100-0001", "product_name": "Trade", "counters": []}}


def refusal(code: str, message: str = "no", hint: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "hint": hint}}


class Person:
    """Somebody who types these lines, and a computer that gives these answers."""

    def __init__(self, lines: Sequence[object], *answers: Mapping[str, Any], language: str = "en") -> None:
        self.said: list[str] = []
        self.asked: list[Ask] = []
        self.calls: list[Call] = []
        self._lines, self._answers = iter([*lines, QUIT]), iter(answers)
        conversation = converse(Texts(language))
        step = next(conversation)
        while True:
            try:
                line = self._answer(step)
                step = conversation.throw(KeyboardInterrupt()) if line is INTERRUPT else conversation.send(line)
            except StopIteration:
                return

    def _answer(self, step: object) -> Any:
        match step:
            case Say():
                return self.said.append(step.text)
            case Ask():
                self.asked.append(step)
                return next(self._lines)
            case Do():
                self.calls.append(step.call)
                return next(self._answers)
            case Look():
                return next(self._answers)

    @property
    def text(self) -> str:
        return "\n".join([*self.said, *(question.prompt for question in self.asked)])


def test_all_eight_commands_are_shown_in_the_language_of_the_person() -> None:
    assert "  1  Set the server's address" in Person([]).text
    assert "  8  Установить сервер" in Person([], language="ru").text


@pytest.mark.parametrize("chosen", ["0", "9", "x", "", "٣٣", "-1"])
def test_what_is_no_command_is_said_so(chosen: str) -> None:
    assert "Type a number from 1 to 8." in Person([chosen]).said


def test_an_interrupt_at_the_menu_quits() -> None:
    assert Person([INTERRUPT]).calls == []


@pytest.mark.parametrize(
    ("lines", "call"),
    [
        ([SET_SERVER, "branch:15200, *local", ""], Call(["server", "set", "--", "branch:15200", "*LOCAL"])),
        (
            [PACK, "1", "100-0001", "P-1", "canary", ""],
            Call(
                ["pack", "activate", "--request", "-"],
                {"key_number": "100-0001", "pack": "P-1", "password": "canary", "center_url": None},
            ),
        ),
        ([RETRY], Call(["retry"])),
        ([LICENSE, "trade", ""], Call(["license", "--product=trade"])),
        ([SAVE, "server.tar.gz", ""], Call(["distribution", "save", "--", "server.tar.gz"])),
    ],
)
def test_a_command_calls_licctl_with_what_was_answered(lines: list[str], call: Call) -> None:
    person = Person([*lines, "!", "y"] if lines != [RETRY] else lines, refusal("x"))
    assert person.calls == [call]


def test_activating_a_key_asks_for_all_that_the_center_must_know() -> None:
    (call,) = Person([KEY, *KEY_ANSWERS, ""], ACTIVATED).calls

    assert (call.words, call.kit) == (["key", "activate", "--request", "-"], "kit.json")
    assert call.request == {
        **{"key_number": "100-0001", "pin": "canary-pin", "center_url": None, "reactivate": False},
        "company": {"name": "ООО Ромашка", "tax_id": "", "address": "", "phone": "", "email": ""},
    }


MADE = {"request": {"send_to": {"url": "https://c", "mail": None}}, "file": "r.txt"}
MAILED = {"request": {"send_to": {"url": "https://c", "mail": "a@b.example"}}, "file": "r.txt"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (MADE, "The request lies in r.txt. Carry it to https://c, and load"),
        ({**MADE, "new": False}, "made before, with the PIN or password that was given then"),
        (MAILED, "or mail it to a@b.example"),
        ({"changed": False, "request": None}, "There is nothing to ask for"),
    ],
)
def test_a_request_file_says_where_it_lies_and_where_to_send_it(answer: dict[str, Any], said: str) -> None:
    person = Person([PACK, "2", "100-0001", "P-1", "canary", "folder", ""], answer)

    assert person.calls[0].words == ["pack", "request", "--request", "-", "--output=folder"]
    assert person.calls[0].request == {
        **{"key_number": "100-0001", "pack": "P-1", "password": "canary", "center_url": None}
    }
    assert said in person.text


LOADED = {"key": {"key_number": "100-0001", "counters": [{"name": "main", "limit": 15}]}}


@pytest.mark.parametrize(
    ("chosen", "wrong", "said"), [(KEY, "6", "Answer 1, 2, 3, 4 or 5."), (PACK, "4", "Answer 1, 2 or 3.")]
)
def test_an_answer_file_is_loaded_without_further_questions(chosen: str, wrong: str, said: str) -> None:
    person = Person([chosen, wrong, "3", "answer.txt", ""], LOADED)

    assert person.calls == [Call(["load", "--", "answer.txt"])]
    assert said in person.said
    assert "main 15" in person.text


@pytest.mark.parametrize(
    ("number", "said"), [("+7 495 000", "Call +7 495 000, and say"), (None, "Call the vendor, and")]
)
def test_who_calls_is_told_what_to_say(number: str | None, said: str) -> None:
    made = {"key_number": "100-0001", "phone": {"code": "12345678 12345678", "number": number}}
    person = Person([KEY, "4", *KEY_ANSWERS[1:], ""], {"request": made})

    assert person.calls[0].words == ["key", "activate", "--phone", "--request", "-"]
    assert person.calls[0].request is not None
    assert person.calls[0].request["key_number"] == "100-0001"
    assert said in person.text
    assert "request code 12345678 12345678" in person.text


def test_the_blocks_of_an_answer_are_typed_in() -> None:
    person = Person([KEY, "5", "100-0001", "1234 5678", ""], LOADED)

    assert person.calls == [Call(["load", "--request", "-"], {"key_number": "100-0001", "blocks": "1234 5678"})]
    assert "main 15" in person.text


def test_who_goes_back_to_choose_another_way_is_asked_what_that_one_needs() -> None:
    answers = ["2", "100-0001", "<", "<", "3", "answer.txt", "<", "<", "1", "100-0002", "P-1", "secret", ""]
    (call,) = Person([PACK, *answers, "!", "y"], refusal("x")).calls

    assert call.request == {"key_number": "100-0002", "pack": "P-1", "password": "secret", "center_url": None}


def test_secrets_are_asked_for_without_echo_and_never_shown() -> None:
    person = Person([KEY, *KEY_ANSWERS[:3], "<", "canary-pin", *KEY_ANSWERS[3:], ""], ACTIVATED)

    assert [question.prompt for question in person.asked if question.secret] == ["PIN (not shown): "] * 2
    assert "canary" not in person.text
    assert "canary" not in str([call.words for call in person.calls])


def test_who_goes_back_answers_anew_and_keeps_what_was_said_before() -> None:
    person = Person(
        [PACK, "1", "100-0001", "P-1", "<", "<", "", "P-2", "<", "P-3", "secret", ""], refusal("x"), refusal("x")
    )

    assert person.calls[0].request == {
        **{"key_number": "100-0001", "pack": "P-3", "password": "secret", "center_url": None}
    }


def test_at_the_first_question_there_is_no_way_back() -> None:
    assert "This is the first question." in Person([LICENSE, "<", "!", "y"]).said


@pytest.mark.parametrize("cancel", ["!", INTERRUPT])
def test_cancel_asks_first_and_then_changes_nothing(cancel: object) -> None:
    person = Person([LICENSE, cancel, "n", "trade", cancel, "y"])

    assert person.calls == []
    assert sum(question.prompt.startswith("Cancel?") for question in person.asked) == 2


def test_two_interrupts_cancel() -> None:
    assert Person([LICENSE, INTERRUPT, INTERRUPT]).calls == []


def test_a_wrong_answer_is_explained_and_asked_for_again() -> None:
    person = Person([SET_SERVER, "*ANYWHERE", "*AUTO", ""], {"servers": ["*AUTO"], "path": "client.ini"})

    assert any(text.startswith("That is no address.") for text in person.said)
    assert person.calls[0].words[-1] == "*AUTO"


def test_after_a_refusal_the_person_corrects_and_goes_on() -> None:
    lines = [PACK, "1", "100-0001", "P-1", "wrong", "", "<", "right", ""]
    done = {"changed": True, "key": {"key_number": "100-0001", "counters": [{"name": "main", "limit": 15}]}}
    person = Person(lines, refusal("wrong_password", "the password is wrong", "Look at the paper"), done)

    assert [call.request["password"] for call in person.calls if call.request] == ["wrong", "right"]
    assert "Not done. the password is wrong. Look at the paper" in person.said
    assert "The pack is active. Licenses of the key 100-0001 now: main 15." in person.said


def test_a_command_without_questions_ends_with_its_answer() -> None:
    assert len(Person([RETRY], refusal("bad_client_ini")).calls) == 1


def test_who_may_not_install_is_told_before_any_question() -> None:
    person = Person([INSTALL], refusal("forbidden", "installing the server needs administrator rights"), language="ru")

    assert "Для установки сервера нужны права администратора." in person.said
    assert len(person.asked) == 2


def test_who_may_install_is_asked_what_and_for_whom() -> None:
    person = Person([INSTALL, "server.tar.gz", "maybe", "да", ""], {}, {"changed": True, "version": "1.2.3"})

    assert person.calls == [Call(["distribution", "install", "--network", "--", "server.tar.gz"])]
    assert "Answer y or n." in person.said
    assert "Release 1.2.3 of the license server is installed and serves." in person.said


@pytest.mark.parametrize(
    ("lines", "answer", "said"),
    [
        ([RETRY], {"failed": [], "found": {"name": "b1", "address": "a:1", "entry": "a"}}, "b1 answers at a:1."),
        ([RETRY], {"failed": [{"server": "*AUTO", "message": "nobody"}], "found": None}, "  *AUTO: nobody\nNo license"),
        ([KEY, *KEY_ANSWERS, ""], {**ACTIVATED, "changed": False}, "was active already"),
        ([SAVE, "", ""], {"path": "x.tar.gz", "version": "1.2.3"}, "release 1.2.3 lies in x.tar.gz"),
        ([INSTALL, "x", "", ""], {"changed": False, "version": "1.2.3"}, "was installed and served already"),
        (
            [LICENSE, "trade", ""],
            {
                "license": {
                    **{"product_name": "Trade", "product": "trade", "vendor": "V", "key_number": "100-0001"},
                    **{"server": "b1", "counter": "main", "issued_at": 0, "expires_at": None, "company": "C"},
                    "counters": [{"name": "main", "type": "session", "limit": 5}],
                }
            },
            "main (session) 5; this computer gets one of main",
        ),
    ],
)
def test_what_came_of_it_is_said_in_words(lines: list[str], answer: Mapping[str, Any], said: str) -> None:
    looked = [{}] if lines[0] == INSTALL else []

    assert said in Person(lines, *looked, answer).text


def test_a_server_that_does_not_know_a_command_yet_is_called_older() -> None:
    person = Person([PACK, "", "1", "2", "3", "", "!", "y"], refusal("http_error", "Not Found"))

    assert "older release" in person.text


def test_a_refusal_is_explained_in_russian_with_the_particulars_of_the_command() -> None:
    person = Person([KEY, *KEY_ANSWERS, "", "!", "д"], refusal("wrong_pin", "the PIN is wrong"), language="ru")

    assert "Не выполнено. Неверный пин-код. (the PIN is wrong)" in person.said


def test_every_text_exists_in_both_languages_with_the_same_fields() -> None:
    def fields(text: str) -> set[str | None]:
        return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}

    for name, translations in all_texts._TEXTS.items():
        assert len(translations) == len(LANGUAGES), name
        assert len({frozenset(fields(text)) for text in translations}) == 1, name
    for command in COMMANDS:
        for question in command.questions:
            text = f"ask_{question.text or question.name}"
            assert Texts("ru").say(text) != Texts("en").say(text)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "Russian_Russia.1251", "LANG": "en_US"}, "ru"),
        ({"LANG": "de_DE"}, "en"),
    ],
)
def test_the_language_is_that_of_the_environment(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language


@pytest.mark.parametrize(("system", "language"), [("Russian_Russia", "ru"), ("en_US", "en"), (None, "en")])
def test_or_else_that_of_the_system(monkeypatch: pytest.MonkeyPatch, system: str | None, language: str) -> None:
    monkeypatch.setattr("locale.getlocale", lambda: (system, None))

    assert language_of({}) == language

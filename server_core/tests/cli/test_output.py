# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How command lines answer."""

import json
from collections.abc import Sequence

import pytest

from licserver.cli._output import Answer, Parser, add_json_option, run
from licserver.errors import LicensingError

REFUSAL = LicensingError("wrong_pin", "this is no PIN", hint="Type it again")


def raising(error: BaseException, argv: Sequence[str]) -> int:
    def command(_: Sequence[str]) -> Answer:
        raise error

    return run(command, argv)


def parse(argv: Sequence[str]) -> Answer:
    parser = Parser(prog="tool")
    add_json_option(parser)
    parser.add_argument("--number", type=int)
    return Answer({"number": parser.parse_args(argv).number}, "число")


def test_an_answer_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(parse, ["--number", "7"]) == 0
    assert capsys.readouterr().out == "число\n"


def test_an_answer_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(parse, ["--json", "--number", "7"]) == 0
    assert json.loads(capsys.readouterr().out) == {"number": 7}


def test_an_error_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(REFUSAL, []) == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", "error: this is no PIN. Type it again\n")


def test_an_error_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(REFUSAL, ["--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out) == {"error": {"code": "wrong_pin", "message": "this is no PIN", "hint": "Type it again"}}
    assert err == ""


def test_what_a_server_says_does_not_reach_the_terminal_as_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    said = "ключ\t1\nно\x1b]0;title\x07 \x9b2J\r\u202eevil"

    run(lambda _: Answer({}, said), [])
    raising(LicensingError("wrong_pin", said), [])

    shown = "ключ\t1\nно\\x1b]0;title\\x07 \\x9b2J\\r\\u202eevil\n"
    out, err = capsys.readouterr()
    assert (out, err) == (shown, f"error: {shown}")


@pytest.mark.parametrize("argv", [["--number", "x"], ["--numb", "1"], ["surplus"]])
def test_a_wrong_command_line(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert run(parse, [*argv, "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["hint"]) == ("usage", "See: tool --help")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(28, "No space left on device", "/var/file"), "/var/file: No space left on device"),
        (OSError("odd"), "odd"),
        (KeyboardInterrupt(), "interrupted before it was done"),
    ],
)
def test_what_the_system_refuses_is_one_message(
    capsys: pytest.CaptureFixture[str], error: BaseException, message: str
) -> None:
    assert raising(error, ["--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["message"] == message

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How answers and errors of ``licctl --json`` are told apart."""

from __future__ import annotations

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._licctl import Licctl, LicctlError

OPTIONS = {"licctl": "/bin/licctl", "ini": "/etc/l.ini", "state_dir": "/var/l"}


class Runner:
    """Answers every command the same way and keeps what it was given."""

    def __init__(self, rc: int, stdout: str, stderr: str = "") -> None:
        self._answer = (rc, stdout, stderr)
        self.command: list[str] = []
        self.stdin: str | None = None

    def __call__(self, command: list[str], stdin: str | None) -> tuple[int, str, str]:
        self.command, self.stdin = command, stdin
        return self._answer


def test_the_command_names_ini_and_state() -> None:
    runner = Runner(0, "{}")
    Licctl(runner, OPTIONS).call("key", "list")
    assert runner.command == ["/bin/licctl", "--ini", "/etc/l.ini", "--state", "/var/l", "--json", "key", "list"]


def test_a_request_goes_to_standard_input_only() -> None:
    runner = Runner(0, "{}")
    Licctl(runner, OPTIONS).call("key", "activate", request={"pin": "1111"})
    assert runner.stdin == '{"pin": "1111"}'
    assert "1111" not in " ".join(runner.command)


def test_the_answer_is_the_object() -> None:
    assert Licctl(Runner(0, '{"running": true}'), OPTIONS).call("info") == {"running": True}


def test_a_refusal_keeps_its_code_and_says_what_to_do() -> None:
    answer = '{"error": {"code": "wrong_pin", "message": "the PIN is wrong", "hint": "Look at the paper"}}'
    with pytest.raises(LicctlError, match=r"^the PIN is wrong\. Look at the paper$") as caught:
        Licctl(Runner(1, answer), OPTIONS).call("key", "activate")
    assert caught.value.code == "wrong_pin"


@pytest.mark.parametrize(("rc", "stdout"), [(0, "no JSON"), (0, "[]"), (1, ""), (3, '{"running": true}')])
def test_what_is_no_answer_is_an_error_with_the_last_lines(rc: int, stdout: str) -> None:
    with pytest.raises(LicctlError, match=rf"/bin/licctl info ended with {rc}\. b / c / d") as caught:
        Licctl(Runner(rc, stdout, "a\nb\nc\nd\n"), OPTIONS).call("info")
    assert caught.value.code == "bad_answer"

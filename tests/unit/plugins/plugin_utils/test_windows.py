# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What action plugins do on a Windows target, against a target that gives prepared answers."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.plugin_utils import _windows
from ansible_collections.protect.licensing.plugins.plugin_utils._target import TargetError, unrestrained


class Task:
    """As much of a task as the calls need."""

    def __init__(self) -> None:
        self.args: dict[str, Any] = {}
        self.check_mode = True
        self.no_log = False

    def copy(self) -> Task:
        return Task()


class Target:
    """In the place of an action plugin: notes what is called, and gives the answer it was made with."""

    def __init__(self, answer: dict[str, Any] | None = None, *, windows: bool = True) -> None:
        self.answer = answer or {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.modes: list[tuple[bool, bool]] = []
        self.copied: dict[str, bytes] = {}
        self._task = Task()
        self._connection = self._play_context = self._loader = self._templar = self._shared_loader_obj = self
        self._shell = self.action_loader = self
        self.no_log = False
        if windows:
            self._IS_WINDOWS = True

    def _execute_module(self, module_name: str, module_args: dict[str, Any], task_vars: object) -> dict[str, Any]:
        self.calls.append((module_name, module_args))
        self.modes.append((self._task.check_mode, self._task.no_log))
        return self.answer

    def get(self, name: str, task: Task, **_context: object) -> Target:
        self.calls.append((name, task.args))
        self.modes.append((task.check_mode, task.no_log))
        return self

    def run(self, task_vars: object) -> dict[str, Any]:
        source = Path(self.calls[-1][1]["src"])
        self.copied[source.name] = source.read_bytes()
        return self.answer


@pytest.mark.parametrize("windows", [True, False])
def test_the_shell_tells_a_windows_target(windows: bool) -> None:
    assert _windows.is_windows(Target(windows=windows)) is windows


def test_a_file_is_read_in_one_call() -> None:
    target = Target({"content": base64.b64encode(b"\xff\xfe\0").decode()})
    assert _windows.read_file(target, r"C:\a b.ini", {}) == b"\xff\xfe\0"
    assert target.calls == [("ansible.windows.slurp", {"src": r"C:\a b.ini"})]


def test_a_file_that_is_missing_is_none() -> None:
    assert _windows.read_file(Target({"failed": True, "msg": r"Path C:\a is not found"}), r"C:\a", {}) is None


@pytest.mark.parametrize("message", [r"Path C:\a is a directory", "Access to the path is denied."])
def test_a_file_that_cannot_be_read_is_an_error(message: str) -> None:
    with pytest.raises(TargetError, match=r"directory|denied"):
        _windows.read_file(Target({"failed": True, "msg": message}), r"C:\a", {})


def test_a_file_is_written_byte_for_byte_into_its_folder() -> None:
    target = Target({"changed": True})
    _windows.write_file(target, r"%APPDATA%\1C\list.v8i", b"\xef\xbb\xbfa\r\n", {})
    assert target.copied == {"list.v8i": b"\xef\xbb\xbfa\r\n"}
    assert target.calls[0][1]["dest"] == "%APPDATA%\\1C\\"


def test_nothing_of_a_written_file_is_left_on_the_control_node() -> None:
    target = Target()
    _windows.write_file(target, r"C:\secret.ini", b"secret", {})
    assert not Path(target.calls[0][1]["src"]).parent.exists()


def test_a_file_that_cannot_be_written_is_an_error() -> None:
    with pytest.raises(TargetError, match="no room"):
        _windows.write_file(Target({"failed": True, "msg": "no room"}), r"C:\a", b"", {})


def test_a_file_is_removed_in_one_call() -> None:
    target = Target()
    _windows.remove_file(target, r"C:\a", {})
    assert target.calls == [("ansible.windows.win_file", {"path": r"C:\a", "state": "absent"})]


def test_a_program_gets_its_input_and_its_exit_code_is_no_error() -> None:
    target = Target({"failed": True, "msg": "non-zero return code", "rc": 1, "stdout": "{}", "stderr": "oh"})
    assert _windows.run(target, [r"%ProgramFiles%\a b\licctl.cmd", "info"], "{}", {}) == (1, "{}", "oh")
    arguments = {
        "argv": [r".\licctl.cmd", "info"],
        "chdir": r"%ProgramFiles%\a b",
        "removes": r"%ProgramFiles%\a b\licctl.cmd",
        "stdin": "{}",
    }
    assert target.calls == [("ansible.windows.win_command", arguments)]


def test_a_program_that_is_missing_is_not_found() -> None:
    with pytest.raises(FileNotFoundError, match=r"licctl\.cmd"):
        _windows.run(Target({"skipped": True, "rc": 0}), [r"C:\licctl.cmd"], None, {})


def test_a_program_that_cannot_be_started_is_an_error() -> None:
    with pytest.raises(TargetError, match="not a valid application"):
        _windows.run(
            Target({"failed": True, "rc": 193, "msg": "not a valid application"}), [r"C:\licctl.cmd"], None, {}
        )


@pytest.mark.parametrize("there", [True, False])
def test_a_file_is_looked_for_in_one_call(there: bool) -> None:
    target = Target({"stat": {"exists": there}})
    assert _windows.exists(target, r"C:\a", {}) is there
    assert len(target.calls) == 1


def test_an_answer_without_a_message_is_still_explained() -> None:
    with pytest.raises(TargetError, match="gave no answer"):
        _windows.call(Target({"failed": True}), "ansible.windows.win_find", {}, {})


@pytest.mark.parametrize(
    "do",
    [
        lambda target: _windows.run(target, [r"C:\licctl.cmd"], "secret", {}),
        lambda target: _windows.write_file(target, r"C:\a", b"secret", {}),
    ],
)
def test_calls_run_in_check_mode_and_stay_out_of_the_log(do: Any) -> None:
    target = Target({"rc": 0, "stdout": "", "stderr": ""})
    do(target)
    assert target.modes == [(False, True)]
    assert target._task.check_mode
    assert not target._task.no_log


def test_no_connection_shows_what_came_back_while_a_module_may_hold_secrets() -> None:
    target = Target()
    with unrestrained(target):
        assert target._connection._play_context.no_log is True
    assert target._connection._play_context.no_log is False

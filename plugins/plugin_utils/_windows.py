# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an action plugin does on a Windows target, in calls of ``ansible.windows`` modules.

Paths are Windows paths; ``%VARIABLES%`` in them are expanded on the target. Every call is carried out in check mode too
and stays out of the target's event log, so callers write only outside check mode and may pass secrets. Whatever goes
wrong raises :class:`._target.TargetError`.
"""

from __future__ import annotations

import base64
import ntpath
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible import constants

from ansible_collections.protect.licensing.plugins.plugin_utils._target import TargetError, unrestrained

if TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

    from ansible_collections.protect.licensing.plugins.module_utils._licctl import RunCommand

Arguments = Mapping[str, object]
Variables = Mapping[str, Any]


class Finished(NamedTuple):
    """How a program on the target ended."""

    rc: int
    stdout: str
    stderr: str


def is_windows(action: ActionBase) -> bool:
    """Tell whether the target's shell is one of Windows, whatever the transport."""
    return bool(getattr(action._connection._shell, "_IS_WINDOWS", False))


def read_file(action: ActionBase, path: str, task_vars: Variables) -> bytes | None:
    """The bytes of a file, None where there is none. One call."""
    answer = _execute(action, "ansible.windows.slurp", {"src": path}, task_vars)
    if answer.get("failed"):
        if re.fullmatch(r"Path .* is not found", str(answer.get("msg")), re.DOTALL):
            return None
        raise TargetError(_message(answer))
    return base64.b64decode(answer["content"])


def write_file(action: ActionBase, path: str, data: bytes, task_vars: Variables) -> None:
    """Write a file, and make its folder where it does not exist."""
    folder, name = ntpath.split(path)
    with tempfile.TemporaryDirectory(dir=constants.DEFAULT_LOCAL_TMP) as staging:
        local = os.path.join(staging, name)
        with open(local, "wb") as file:
            file.write(data)
        copy(action, local, folder + "\\", task_vars)


def remove_file(action: ActionBase, path: str, task_vars: Variables) -> None:
    """Remove a file, or a folder with all it holds; what is not there is no error. One call."""
    call(action, "ansible.windows.win_file", {"path": path, "state": "absent"}, task_vars)


def run(action: ActionBase, argv: Sequence[str], stdin: str | None, task_vars: Variables) -> Finished:
    """Run a program that is named by its whole path, whatever its exit code. One call.

    Variables are expanded in its path only. Raises :class:`FileNotFoundError` where there is no such program.
    """
    program, *words = argv
    folder, name = ntpath.split(program)
    answer = _execute(
        action,
        "ansible.windows.win_command",
        {"argv": [f".\\{name}", *words], "chdir": folder, "removes": program, "stdin": stdin},
        task_vars,
    )
    if answer.get("skipped"):
        raise FileNotFoundError(program)
    if "stdout" not in answer:
        raise TargetError(_message(answer))
    return Finished(answer["rc"], answer["stdout"], answer["stderr"])


def licctl_runner(action: ActionBase, task_vars: Variables) -> RunCommand:
    """What runs ``licctl`` for an action."""
    return lambda command, stdin: run(action, command, stdin, task_vars)


def exists(action: ActionBase, path: str, task_vars: Variables) -> bool:
    """Tell whether there is a file or a folder. One call."""
    answer = call(action, "ansible.windows.win_stat", {"path": path, "get_checksum": False}, task_vars)
    return bool(answer["stat"]["exists"])


def call(action: ActionBase, module: str, arguments: Arguments, task_vars: Variables) -> dict[str, Any]:
    """The answer of a module, named in full, that has no part on the control node."""
    return _checked(_execute(action, module, arguments, task_vars))


def copy(action: ActionBase, source: str, destination: str, task_vars: Variables) -> None:
    """Copy a file, or what a folder with ``/`` at its end holds, to a folder with ``\\`` at its end."""
    with unrestrained(action):
        action._task.args = {"src": source, "dest": destination, "decrypt": False, "local_follow": True}
        copier = action._shared_loader_obj.action_loader.get(
            "ansible.windows.win_copy",
            task=action._task,
            connection=action._connection,
            play_context=action._play_context,
            loader=action._loader,
            templar=action._templar,
            shared_loader_obj=action._shared_loader_obj,
        )
        _checked(copier.run(task_vars=task_vars))


def _execute(action: ActionBase, module: str, arguments: Arguments, task_vars: Variables) -> dict[str, Any]:
    with unrestrained(action):
        answer: dict[str, Any] = action._execute_module(
            module_name=module, module_args=dict(arguments), task_vars=task_vars
        )
    return answer


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("failed"):
        raise TargetError(_message(answer))
    return answer


def _message(answer: Mapping[str, Any]) -> str:
    return str(answer.get("msg") or answer.get("module_stderr") or "the module on the target gave no answer")

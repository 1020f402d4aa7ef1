# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ``licctl`` on a POSIX target for an engine that runs on the control node."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.protect.licensing.plugins.plugin_utils._target import TargetError, unrestrained

if TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

    from ansible_collections.protect.licensing.plugins.module_utils._licctl import RunCommand


def licctl_runner(action: ActionBase, task_vars: Mapping[str, Any]) -> RunCommand:
    """What runs ``licctl`` for an action: one call each, in check mode too, and none in the log of the target."""

    def run(command: list[str], stdin: str | None) -> tuple[int, str, str]:
        arguments = {"argv": command, "stdin": stdin, "stdin_add_newline": False}
        with unrestrained(action):
            answer = action._execute_module("ansible.legacy.command", arguments, task_vars=task_vars)
        if "delta" not in answer:  # it was not run
            if answer.get("rc") == errno.ENOENT:
                raise FileNotFoundError(command[0])
            raise TargetError(str(answer.get("msg") or answer.get("module_stderr") or "the target gave no answer"))
        return answer["rc"], answer["stdout"], answer["stderr"]

    return run


def exists(action: ActionBase, path: str, task_vars: Mapping[str, Any]) -> bool:
    """Tell whether there is a file or a folder. One call."""
    arguments = {"path": path, "get_checksum": False, "get_mime": False, "get_attributes": False}
    with unrestrained(action):
        answer = action._execute_module("ansible.legacy.stat", arguments, task_vars=task_vars)
    if "stat" not in answer:
        raise TargetError(str(answer.get("msg") or answer.get("module_stderr") or "the target gave no answer"))
    return bool(answer["stat"]["exists"])

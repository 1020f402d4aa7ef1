# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs action plugins against a target whose disk is a dictionary and whose ``licctl`` has prepared answers."""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.playbook.task import Task

RunAction = Callable[..., dict[str, Any]]


class WindowsTarget:
    """A Windows computer as far as the modules of ``ansible.windows`` reach it; notes every call."""

    def __init__(self) -> None:
        self.disk: dict[str, bytes] = {}
        self.licctl: dict[str, object] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    @property
    def modules(self) -> list[str]:
        return [name.rpartition(".")[2] for name, _arguments in self.calls]

    def execute(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((name, arguments))
        answer: dict[str, Any] = getattr(self, name.rpartition(".")[2])(arguments)
        return answer

    def slurp(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments["src"] not in self.disk:
            return {"failed": True, "msg": f"Path {arguments['src']} is not found"}
        return {"content": base64.b64encode(self.disk[arguments["src"]]).decode()}

    def win_copy(self, arguments: dict[str, Any]) -> dict[str, Any]:
        source = Path(arguments["src"])
        root, files = (source, source.rglob("*")) if source.is_dir() else (source.parent, [source])
        for path in (path for path in files if path.is_file()):
            self.disk[arguments["dest"] + str(path.relative_to(root)).replace("/", "\\")] = path.read_bytes()
        return {"changed": True}

    def win_find(self, arguments: dict[str, Any]) -> dict[str, Any]:
        patterns = arguments.get("patterns", ["*"])
        files = [
            {"path": path, **({"checksum": hashlib.sha256(data).hexdigest()} if arguments["get_checksum"] else {})}
            for path, data in self.disk.items()
            if path.startswith(tuple(f"{folder}\\" for folder in arguments["paths"]))
            and any(fnmatch(path.rpartition("\\")[2], pattern) for pattern in patterns)
        ]
        return {"files": files}

    def win_file(self, arguments: dict[str, Any]) -> dict[str, Any]:
        path = arguments["path"]
        gone = [known for known in self.disk if known == path or known.startswith(f"{path}\\")]
        for known in gone:
            del self.disk[known]
        return {"changed": bool(gone)}

    def win_stat(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"stat": {"exists": arguments["path"] in self.disk}}

    def win_command(self, arguments: dict[str, Any]) -> dict[str, Any]:
        words = arguments["argv"]
        command = " ".join(words[words.index("--json") + 1 :])
        if command not in self.licctl:
            return {"skipped": True, "rc": 0}
        answer = self.licctl[command]
        failed = isinstance(answer, dict) and "error" in answer
        return {"failed": failed, "rc": int(failed), "stdout": json.dumps(answer), "stderr": ""}


class PosixTarget(WindowsTarget):
    """A POSIX computer as far as an action reaches it that runs on the control node."""

    def command(self, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = self.win_command(arguments)
        if answer.get("skipped"):
            return {"failed": True, "rc": 2, "stdout": "", "stderr": "", "msg": "Error executing command."}
        return {**answer, "delta": "0:00:00.1"}

    def stat(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return self.win_stat(arguments)


class Connection:
    """A connection, its shell, and whatever else an action is given and hands on."""

    def __init__(self, target: WindowsTarget) -> None:
        self._target = target
        self._shell = self._play_context = self.action_loader = self
        self._IS_WINDOWS = not isinstance(target, PosixTarget)
        self.no_log = False
        self.tmpdir = ""

    def join_path(self, *parts: str) -> str:
        return "/".join(parts)

    def get(self, name: str, task: Task, **_context: object) -> Connection:
        self._copy = (name, dict(task.args))
        return self

    def run(self, task_vars: object) -> dict[str, Any]:
        return self._target.execute(*self._copy)


@pytest.fixture
def target() -> WindowsTarget:
    return WindowsTarget()


@pytest.fixture
def run_action(target: WindowsTarget) -> RunAction:
    """Run the action of a module with options; what it raises is a failure, as Ansible makes of it."""

    def run(name: str, *, check_mode: bool = False, **options: object) -> dict[str, Any]:
        plugin = importlib.import_module(f"ansible_collections.protect.licensing.plugins.action.{name}")
        task, connection = Task(), Connection(target)
        task.args, task.action, task.check_mode, task.async_val = dict(options), name, check_mode, 0
        action = plugin.ActionModule(task, connection, connection, connection, connection)
        action._shared_loader_obj = connection
        action._execute_module = lambda module_name, module_args, task_vars: target.execute(module_name, module_args)
        try:
            answer: dict[str, Any] = action.run(task_vars={})
        except AnsibleError as error:
            return {"failed": True, "msg": str(error)}
        return answer

    return run

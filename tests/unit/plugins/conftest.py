# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for the modules' tests: run one as Ansible would, and play ``licctl`` for it."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

RunModule = Callable[..., dict[str, Any]]

_LICCTL = """#!{python}
import json, pathlib, sys
folder = pathlib.Path(__file__).parent
words = [word for word in sys.argv[1:] if word != "--json"]
command = " ".join(words[words.index("--state") + 2:])
with open(folder / "calls.jsonl", "a") as calls:
    json.dump({{"argv": sys.argv[1:], "stdin": "" if sys.stdin.isatty() else sys.stdin.read()}}, calls)
    calls.write("\\n")
answer = json.loads((folder / "answers.json").read_text())[command]
print(answer if isinstance(answer, str) else json.dumps(answer))
sys.exit(1 if "error" in answer else 0)
"""


class FakeLicctl:
    """A program in the place of ``licctl`` that gives prepared answers and notes what it was asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / "licctl"
        self.path.write_text(_LICCTL.format(python=sys.executable))
        self.path.chmod(self.path.stat().st_mode | stat.S_IXUSR)

    def answers(self, **by_command: object) -> None:
        """Prepare answers: ``key_activate`` answers ``key activate``; a text is printed as it is."""
        answers = {name.replace("_", " "): answer for name, answer in by_command.items()}
        if "key activate" in answers:
            answers["key activate --request -"] = answers.pop("key activate")
        (self._folder / "answers.json").write_text(json.dumps(answers))

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Every call so far: ``argv`` and ``stdin``."""
        path = self._folder / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def licctl(tmp_path: Path) -> FakeLicctl:
    folder = tmp_path / "bin"
    folder.mkdir()
    return FakeLicctl(folder)


@pytest.fixture
def run_module(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[RunModule]:
    """Run a module's ``main`` with options; the answer is its JSON. What it sets of its process is undone."""
    umask = os.umask(0o022)

    def run(module: ModuleType, *, check_mode: bool = False, **options: object) -> dict[str, Any]:
        internal = {"_ansible_check_mode": check_mode, "_ansible_remote_tmp": str(tmp_path / "remote")}
        with patch_module_args({**options, **internal}), pytest.raises(SystemExit):
            module.main()
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    yield run
    os.umask(umask)

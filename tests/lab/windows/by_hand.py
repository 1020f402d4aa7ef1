# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules called on a played host, for tests of the lab: without Ansible, and by the program `ansible`."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .played_host import PlayedHost
from .players import Call, play

ROOT = Path(__file__).resolve().parents[3]
ANSIBLE = Path(sys.executable).with_name("ansible")


def played(
    host: PlayedHost, module: str, /, *, check: bool = False, diff: bool = False, **options: Any
) -> dict[str, Any]:
    """What a module answers; a name without a collection is one of ansible.windows."""
    full = module if "." in module else f"ansible.windows.{module}"
    return play(host, Call(full, source_of(full), options, check=check, diff=diff))


def sent(
    folder: Path, module: str, arguments: Mapping[str, object] | str, variables: Mapping[str, object], *options: str
) -> dict[str, Any]:
    """What a module answers that `ansible`, with `folder` for its own files, sends to the host of these variables."""
    environment = os.environ | {
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build/collections"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_HOST_KEY_CHECKING": "true",
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        "ANSIBLE_LOAD_CALLBACK_PLUGINS": "true",
        "ANSIBLE_TASK_TIMEOUT": "30",
        "NO_COLOR": "1",
    }
    given = ["-a", arguments if isinstance(arguments, str) else json.dumps(arguments)] if arguments else []
    done = subprocess.run(
        [ANSIBLE, "-i", "d1,", "d1", "-m", module, *given, *options, "-e", json.dumps(variables)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=60,
    )
    (play,) = json.loads(done.stdout[done.stdout.index("{\n") :])["plays"]
    answer: dict[str, Any] = play["tasks"][0]["hosts"]["d1"]
    return answer


def source_of(module: str) -> Path:
    """The PowerShell of a module, in the collections that are installed beside Ansible."""
    package, _, name = f"ansible_collections.{module}".rpartition(".")
    found = importlib.util.find_spec(f"{package}.plugins.modules")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"{package} is not installed")
    return Path(next(iter(found.submodule_search_locations))) / f"{name}.ps1"

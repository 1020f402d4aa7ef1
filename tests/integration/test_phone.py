# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key is activated by telephone: the module on one side, the desk on the other, and real commands behind both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server_core.tests.processes import ServerProcess, command, server_process

ROOT = Path(__file__).resolve().parents[2]
KEY, PIN = "100-0001", "1111-2222-3333"
CATALOG = {
    "products": [
        {
            **{"product": "retail", "name": "Retail", "phone": True},
            "counters": [{"name": "main", "type": "session", "limit": 2}],
        }
    ],
    "keys": [{"key_number": KEY, "product": "retail", "pins": [PIN]}],
}
Module = Callable[..., dict[str, Any]]


@pytest.fixture
def center(tmp_path: Path) -> Path:
    """The folder of a center, with its kit."""
    folder = tmp_path / "center"
    liccenter(folder, "init", "--name", "Vendor", "--url", "https://center.invalid", "--phone", "+7 495 000-00-00")
    liccenter(folder, "apply", "--catalog", "-", given=json.dumps(CATALOG))
    liccenter(folder, "kit", "--phone-keys", "all", "--output", folder / "kit.json")
    return folder


@pytest.fixture
def branch(tmp_path: Path) -> Iterator[ServerProcess]:
    (tmp_path / "branch").mkdir()
    with server_process(tmp_path / "branch") as server:
        yield server.start()


@pytest.fixture
def soft_key(center: Path, branch: ServerProcess, tmp_path: Path) -> Module:
    """The module, for that key on that server."""

    def run(*words: str, **options: object) -> dict[str, Any]:
        order = {
            **{"key_number": KEY, "pin": PIN, "company": {"name": "Рога и копыта"}, "method": "phone"},
            **{"kit": (center / "kit.json").read_text(), "licctl": str(Path(sys.executable).with_name("licctl"))},
            **{"ini": str(branch.ini), "state_dir": str(branch.state), **options},
        }
        ansible = [Path(sys.executable).with_name("ansible"), "localhost", "--one-line"]
        ran = subprocess.run(
            [*ansible, "--module-name=protect.licensing.soft_key", f"--args={json.dumps(order)}", *words],
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "tree"),
                "ANSIBLE_HOME": str(tmp_path / "ansible"),
                "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote"),
                "ANSIBLE_NOCOLOR": "1",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        answer: dict[str, Any] = json.loads(ran.stdout.partition("=> ")[2])
        return answer

    return run


def liccenter(folder: Path, *words: str | Path, given: str = "") -> Any:
    ran = command("liccenter", "--json", "--dir", folder, *words, given=given)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


def test_a_key_is_activated_by_telephone(soft_key: Module, center: Path) -> None:
    asked = soft_key()
    assert (asked["changed"], asked["key"], asked["phone"]["number"]) == (True, None, "+7 495 000-00-00")
    again = soft_key()
    assert (again["changed"], again["phone"]) == (False, asked["phone"])

    heard = liccenter(center, "phone", KEY, given=f"{PIN}\n{asked['phone']['code']}\n")["blocks"]

    assert soft_key("--check", phone_blocks=heard)["changed"] is True
    loaded = soft_key(phone_blocks=heard)
    assert (loaded["changed"], loaded["key"]["state"]) == (True, "active")
    assert soft_key(phone_blocks=heard)["changed"] is False

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration, told for real in a folder and on loopback addresses of its own, and looked at from outside."""

from __future__ import annotations

import base64
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NETWORK = "127.0.78"
SERVERS = [f"{NETWORK}.{number}" for number in (11, 12, 13)]
HOSTS = 10

pytestmark = pytest.mark.timeout(900)


def demo(action: str, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "demo/run.py", action, "--directory", str(directory), "--network", NETWORK],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=800,
        check=False,
    )


def answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True


def page(address: str, password: str) -> str:
    request = urllib.request.Request(f"http://{address}:15201/connections")
    request.add_header("Authorization", "Basic " + base64.b64encode(f"administrator:{password}".encode()).decode())
    with urllib.request.urlopen(request, timeout=5) as response:
        return str(response.read().decode())


def started_from(directory: Path) -> list[str]:
    """Command lines of all processes that name the folder, whoever started them."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"{directory}/" in command:
            found.append(command)
    return found


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="demo-"))  # short: a socket's path has 107 characters at most
    yield place
    demo("down", place)
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def story(directory: Path) -> str:
    told = demo("up", directory)
    assert told.returncode == 0, told.stdout
    return told.stdout


def test_every_license_server_answers_on_its_license_port(story: str) -> None:
    assert [address for address in SERVERS if not answers(address, 15200)] == []


def test_the_pages_named_at_the_end_show_who_holds_a_license(story: str, directory: Path) -> None:
    password = (directory / "secrets" / "web-password").read_text(encoding="utf-8").split()[0]

    pages = [page(address, password) for address in SERVERS]

    assert all(f"http://{address}:15201/connections" in story for address in SERVERS)
    assert ["anna" in pages[0], "vera" in pages[1], "darya" in pages[2]] == [True, True, True]


def test_the_activation_center_answers(story: str) -> None:
    assert answers(f"{NETWORK}.1", 15443)


def test_the_second_run_of_the_playbook_changed_nothing(story: str, directory: Path) -> None:
    recap = (directory / "logs" / "3-again.log").read_text(encoding="utf-8").partition("PLAY RECAP")[2]

    assert re.findall(r"changed=(\d+)", recap) == ["0"] * HOSTS


def test_the_hand_edits_are_gone(story: str, directory: Path) -> None:
    settings = "".join(file.read_text(encoding="utf-8") for file in directory.glob("*/**/*.ini"))

    assert "15999" not in settings
    assert "old-server.example" not in settings
    assert "Local=1" not in settings


def test_no_secret_is_shown_or_readable_by_others(story: str, directory: Path) -> None:
    secrets = {file: file.read_text(encoding="utf-8").split()[0] for file in (directory / "secrets").iterdir()}
    told = story + "".join(log.read_text(encoding="utf-8") for log in (directory / "logs").iterdir())

    assert [file.name for file, secret in secrets.items() if secret in told] == []
    assert [file.name for file in secrets if file.stat().st_mode & 0o077] == []


def test_going_down_leaves_no_process(story: str, directory: Path) -> None:
    gone = demo("down", directory)

    assert gone.returncode == 0, gone.stdout
    assert started_from(directory) == []

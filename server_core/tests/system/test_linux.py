# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is particular to Linux."""

import ast
import ipaddress
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from licserver.system import this_system
from licserver.system.linux import LinuxSystem


@pytest.fixture
def cards() -> Iterator[str]:
    """A network namespace with two cards."""
    name = f"cards-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    commands = """
        link set lo up
        link add eth0 type veth peer name eth1
        address add 192.0.2.5/24 dev eth0
        address add 198.51.100.9/25 dev eth0
        address add 10.9.9.9/32 dev eth0
        address add 203.0.113.1/30 broadcast + dev eth1
    """
    try:
        subprocess.run(["ip", "-netns", name, "-batch", "-"], input=commands, text=True, check=True)
        yield name
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


def test_every_network_has_an_own_and_a_broadcast_address() -> None:
    for own, broadcast in LinuxSystem().broadcast_addresses():
        assert not ipaddress.ip_address(own).is_loopback
        assert ipaddress.ip_address(broadcast) != ipaddress.ip_address("0.0.0.0")


def test_every_address_of_every_card_counts_and_no_other(cards: str) -> None:
    """In a network of its own: broadcast addresses that were never set, a second address, one without neighbors."""
    asked = "from licserver.system.linux import LinuxSystem; print(LinuxSystem().broadcast_addresses())"
    done = subprocess.run(
        ["ip", "netns", "exec", cards, sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )

    assert sorted(ast.literal_eval(done.stdout)) == [
        ("192.0.2.5", "192.0.2.255"),
        ("198.51.100.9", "198.51.100.127"),
        ("203.0.113.1", "203.0.113.3"),
    ]


def test_where_things_lie() -> None:
    system = LinuxSystem()

    assert system.ini_path == Path("/etc/protect/licserver.ini")
    assert system.state_path == Path("/var/lib/protect")
    assert system.key_folder(system.state_path) == Path("/var/lib/protect/softkeys")
    assert system.client_ini_path == Path("/etc/protect/client.ini")


def test_a_private_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "state"

    LinuxSystem().make_private(folder)

    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_may_enter_becomes_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    LinuxSystem().make_private(tmp_path)

    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_somebody_else_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)

    LinuxSystem().make_private(tmp_path)

    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_process_gets_the_open_files_that_the_system_allows_it() -> None:
    program = (
        "import resource; from licserver.system.linux import LinuxSystem as S;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 2000));"
        "print(S().raise_open_files(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "2000 2000 2000\n"


@pytest.mark.skipif(sys.platform == "win32", reason="this system is Linux's")
def test_this_system_is_linux() -> None:
    assert isinstance(this_system(), LinuxSystem)


def test_the_running_clock_runs_and_names_this_boot() -> None:
    seconds, boot = LinuxSystem().running_clock()
    later, same = LinuxSystem().running_clock()

    assert 0 < seconds <= later
    assert boot == same == Path("/proc/sys/kernel/random/boot_id").read_text().strip()

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is particular to Linux."""

import ipaddress
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from licserver.system import linux, this_system
from licserver.system.linux import LinuxSystem


def test_every_network_has_an_own_and_a_broadcast_address() -> None:
    for own, broadcast in LinuxSystem().broadcast_addresses():
        assert not ipaddress.ip_address(own).is_loopback
        assert ipaddress.ip_address(broadcast) != ipaddress.ip_address("0.0.0.0")


def test_loopback_and_interfaces_without_a_broadcast_address_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = {
        "lo": ("127.0.0.1", "127.255.255.255"),
        "tun0": ("10.8.0.1", "0.0.0.0"),
        "eth0": ("192.0.2.5", "192.0.2.255"),
    }

    def interface_address(query: socket.socket, request: int, name: str) -> str:
        if name not in cards:
            raise OSError("no address")
        return cards[name][request == 0x8919]

    monkeypatch.setattr(socket, "if_nameindex", lambda: list(enumerate([*cards, "eth1"], 1)))
    monkeypatch.setattr(linux, "_interface_address", interface_address)

    assert LinuxSystem().broadcast_addresses() == [("192.0.2.5", "192.0.2.255")]


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

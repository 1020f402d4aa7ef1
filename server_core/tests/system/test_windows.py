# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is particular to Windows."""

import ipaddress
import socket
import struct
import sys

import pytest

if sys.platform == "win32":
    from licserver.system.windows import WindowsSystem, broadcasts_of


def row(address: str, mask: str) -> bytes:
    return struct.pack("<4sL4sLLHH", socket.inet_aton(address), 1, socket.inet_aton(mask), 1, 65535, 0, 0)


@pytest.mark.parametrize(
    ("rows", "broadcasts"),
    [
        ([], []),
        ([row("127.0.0.1", "255.0.0.0"), row("0.0.0.0", "0.0.0.0"), row("10.9.9.9", "255.255.255.255")], []),
        (
            [row("192.0.2.5", "255.255.255.0"), row("198.51.100.9", "255.255.255.128")],
            [("192.0.2.5", "192.0.2.255"), ("198.51.100.9", "198.51.100.127")],
        ),
    ],
)
def test_every_network_of_a_table_has_its_broadcast_address(
    rows: list[bytes], broadcasts: list[tuple[str, str]]
) -> None:
    room = bytes(24)

    assert broadcasts_of(struct.pack("<L", len(rows)) + b"".join(rows) + room) == broadcasts


def test_this_computer_is_asked() -> None:
    for own, broadcast in WindowsSystem().broadcast_addresses():
        assert not ipaddress.ip_address(own).is_loopback
        assert broadcast != "255.255.255.255"


def test_the_running_clock_runs_and_has_one_name_in_a_process() -> None:
    seconds, boot = WindowsSystem().running_clock()
    later, same = WindowsSystem().running_clock()

    assert 0 < seconds <= later
    assert boot == same != ""

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks of this computer."""

import ipaddress
import socket

import pytest

from licserver import networks


def test_every_network_has_an_own_and_a_broadcast_address() -> None:
    for own, broadcast in networks.broadcast_addresses():
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
    monkeypatch.setattr(networks, "_interface_address", interface_address)

    assert networks.broadcast_addresses() == [("192.0.2.5", "192.0.2.255")]


def test_on_windows_the_system_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")

    assert networks.broadcast_addresses() == [("0.0.0.0", "255.255.255.255")]

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks that this computer is in."""

import ipaddress
import socket
import struct
import sys

_SIOCGIFADDR = 0x8915
_SIOCGIFBRDADDR = 0x8919


def broadcast_addresses() -> list[tuple[str, str]]:
    """Address and broadcast address of every IPv4 interface that has one (Linux; elsewhere the system chooses)."""
    if sys.platform == "win32":
        return [("0.0.0.0", "255.255.255.255")]
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as query:
        for _, name in socket.if_nameindex():
            try:
                own = _interface_address(query, _SIOCGIFADDR, name)
                broadcast = _interface_address(query, _SIOCGIFBRDADDR, name)
            except OSError:
                continue  # an interface without an IPv4 address
            if broadcast != "0.0.0.0" and not ipaddress.ip_address(own).is_loopback:
                found.append((own, broadcast))
    return found


def _interface_address(query: socket.socket, request: int, name: str) -> str:
    import fcntl

    answer = fcntl.ioctl(query.fileno(), request, struct.pack("256s", name.encode()[:15]))
    return socket.inet_ntoa(answer[20:24])

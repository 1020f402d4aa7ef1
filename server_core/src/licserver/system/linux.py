# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Linux, and what is like it."""

import asyncio
import fcntl
import ipaddress
import os
import resource
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from licserver.system import OPEN_FILES

assert sys.platform != "win32"

if TYPE_CHECKING:
    from licserver.binding import FactReader

_SIOCGIFADDR = 0x8915
_SIOCGIFBRDADDR = 0x8919


class LinuxSystem:
    """See :class:`licserver.system.System`."""

    ini_path = Path("/etc/protect/licserver.ini")
    state_path = Path("/var/lib/protect")
    client_ini_path = Path("/etc/protect/client.ini")

    def key_folder(self, state: Path) -> Path:
        """See :class:`licserver.system.System`."""
        return state / "softkeys"

    def fact_reader(self) -> "FactReader":
        """See :class:`licserver.system.System`."""
        from licserver.binding.linux import LinuxFacts

        return LinuxFacts()

    def make_private(self, folder: Path) -> None:
        """See :class:`licserver.system.System`."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        if found.st_uid == os.geteuid() and found.st_mode & 0o077:
            folder.chmod(0o700)

    def sync_folder(self, folder: Path) -> None:
        """See :class:`licserver.system.System`."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def broadcast_addresses(self) -> list[tuple[str, str]]:
        """See :class:`licserver.system.System`."""
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

    def raise_open_files(self) -> int:
        """See :class:`licserver.system.System`. What a process has at first is made for programs that use select."""
        allowed, most = (
            OPEN_FILES if limit == resource.RLIM_INFINITY else min(limit, OPEN_FILES)
            for limit in resource.getrlimit(resource.RLIMIT_NOFILE)
        )
        if allowed < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        return most

    def stop_on_signals(self, stop: asyncio.Event) -> None:
        """See :class:`licserver.system.System`."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)


def _interface_address(query: socket.socket, request: int, name: str) -> str:
    answer = fcntl.ioctl(query.fileno(), request, struct.pack("256s", name.encode()[:15]))
    return socket.inet_ntoa(answer[20:24])

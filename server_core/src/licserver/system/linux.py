# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Linux, and what is like it."""

import array
import asyncio
import fcntl
import functools
import ipaddress
import os
import resource
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from licserver.system import OPEN_FILES

assert sys.platform != "win32"

if TYPE_CHECKING:
    from licserver.binding import FactReader

_SIOCGIFCONF = 0x8912
_SIOCGIFFLAGS = 0x8913
_SIOCGIFNETMASK = 0x891B
_IFF_BROADCAST = 0x2
_IFREQ_BYTES = 40
_MOST_ADDRESSES = 1024


class LinuxSystem:
    """See :class:`licserver.system.System`."""

    ini_path = Path("/etc/protect/licserver.ini")
    install_path = Path("/opt/protect/licserver")
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
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as query:
            networks = [(own, _network(query, card, own)) for card, own in _addresses(query)]
        return [
            (own, str(network.broadcast_address))
            for own, network in networks
            if network is not None and network.prefixlen < 31
        ]

    def running_clock(self) -> tuple[float, str]:
        """See :class:`licserver.system.System`."""
        return time.clock_gettime(time.CLOCK_BOOTTIME), _boot_name()

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

    def call_on_hangup(self, call: Callable[[], None]) -> None:
        """See :class:`licserver.system.System`."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, call)


def _addresses(query: socket.socket) -> list[tuple[bytes, str]]:
    """Every IPv4 address of this computer and its card; an address beyond the first has the name of its card too.
    netdevice(7)."""
    room = array.array("B", bytes(_IFREQ_BYTES * _MOST_ADDRESSES))
    start, length = room.buffer_info()
    answer = fcntl.ioctl(query.fileno(), _SIOCGIFCONF, struct.pack("iP", length, start))
    filled, _ = struct.unpack("iP", answer)
    entries = [room[at : at + _IFREQ_BYTES].tobytes() for at in range(0, filled, _IFREQ_BYTES)]
    return [(entry[:16], socket.inet_ntoa(entry[20:24])) for entry in entries]


def _network(query: socket.socket, card: bytes, own: str) -> ipaddress.IPv4Network | None:
    """The network of one address of a card; ``None`` where the card cannot send to all in it, or just went away."""
    entry = struct.pack("16sHH4s16x", card, socket.AF_INET, 0, socket.inet_aton(own))
    try:
        flags = struct.unpack_from("H", fcntl.ioctl(query.fileno(), _SIOCGIFFLAGS, entry), 16)[0]
        mask = socket.inet_ntoa(fcntl.ioctl(query.fileno(), _SIOCGIFNETMASK, entry)[20:24])
    except OSError:
        return None
    return ipaddress.IPv4Interface(f"{own}/{mask}").network if flags & _IFF_BROADCAST else None


@functools.cache
def _boot_name() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()

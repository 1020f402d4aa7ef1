# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows."""

import asyncio
import ctypes
import ipaddress
import os
import signal
import socket
import struct
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from licserver.system import OPEN_FILES

assert sys.platform == "win32"

if TYPE_CHECKING:
    from licserver.binding import FactReader


_INSUFFICIENT_BUFFER = 122
_ROW = struct.Struct("<4sL4s4sLHH")


def broadcasts_of(table: bytes) -> list[tuple[str, str]]:
    """Own address and broadcast address of every network in a table of addresses (MIB_IPADDRTABLE): a number of rows,
    then address, card, mask and others in each."""
    rows = table[4 : 4 + _ROW.size * int.from_bytes(table[:4], "little")]
    networks = [
        ipaddress.IPv4Interface(f"{socket.inet_ntoa(address)}/{socket.inet_ntoa(mask)}")
        for address, _, mask, *_ in _ROW.iter_unpack(rows)
    ]
    return [
        (str(one.ip), str(one.network.broadcast_address))
        for one in networks
        if 0 < one.network.prefixlen < 31 and not one.is_loopback
    ]


_PROCESS_NAME = str(uuid.uuid4())


class WindowsSystem:
    """See :class:`licserver.system.System`."""

    @property
    def ini_path(self) -> Path:
        """See :class:`licserver.system.System`."""
        return Path(os.environ["PROGRAMFILES"], "ProtectStorage", "licserver.ini")

    @property
    def install_path(self) -> Path:
        """See :class:`licserver.system.System`."""
        return Path(os.environ["PROGRAMFILES"], "ProtectStorage")

    @property
    def state_path(self) -> Path:
        """See :class:`licserver.system.System`. A folder of its own: clients must be able to read beside it."""
        return Path(os.environ["PROGRAMDATA"], "Protect", "LicServer")

    @property
    def client_ini_path(self) -> Path:
        """See :class:`licserver.system.System`."""
        return Path(os.environ["PROGRAMDATA"], "Protect", "client.ini")

    def key_folder(self, state: Path) -> Path:
        """See :class:`licserver.system.System`. Beside the state, where the originals have it."""
        return state.with_name("RarusSoftKey")

    def fact_reader(self) -> "FactReader":
        """See :class:`licserver.system.System`."""
        from licserver.binding.windows import windows_facts

        return windows_facts()

    def make_private(self, folder: Path) -> None:
        """See :class:`licserver.system.System`. SYSTEM, Administrators and whoever runs the server have full access;
        what is below inherits."""
        import pywintypes
        import win32api
        import win32security
        from ntsecuritycon import FILE_ALL_ACCESS

        folder.mkdir(parents=True, exist_ok=True)
        access = win32security.ACL()
        inherited = win32security.CONTAINER_INHERIT_ACE | win32security.OBJECT_INHERIT_ACE
        try:
            well_known = (win32security.WinLocalSystemSid, win32security.WinBuiltinAdministratorsSid)
            process = win32security.OpenProcessToken(win32api.GetCurrentProcess(), win32security.TOKEN_QUERY)
            own, _ = win32security.GetTokenInformation(process, win32security.TokenUser)
            for sid in (*(win32security.CreateWellKnownSid(account, None) for account in well_known), own):
                access.AddAccessAllowedAceEx(win32security.ACL_REVISION_DS, inherited, FILE_ALL_ACCESS, sid)
            what = win32security.DACL_SECURITY_INFORMATION | win32security.PROTECTED_DACL_SECURITY_INFORMATION
            win32security.SetNamedSecurityInfo(
                str(folder), win32security.SE_FILE_OBJECT, what, None, None, access, None
            )
        except pywintypes.error as error:
            raise OSError(0, error.strerror, str(folder)) from error

    def sync_folder(self, folder: Path) -> None:
        """See :class:`licserver.system.System`. NTFS keeps a journal of names; there is no handle to flush."""

    def broadcast_addresses(self) -> list[tuple[str, str]]:
        """See :class:`licserver.system.System`. A broadcast to 255.255.255.255 would go out by one card only."""
        length = ctypes.c_ulong(0)
        table = ctypes.create_string_buffer(0)
        while ctypes.windll.iphlpapi.GetIpAddrTable(table, ctypes.byref(length), False) == _INSUFFICIENT_BUFFER:
            table = ctypes.create_string_buffer(length.value)
        return broadcasts_of(table.raw)

    def running_clock(self) -> tuple[float, str]:
        """See :class:`licserver.system.System`."""
        return time.monotonic(), _PROCESS_NAME

    def raise_open_files(self) -> int:
        """See :class:`licserver.system.System`. Windows has no limit but memory."""
        return OPEN_FILES

    def stop_on_signals(self, stop: asyncio.Event) -> None:
        """See :class:`licserver.system.System`. Ctrl-C and Ctrl-Break; a service is stopped by its manager."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGBREAK):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))

    def call_on_hangup(self, call: Callable[[], None]) -> None:
        """See :class:`licserver.system.System`. Windows has no such signal; the command line reaches the server."""

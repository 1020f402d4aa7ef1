# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four facts of a Windows computer, from Windows' own interfaces.

Sources, best first:

=========  ==========================================================================================
disk       ``volume``: the serial number of the volume with the system folder
network    ``adapter``: the hardware address of the first adapter of the system's own list
system     ``machine-guid``: the MachineGuid of the installation and the computer's name
board      ``serial``, ``uuid``: as the firmware says; ``model``: maker and model of the board and the system;
           ``cpu``: the processor's identifier, where there is no firmware to ask
=========  ==========================================================================================
"""

import ctypes
import os
import socket
import sys
import winreg
from collections.abc import Iterator
from ctypes import wintypes

from licserver.binding.smbios import board_serial, system_uuid
from licserver.binding.sources import SourcedFacts, UnusableError, another_name, real_serial
from licserver.remarks import Remark

assert sys.platform == "win32"

_RSMB = 0x52534D42
_ERROR_BUFFER_OVERFLOW = 111
_ETHERNET_TYPES = {6, 71}
_BIOS = r"HARDWARE\DESCRIPTION\System\BIOS"
_PROCESSOR = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
_TCPIP = r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
_CRYPTOGRAPHY = r"SOFTWARE\Microsoft\Cryptography"

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)


class _AdapterInfo(ctypes.Structure):
    """The head of IP_ADAPTER_INFO; what follows is not read."""


_AdapterInfo._fields_ = [
    ("next", ctypes.POINTER(_AdapterInfo)),
    ("combo_index", wintypes.DWORD),
    ("name", ctypes.c_char * 260),
    ("description", ctypes.c_char * 132),
    ("address_length", wintypes.UINT),
    ("address", ctypes.c_ubyte * 8),
    ("index", wintypes.DWORD),
    ("type", wintypes.UINT),
]


def windows_facts() -> SourcedFacts:
    """The reader for this computer."""
    return SourcedFacts(
        {
            "disk": {"volume": _volume_serial},
            "network": {"adapter": _first_adapter},
            "system": {"machine-guid": lambda: f"{_registry(_CRYPTOGRAPHY, 'MachineGuid')} {socket.gethostname()}"},
            "board": {
                "serial": lambda: real_serial(board_serial(_firmware_table()), "the firmware"),
                "uuid": lambda: system_uuid(_firmware_table()),
                "model": _board_model,
                "cpu": lambda: _registry(_PROCESSOR, "Identifier"),
            },
        },
        {("system", "machine-guid"): _name_risks},
    )


def _name_risks() -> Iterator[Remark]:
    wanted, now = _registry(_TCPIP, "NV Hostname"), socket.gethostname()
    if wanted != now:
        yield another_name(wanted, now)


def _volume_serial() -> str:
    root = os.path.splitdrive(os.environ["SYSTEMROOT"])[0] + "\\"
    serial = wintypes.DWORD()
    if not _kernel32.GetVolumeInformationW(root, None, 0, ctypes.byref(serial), None, None, None, 0):
        raise ctypes.WinError(ctypes.get_last_error())
    return f"{serial.value:08x}"


def _first_adapter() -> str:
    list_adapters = ctypes.WinDLL("iphlpapi").GetAdaptersInfo
    size = wintypes.ULONG(0)
    if list_adapters(None, ctypes.byref(size)) != _ERROR_BUFFER_OVERFLOW:
        raise UnusableError("no_card", "there is no network card")
    buffer = ctypes.create_string_buffer(size.value)
    if error := list_adapters(buffer, ctypes.byref(size)):
        raise ctypes.WinError(error)
    adapters = []
    adapter = ctypes.cast(buffer, ctypes.POINTER(_AdapterInfo))
    while adapter:
        found = adapter.contents
        if found.type in _ETHERNET_TYPES and any(found.address[: found.address_length]):
            adapters.append((found.index, bytes(found.address[: found.address_length])))
        adapter = found.next
    if not adapters:
        raise UnusableError("no_card", "there is no network card")
    return min(adapters)[1].hex(":")


def _firmware_table() -> bytes:
    size = _kernel32.GetSystemFirmwareTable(_RSMB, 0, None, 0)
    if not size:
        raise ctypes.WinError(ctypes.get_last_error())
    buffer = ctypes.create_string_buffer(size)
    _kernel32.GetSystemFirmwareTable(_RSMB, 0, buffer, size)
    return buffer.raw


def _board_model() -> str:
    names = ("BaseBoardManufacturer", "BaseBoardProduct", "BaseBoardVersion", "SystemManufacturer", "SystemProductName")
    return " / ".join(real_serial(_registry(_BIOS, name), name) for name in names)


def _registry(path: str, name: str) -> str:
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as key:
        value = str(winreg.QueryValueEx(key, name)[0]).strip()
    if not value:
        raise ValueError(f"{path}: {name} is empty")
    return value

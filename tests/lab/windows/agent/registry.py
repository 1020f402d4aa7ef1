# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values and keys of the registry, by the interface of Windows."""

from __future__ import annotations

import base64
import winreg
from typing import Any

HIVES = {
    "HKLM": winreg.HKEY_LOCAL_MACHINE,
    "HKCU": winreg.HKEY_CURRENT_USER,
    "HKCR": winreg.HKEY_CLASSES_ROOT,
    "HKU": winreg.HKEY_USERS,
    "HKCC": winreg.HKEY_CURRENT_CONFIG,
}
TYPES = {
    "none": winreg.REG_NONE,
    "string": winreg.REG_SZ,
    "expandstring": winreg.REG_EXPAND_SZ,
    "binary": winreg.REG_BINARY,
    "dword": winreg.REG_DWORD,
    "multistring": winreg.REG_MULTI_SZ,
    "qword": winreg.REG_QWORD,
}
NAMES = {number: name for name, number in TYPES.items()}


def read(hive: str, key: str) -> dict[str, Any] | None:
    """The values of a key by name, each with type and data, and the names of the keys below; None without the key."""
    try:
        with winreg.OpenKey(HIVES[hive], key) as opened:
            below, count, _ = winreg.QueryInfoKey(opened)
            values = [winreg.EnumValue(opened, number) for number in range(count)]
            keys = [winreg.EnumKey(opened, number) for number in range(below)]
    except FileNotFoundError:
        return None
    return {"values": {name: [NAMES[kind], _plain(data)] for name, data, kind in values}, "keys": keys}


def write(hive: str, key: str, name: str | None = None, kind: str = "string", data: Any = None) -> None:
    """Make a key if need be and, unless `name` is None, set a value; binary data come as base64."""
    with winreg.CreateKey(HIVES[hive], key) as opened:
        if name is not None:
            binary = kind in ("binary", "none") and data is not None
            winreg.SetValueEx(opened, name, 0, TYPES[kind], base64.b64decode(data) if binary else data)


def delete_value(hive: str, key: str, name: str) -> None:
    with winreg.OpenKey(HIVES[hive], key, access=winreg.KEY_SET_VALUE) as opened:
        winreg.DeleteValue(opened, name)


def delete_key(hive: str, key: str) -> None:
    """Remove a key with all keys below it."""
    content = read(hive, key)
    for below in content["keys"] if content else []:
        delete_key(hive, f"{key}\\{below}")
    winreg.DeleteKey(HIVES[hive], key)


def _plain(data: Any) -> Any:
    return base64.b64encode(data).decode() if isinstance(data, bytes) else data

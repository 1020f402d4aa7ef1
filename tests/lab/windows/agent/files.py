# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What files say of themselves, by the interface of Windows (Windows SDK, winver.h)."""

from __future__ import annotations

import ctypes
from ctypes import wintypes
from typing import Any

api = ctypes.WinDLL("version", use_last_error=True)


class Fixed(ctypes.Structure):
    _fields_ = tuple((name, wintypes.DWORD) for name in ("signature", "structure", "high", "low"))


def version(path: str) -> dict[str, Any]:
    """The four numbers of a file's version, and the texts for people; zeros and nothing where it has no version."""
    size = api.GetFileVersionInfoSizeW(path, None)
    data = ctypes.create_string_buffer(size or 1)
    if not size or not api.GetFileVersionInfoW(path, 0, size, data):
        return {"numbers": [0, 0, 0, 0], "file_version": "", "product_version": ""}
    fixed = ctypes.cast(_value(data, "\\"), ctypes.POINTER(Fixed)).contents
    numbers = [part for whole in (fixed.high, fixed.low) for part in (whole >> 16, whole & 0xFFFF)]
    language, page = ctypes.cast(_value(data, r"\VarFileInfo\Translation"), ctypes.POINTER(wintypes.WORD * 2)).contents
    texts = rf"\StringFileInfo\{language:04x}{page:04x}"
    return {
        "numbers": numbers,
        "file_version": ctypes.wstring_at(_value(data, rf"{texts}\FileVersion")),
        "product_version": ctypes.wstring_at(_value(data, rf"{texts}\ProductVersion")),
    }


def _value(data: Any, name: str) -> int:
    place, length = ctypes.c_void_p(), wintypes.UINT()
    if not api.VerQueryValueW(data, name, ctypes.byref(place), ctypes.byref(length)):
        raise ctypes.WinError(ctypes.get_last_error())
    return place.value or 0

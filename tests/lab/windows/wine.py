# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Windows programs are started under Wine."""

from __future__ import annotations

from pathlib import Path

WINE = "/usr/lib/wine/wine64"
COMPILER = "x86_64-w64-mingw32"
"""Begins the names of the programs that compile for Windows."""
PROGRAMS = {
    WINE: "wine64",
    "wineserver": "wine",
    f"{COMPILER}-gcc": "gcc-mingw-w64-x86-64-win32",
    "nft": "nftables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "unshare": "util-linux",
}
"""Programs that Windows hosts need of this machine, and the Debian package of each."""

PYTHON = r"C:\Py311\python.exe"
PASSWD = "Administrator:x:0:0::/:/bin/sh\n"
"""`/etc/passwd` for Wine, which names the Windows user after the Linux user."""


def environment(prefix: Path) -> dict[str, str]:
    """The whole environment of a Windows program on the prefix: Wine hands on to it whatever it finds."""
    return {
        "PATH": "/usr/lib/wine:/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C.UTF-8",
        "HOME": "/nonexistent",
        "WINEPREFIX": str(prefix),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=",
    }

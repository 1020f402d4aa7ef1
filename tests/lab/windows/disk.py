# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk of a played host: Windows paths and the files of this machine that they stand for."""

from __future__ import annotations

import ntpath
import os
import re
from pathlib import Path

HOME = r"C:\Users\Administrator"
VARIABLES = {
    "SystemRoot": r"C:\Windows",
    "windir": r"C:\Windows",
    "SystemDrive": "C:",
    "ProgramData": r"C:\ProgramData",
    "ALLUSERSPROFILE": r"C:\ProgramData",
    "ProgramFiles": r"C:\Program Files",
    "ProgramFiles(x86)": r"C:\Program Files (x86)",
    "PUBLIC": r"C:\Users\Public",
    "USERNAME": "Administrator",
    "USERPROFILE": HOME,
    "APPDATA": rf"{HOME}\AppData\Roaming",
    "LOCALAPPDATA": rf"{HOME}\AppData\Local",
    "TEMP": rf"{HOME}\AppData\Local\Temp",
    "TMP": rf"{HOME}\AppData\Local\Temp",
}
FOLDERS = ("Windows/System32", "ProgramData", "Program Files", "Users/Public")
FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]')


class PathError(Exception):
    """A path that Windows would not take."""


class Disk:
    """Drive C:, kept in a folder of this machine. Names are found whatever their case, as on NTFS."""

    def __init__(self, root: Path, computer_name: str) -> None:
        self.root = root
        self.variables = VARIABLES | {"COMPUTERNAME": computer_name.upper()}
        self._lowered = {name.lower(): value for name, value in self.variables.items()}
        for folder in FOLDERS:
            self.local(rf"C:\{folder}").mkdir(parents=True, exist_ok=True)
        self.local("%TEMP%").mkdir(parents=True, exist_ok=True)

    def expand(self, text: str) -> str:
        """Text with `%NAME%` replaced by the value of the variable; unknown names stay."""
        return re.sub("%([^%]+)%", lambda match: self._lowered.get(match[1].lower(), match[0]), text)

    def local(self, path: str) -> Path:
        """The file of this machine that a Windows path stands for, whether it exists or not.

        Raises `PathError` when Windows could not have such a file.
        """
        full = ntpath.normpath(ntpath.join(HOME, self.expand(path).replace("/", "\\")))
        drive, rest = ntpath.splitdrive(full)
        if drive.upper() != "C:":
            raise PathError(f"Cannot find drive. A drive with the name '{drive}' does not exist.")
        here = self.root
        for name in rest.strip("\\").split("\\"):
            if FORBIDDEN.search(name):
                raise PathError(f"Illegal characters in path '{path}'.")
            here = here / _present_name(here, name.rstrip(" ."))
        return here

    def windows(self, local: Path) -> str:
        """The Windows path of a file of this machine that lies on the disk."""
        return "C:\\" + "\\".join(local.relative_to(self.root).parts)


def _present_name(folder: Path, name: str) -> str:
    if os.path.lexists(folder / name):
        return name
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return name
    return next((present for present in names if present.lower() == name.lower()), name)

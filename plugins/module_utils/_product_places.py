# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where 1C keeps its files on a desk (docs/specification.md, section 9), and how the bytes of new ones begin."""

from __future__ import annotations

import codecs
import ntpath
import posixpath
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class Places:
    """The places of one kind of system; those of a user are relative to the folder of the user's profile."""

    path: ModuleType
    """``ntpath`` or ``posixpath``."""
    user_list: str
    user_settings: str
    user_templates: str
    common_settings: str | None
    """The settings for all users of a computer, None where 1C documents none."""
    platform_folders: tuple[str, ...]
    program: str
    line_end: str
    new_list: bytes
    """How the bytes of a new list of infobases begin."""
    new_settings: bytes
    """How the bytes of new start settings begin."""

    def is_same(self, one: str, other: str) -> bool:
        """Tell whether two paths name one place as far as their spelling tells."""
        return bool(self.normal(one) == self.normal(other))

    def is_local(self, path: str) -> bool:
        """Tell whether this is a whole path on the computer itself: no network folder, no address of a web server."""
        drive, _rest = self.path.splitdrive(path)
        return bool(self.path.isabs(path)) and not drive.startswith(("\\\\", "//"))

    def normal(self, path: str) -> str:
        """The spelling of a path that is alike for alike places."""
        normal: str = self.path.normcase(self.path.normpath(path))
        return normal


WINDOWS = Places(
    path=ntpath,
    user_list=r"AppData\Roaming\1C\1CEStart\ibases.v8i",
    user_settings=r"AppData\Roaming\1C\1CEStart\1cestart.cfg",
    user_templates=r"AppData\Roaming\1C\1cv8\tmplts",
    common_settings=r"%ALLUSERSPROFILE%\1C\1CEStart\1cestart.cfg",
    platform_folders=(r"C:\Program Files\1cv8", r"C:\Program Files (x86)\1cv8"),
    program="1cv8.exe",
    line_end="\r\n",
    new_list=codecs.BOM_UTF8,
    new_settings=codecs.BOM_UTF16_LE,
)

LINUX = Places(
    path=posixpath,
    user_list=".1C/1cestart/ibases.v8i",
    user_settings=".1C/1cestart/1cestart.cfg",
    user_templates=".1cv8/1C/1cv8/tmplts",
    common_settings=None,
    platform_folders=("/opt/1cv8", "/opt/1C/v8.3"),
    program="1cv8",
    line_end="\n",
    new_list=b"",
    new_settings=b"",
)

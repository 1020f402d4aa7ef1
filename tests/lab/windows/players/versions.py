# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Player of win_file_version, and what others ask of a file's version. Windows itself reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..played_host import PlayedHost
from .services import machine_of
from .stage import Answer, Call, ModuleError, player

PARTS = ("major", "minor", "build", "private")


@player("community.windows.win_file_version", options="path")
def win_file_version(host: PlayedHost, call: Call) -> Answer:
    shown = call.options["path"]
    path = host.disk.local(shown)
    if not path.is_file():
        raise ModuleError(f"Specified path {shown} does not exist or is not a file.")
    if path.suffix.lower() not in (".exe", ".dll"):
        raise ModuleError(f"Specified path {shown} is not a valid file type; must be DLL or EXE.")
    version = _version(host, path)
    numbers = [str(number) for number in version["numbers"]]
    described = {f"file_{part}_part": number for part, number in zip(PARTS, numbers, strict=True)}
    described |= {"path": host.disk.windows(path), "file_version_raw": ".".join(numbers)}
    described |= {name: version[name] for name in ("file_version", "product_version")}
    return {"changed": False, "win_file_version": described}


def number_of(host: PlayedHost, path: Path) -> str:
    """The version of a file as four numbers with dots between them."""
    return ".".join(map(str, _version(host, path)["numbers"]))


def _version(host: PlayedHost, path: Path) -> dict[str, Any]:
    answer: dict[str, Any] = machine_of(host).ask("files.version", path=host.disk.windows(path))
    return answer

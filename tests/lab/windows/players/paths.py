# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Players of modules for files and folders."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import ntpath
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import Any

from ..played_host import PlayedHost
from .stage import Answer, Call, ModuleError, player

IN_USE = "The process cannot access the file '{}' because it is being used by another process."


def checksum(path: Path, algorithm: str = "sha1") -> str:
    with path.open("rb") as file:
        digest = hashlib.new(algorithm)
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def refuse_if_in_use(host: PlayedHost, path: Path) -> None:
    """Raises `ModuleError` when a program of the host has the file, or one below the folder, open.

    Windows would refuse to remove such a file, and nearly always to replace it.
    """
    if host.machine is None or not path.exists():
        return
    inside = f"{path}{os.sep}"
    taken = sorted(file for file in host.machine.files_in_use() if file == str(path) or file.startswith(inside))
    if taken:
        raise ModuleError(IN_USE.format(host.disk.windows(Path(taken[0]))))


def remove(host: PlayedHost, path: Path) -> None:
    """Remove a file or a folder, and what is noted of it."""
    refuse_if_in_use(host, path)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
    shown = host.disk.windows(path)
    for name in ("access", "owners"):
        table = host.records.table(name)
        kept = {noted: value for noted, value in table.items() if noted != shown and not noted.startswith(f"{shown}\\")}
        if kept != table:
            host.records.replace(name, kept)


@player("ansible.windows.win_file", options="path state", internal="_original_basename")
def win_file(host: PlayedHost, call: Call) -> Answer:
    shown, state = call.options["path"], call.options["state"]
    path = host.disk.local(shown)
    if path.is_dir() and call.options.get("_original_basename"):
        path = path / call.options["_original_basename"]
    if state == "touch":
        if not call.check:
            path.touch()
        return {"changed": True}
    if state == "absent":
        present = os.path.lexists(path)
        if present and not call.check:
            remove(host, path)
        return {"changed": present}
    if path.exists():
        if state == "directory" and not path.is_dir():
            raise ModuleError(f"path {shown} is not a directory")
        if state == "file" and path.is_dir():
            raise ModuleError(f"path {shown} is not a file")
        return {"changed": False}
    if state != "directory":
        raise ModuleError(f"path {shown} will not be created")
    if not call.check:
        path.mkdir(parents=True)
    return {"changed": True}


@player("ansible.windows.win_stat", options="path get_checksum get_size checksum_algorithm follow")
def win_stat(host: PlayedHost, call: Call) -> Answer:
    options = call.options
    path = host.disk.local(options["path"])
    if not path.exists():
        return {"changed": False, "stat": {"exists": False}}
    algorithm = options["checksum_algorithm"] if options["get_checksum"] else None
    return {"changed": False, "stat": _facts(host, path, algorithm, with_size=options["get_size"])}


FIND_OPTIONS = "paths patterns use_regex recurse file_type hidden get_checksum checksum_algorithm case_sensitive depth"


@player("ansible.windows.win_find", options=FIND_OPTIONS)
def win_find(host: PlayedHost, call: Call) -> Answer:
    options = call.options
    examined, files, warnings = 0, [], []
    algorithm = options["checksum_algorithm"] if options["get_checksum"] else None
    for shown in options["paths"]:
        folder = host.disk.local(shown)
        if not folder.is_dir():
            warnings.append(f"Argument path '{shown}' does not exist or is not a folder, skipping")
            continue
        for path in _below(folder, options["depth"] if options["recurse"] else 1):
            examined += 1
            wanted = {"any": True, "file": path.is_file(), "directory": path.is_dir()}[options["file_type"]]
            if wanted and _matches(path.name, options):
                files.append(_facts(host, path, algorithm, with_size=True))
    return {"changed": False, "examined": examined, "matched": len(files), "files": files, "warnings": warnings}


@player("ansible.windows.win_tempfile", options="state path prefix suffix")
def win_tempfile(host: PlayedHost, call: Call) -> Answer:
    options = call.options
    name = f"{options['prefix']}{secrets.token_hex(4)}{options['suffix'] or ''}"
    path = host.disk.local(ntpath.join(options["path"], name))
    if not call.check:
        if options["state"] == "directory":
            path.mkdir()
        else:
            path.touch()
    return {"changed": True, "path": host.disk.windows(path)}


@player("ansible.windows.slurp", options="src", left_out="source")
def slurp(host: PlayedHost, call: Call) -> Answer:
    shown = call.options["src"]
    path = host.disk.local(shown)
    if path.is_dir():
        raise ModuleError(f"Path {shown} is a directory")
    if not path.exists():
        raise ModuleError(f"Path {shown} is not found")
    return {"changed": False, "encoding": "base64", "content": base64.b64encode(path.read_bytes()).decode()}


def _facts(host: PlayedHost, path: Path, algorithm: str | None, *, with_size: bool) -> dict[str, Any]:
    status, folder = path.stat(), path.is_dir()
    facts: dict[str, Any] = {
        "exists": True,
        "path": host.disk.windows(path),
        "filename": path.name,
        "attributes": "Directory" if folder else "Archive",
        "isarchive": not folder,
        "isdir": folder,
        "isreg": not folder,
        "ishidden": False,
        "isjunction": False,
        "islnk": False,
        "isreadonly": False,
        "isshared": False,
        "nlink": 1,
        "hlnk_targets": [],
        "creationtime": status.st_ctime,
        "lastaccesstime": status.st_atime,
        "lastwritetime": status.st_mtime,
        "owner": host.records.table("owners").get(host.disk.windows(path), r"BUILTIN\Administrators"),
    }
    if with_size:
        facts["size"] = (
            sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) if folder else status.st_size
        )
    if not folder:
        facts["extension"] = path.suffix
        if algorithm:
            facts["checksum"] = checksum(path, algorithm)
    return facts


def _below(folder: Path, depth: int | None) -> list[Path]:
    found = []
    for path in sorted(folder.iterdir()):
        found.append(path)
        if path.is_dir() and depth != 1:
            found += _below(path, None if depth is None else depth - 1)
    return found


def _matches(name: str, options: dict[str, Any]) -> bool:
    if not options["patterns"]:
        return True
    flags = 0 if options["case_sensitive"] else re.IGNORECASE
    patterns = options["patterns"] if options["use_regex"] else [fnmatch.translate(one) for one in options["patterns"]]
    return any(re.search(pattern, name, flags) for pattern in patterns)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Players of modules that bring files: win_copy with the four modes of its action plugin, and win_unzip."""

from __future__ import annotations

import base64
import ntpath
import os
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..played_host import PlayedHost
from .paths import checksum, refuse_if_in_use, remove
from .stage import Answer, Call, ModuleError, player


@player(
    "ansible.windows.win_copy",
    options="src dest backup decrypt force local_follow remote_src",
    internal="_copy_mode _original_basename files directories symlinks content",
    hidden="content",
    left_out="checksum operation",
    internal_answers="files directories symlinks",
)
def win_copy(host: PlayedHost, call: Call) -> Answer:
    answer: Answer = {"changed": False}
    if call.diff:
        answer["diff"] = {}
    return answer | _MODES[call.options.get("_copy_mode", "single")](host, call)


def _query(host: PlayedHost, call: Call) -> Answer:
    dest, force = call.options["dest"], call.options["force"]
    files, folders = [], []
    for wanted in call.options.get("files") or []:
        target = host.disk.local(ntpath.join(dest, wanted["dest"]))
        if target.is_dir():
            target = target / os.path.basename(wanted["src"])
        if target.is_dir():
            shown = host.disk.windows(target)
            raise ModuleError(f"cannot copy file to dest '{shown}': object at path is already a directory")
        if not target.exists() or (force and checksum(target) != wanted["checksum"]):
            files.append(wanted)
    for wanted in call.options.get("directories") or []:
        target = host.disk.local(ntpath.join(dest, wanted["dest"]))
        if target.is_file():
            shown = host.disk.windows(target)
            raise ModuleError(f"cannot copy folder to dest '{shown}': object at path is already a file")
        if not target.is_dir():
            folders.append(wanted)
    return {"files": files, "directories": folders, "symlinks": []}


def _explode(host: PlayedHost, call: Call) -> Answer:
    dest = call.options["dest"]
    with zipfile.ZipFile(_source(host, call)) as archive:
        for entry in archive.infolist():
            name = base64.b64decode(entry.filename.rstrip("/")).decode()
            target = host.disk.local(ntpath.join(dest, name))
            if entry.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            refuse_if_in_use(host, target)
            target.write_bytes(archive.read(entry))
    return {"changed": True}


def _single(host: PlayedHost, call: Call) -> Answer:
    source, dest = _source(host, call), call.options["dest"]
    target = _target(host, dest, call.options["_original_basename"])
    answer = {"changed": True} | _back_up(host, call, target)
    refuse_if_in_use(host, target)
    shutil.copyfile(source, target)
    return answer


def _remote(host: PlayedHost, call: Call) -> Answer:
    source, dest = _source(host, call), call.options["dest"]
    if source.is_dir():
        raise ModuleError("the lab does not play win_copy of folders with remote_src")
    target = _target(host, dest, source.name)
    digest = checksum(source)
    answer: Answer = {
        "src": call.options["src"],
        "dest": host.disk.windows(target),
        "operation": "file_copy",
        "original_basename": source.name,
        "checksum": digest,
        "size": source.stat().st_size,
    }
    if target.exists() and (not call.options["force"] or checksum(target) == digest):
        return answer
    answer |= {"changed": True} | _back_up(host, call, target)
    if not call.check:
        refuse_if_in_use(host, target)
        shutil.copyfile(source, target)
    return answer


_MODES: dict[str, Callable[[PlayedHost, Call], Answer]] = {
    "query": _query,
    "explode": _explode,
    "single": _single,
    "remote": _remote,
}


@player("community.windows.win_unzip", options="src dest creates delete_archive")
def win_unzip(host: PlayedHost, call: Call) -> Answer:
    options = call.options
    answer: Answer = {"changed": False, "removed": False, "src": options["src"], "dest": options["dest"]}
    if options["creates"] and host.disk.local(options["creates"]).exists():
        return answer | {"skipped": True, "msg": f"The file or directory '{options['creates']}' already exists."}
    source, folder = host.disk.local(options["src"]), host.disk.local(options["dest"])
    if not source.exists():
        raise ModuleError(f"File '{options['src']}' does not exist.", **answer)
    if source.suffix.lower() != ".zip":
        raise ModuleError("the lab plays win_unzip of .zip archives only", **answer)
    with zipfile.ZipFile(source) as archive:
        for name in archive.namelist():
            if ".." in name.replace("\\", "/").split("/"):
                raise ModuleError(
                    f"Error unzipping '{options['src']}' to '{options['dest']}'! Filename contains relative "
                    f"paths which would extract outside the destination: {name}",
                    **answer,
                )
            if not call.check:
                archive.extract(name, folder)
    answer |= {"changed": True, "removed": options["delete_archive"]}
    if options["delete_archive"] and not call.check:
        remove(host, source)
    return answer


def _source(host: PlayedHost, call: Call) -> Path:
    source = host.disk.local(call.options["src"])
    if not source.exists():
        raise ModuleError(f"Cannot copy src file: '{call.options['src']}' as it does not exist")
    return source


def _target(host: PlayedHost, dest: str, name: str) -> Path:
    """Where a single file goes: into `dest` when that is a folder or ends like one, which is then made."""
    target = host.disk.local(dest)
    if dest.endswith(("/", "\\")) or target.is_dir():
        if target.is_file():
            raise ModuleError(f"object at destination parent dir '{dest}' is currently a file")
        target.mkdir(parents=True, exist_ok=True)
        return target / name
    if not target.parent.is_dir():
        raise ModuleError(f"Destination directory '{host.disk.windows(target.parent)}' does not exist")
    return target


def _back_up(host: PlayedHost, call: Call, target: Path) -> dict[str, Any]:
    if not call.options["backup"] or not target.is_file():
        return {}
    copy = target.with_name(f"{target.name}.{os.getpid()}.{time.strftime('%Y%m%d-%H%M%S')}.bak")
    if not call.check:
        shutil.copyfile(target, copy)
    return {"backup_file": host.disk.windows(copy)}

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for secrets where none may be: marked ones, in command lines, in files that everybody may read, and in texts.

Every secret of a scenario holds the mark, so that no program has to be told the secrets to look for them. A file of its
own: it runs with a host's Python too. Exit code 1, and a line for each find, where the mark was found.

    canary.py processes FILE     look at all processes, those of the lab's hosts among them, until FILE is there
    canary.py files FILE DIR…    look at files below DIR that changed later than FILE and that this user may read
    canary.py text               look at standard input
"""

from __future__ import annotations

import base64
import os
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

MARK = "c4n4" + "ry"
"""Part of every secret. Nothing in the sources holds it but the secrets themselves."""

PAUSE_SECONDS = 0.02
_NO_FILES = ("/proc", "/sys", "/dev")


def _encodings(mark: str) -> list[bytes]:
    """The mark as it stands in UTF-8, in UTF-16 and, wherever it begins, within base64."""
    found = [mark.encode(), mark.encode("utf-16-le")]
    for before in range(3):
        shifted = base64.b64encode(b"\0" * before + mark.encode())
        found.append(shifted[(0, 2, 3)[before] : len(shifted) - (4 if (before + len(mark)) % 3 else 0)].lower())
    return found


_PATTERNS = _encodings(MARK)


def is_in(data: bytes) -> bool:
    """Tell whether the mark is somewhere in the data, in capitals or not."""
    lowered = data.lower()
    return any(pattern in lowered for pattern in _PATTERNS)


def marked_processes(folder: Path = Path("/proc")) -> Iterator[str]:
    """The command line of every process that holds the mark."""
    for process in folder.iterdir():
        if process.name.isdecimal():
            try:
                line = (process / "cmdline").read_bytes()
            except OSError:  # it has ended
                continue
            if is_in(line):
                yield line.replace(b"\0", b" ").decode(errors="replace")


def marked_files(roots: Iterable[str], since: float) -> Iterator[str]:
    """Every file that changed since, that this user may read, and that holds the mark in its name or content."""
    for root in roots:
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if os.path.join(folder, name) not in _NO_FILES]
            for path in (os.path.join(folder, name) for name in names):
                if is_in(os.fsencode(path)) or _holds_mark(path, since):
                    yield path


def _holds_mark(path: str, since: float) -> bool:
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or max(status.st_mtime, status.st_ctime) < since:
            return False
        with open(path, "rb") as file:
            return is_in(file.read())
    except OSError:
        return False


def _watch(end: Path) -> set[str]:
    found = set(marked_processes())
    while not end.exists():
        time.sleep(PAUSE_SECONDS)  # a look costs the hosts a part of their processor
        found.update(marked_processes())
    return found


def main(words: list[str]) -> int:
    command, *rest = words
    if command == "processes":
        found = sorted(_watch(Path(rest[0])))
    elif command == "files":
        found = list(marked_files(rest[1:], os.stat(rest[0]).st_mtime))
    else:
        lines = sys.stdin.buffer.read().splitlines()
        found = [line.decode(errors="replace") for line in lines if is_in(line)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

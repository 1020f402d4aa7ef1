# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks of their own for license servers: one whose power can be cut, and one that can be filled. Root only."""

from __future__ import annotations

import contextlib
import io
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from server_core.tests.processes import ServerProcess
from server_core.tests.running import eventually


class ImageDisk:
    """An ext4 file system in a file. What was written to it but not flushed is not in that file."""

    def __init__(self, image: Path, folder: Path, megabytes: int = 32) -> None:
        self.image = image
        self.folder = folder
        with image.open("wb") as file:
            file.truncate(megabytes * 2**20)
        _run("mkfs.ext4", "-q", "-F", str(image))

    def mount(self) -> None:
        """The system writes nothing to it by itself for five minutes: only what a program has flushed gets there."""
        _run("mount", "-o", "loop,commit=300", str(self.image), str(self.folder))

    def unmount(self) -> None:
        _run("umount", str(self.folder))

    def flush(self) -> None:
        """Have everything that was written so far be in the file."""
        _run("sync", "--file-system", str(self.folder))

    def cut_power(self, server: ServerProcess) -> None:
        """End a server at once, and with it everything that is not in the file of the disk; then the power is back."""
        assert server.process is not None
        server.process.send_signal(signal.SIGSTOP)
        eventually(lambda: _stands_still(server), "every thread of the server stands still")
        left = self.image.with_suffix(".left")
        shutil.copyfile(self.image, left)
        server.kill()
        self.unmount()
        left.replace(self.image)
        self.mount()


@contextlib.contextmanager
def image_disk(image: Path, folder: Path) -> Iterator[ImageDisk]:
    """A disk that is mounted at a folder."""
    disk = ImageDisk(image, folder)
    disk.mount()
    try:
        yield disk
    finally:
        disk.unmount()


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int = 16) -> Iterator[Path]:
    """A folder with little room; the file that :func:`fill` would fill it with."""
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder))
    try:
        yield folder / "filler"
    finally:
        _run("umount", "--lazy", str(folder))


def fill(filler: Path) -> None:
    """Leave not one byte of room."""
    for size in (2**16, 1):
        with filler.open("ab", buffering=0) as file, pytest.raises(OSError, match="No space left on device"):
            _write_for_ever(file, bytes(size))


def _write_for_ever(file: io.FileIO, data: bytes) -> None:
    while True:
        file.write(data)


def _stands_still(server: ServerProcess) -> bool:
    assert server.process is not None
    tasks = Path(f"/proc/{server.process.pid}/task").iterdir()
    return all((task / "stat").read_text().rpartition(")")[2].split()[0] == "T" for task in tasks)


def _run(*words: str) -> None:
    subprocess.run(words, check=True)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of host needs of this machine: its tools, with failures put into words, and groups of processes."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LabError(Exception):
    """The lab cannot do what it was asked; the message says why, and what to do about it."""


def check_machine(programs: dict[str, str]) -> None:
    """Raise `LabError` unless this machine can hold hosts.

    `programs` holds what the hosts need here, with the Debian package of each.
    """
    if os.geteuid() != 0:
        raise LabError("hosts need namespaces, mounts and control groups: run this as root")
    missing = sorted({package for program, package in programs.items() if shutil.which(program) is None})
    if missing:
        raise LabError(f"programs are missing; on Debian: apt-get install {' '.join(missing)}")


def run(*command: str | Path, text: str | None = None) -> str:
    """The output of a command that succeeds, given `text` on its standard input.

    Raises `LabError` with what the command said when it fails.
    """
    words = [str(word) for word in command]
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise LabError(f"`{' '.join(words)}` failed with exit code {done.returncode}:\n{said}")
    return done.stdout


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the lock that keeps two commands from changing the hosts of this machine at the same time."""
    with open("/run/protect-lab.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Group:
    """The processes of one host: a control group, so that all of them can be found and ended, whatever started them."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def folder(self) -> Path:
        return _control_groups() / f"protect-lab-{self.name}"

    def make(self) -> Path:
        """Make the group if need be; a process joins by writing its number to `cgroup.procs` in the folder returned."""
        self.folder.mkdir(exist_ok=True)
        return self.folder

    def has_processes(self) -> bool:
        events = self.folder / "cgroup.events"
        return events.exists() and "populated 1" in events.read_text(encoding="utf-8")

    def end(self) -> None:
        """End every process of the group and remove it.

        Raises `LabError` when a process cannot be ended.
        """
        if not self.folder.exists():
            return
        (self.folder / "cgroup.kill").write_text("1", encoding="utf-8")
        deadline = time.monotonic() + 10
        while self.has_processes():
            if time.monotonic() > deadline:
                raise LabError(f"{self.name} cannot be ended; its processes are listed in {self.folder}")
            time.sleep(0.02)
        for folder, _, _ in os.walk(self.folder, topdown=False):
            os.rmdir(folder)


def _control_groups() -> Path:
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place)
    raise LabError("no version 2 control groups are mounted here: mount -t cgroup2 cgroup2 /sys/fs/cgroup")

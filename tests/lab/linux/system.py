# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the system's own tools, with failures put into words."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

PROGRAMS = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
}
"""Programs the lab runs, and the Debian package of each."""


class LabError(Exception):
    """The lab cannot do what it was asked; the message says why, and what to do about it."""


def check_machine() -> None:
    """Raise `LabError` unless this machine can hold a fleet."""
    if os.geteuid() != 0:
        raise LabError("hosts need namespaces, mounts and control groups: run this as root")
    missing = sorted({package for program, package in PROGRAMS.items() if shutil.which(program) is None})
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


def control_groups() -> Path:
    """Where this machine has its version 2 control groups mounted."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place)
    raise LabError("no version 2 control groups are mounted here: mount -t cgroup2 cgroup2 /sys/fs/cgroup")

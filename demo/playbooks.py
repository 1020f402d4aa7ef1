# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook as an operator would, shows how far it is, and reads what it said at the end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_RECAP = re.compile(r"^(?P<host>\S+)\s+: ok=(?P<ok>\d+)\s+changed=(?P<changed>\d+)\s+unreachable=(\d+)\s+failed=(\d+)")
_RESULT = re.compile(r"^(ok|changed|skipping|fatal|failed): \[(?P<host>[^\]\s]+)")


class DemoError(Exception):
    """What the demonstration claims is not so. The message says what, and where to look."""


@dataclass(frozen=True)
class Place:
    """Where one demonstration lives.

    :ivar directory: everything that it writes.
    :ivar network: the first three numbers of its loopback addresses, such as 127.0.77.
    """

    directory: Path
    network: str

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    def of(self, host: str) -> Path:
        """The folder that plays the disk of a host."""
        return self.directory / host


@dataclass(frozen=True)
class Run:
    """One finished run of ansible-playbook.

    :ivar changed: host to the number of its changed tasks.
    :ivar differences: host to the lines of its diffs, first character + or -, without the names of the files.
    """

    seconds: float
    ok: dict[str, int]
    changed: dict[str, int]
    differences: dict[str, list[str]]

    @property
    def changed_hosts(self) -> set[str]:
        return {host for host, count in self.changed.items() if count}


def run_playbook(place: Place, playbook: str, *options: str, title: str) -> Run:
    """Runs a playbook over the demonstration's inventory, printing the names of its plays.

    :param title: names the log file.
    :raises DemoError: a task failed; the message holds the end of the log.
    """
    command = ["ansible-playbook", "-i", "demo/inventory.yml", playbook, *options]
    print(f"   $ {' '.join(command)}")
    log = place.logs / f"{title}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    lines: list[str] = []
    with log.open("w", encoding="utf-8") as kept:
        process = subprocess.Popen(
            [*command, "-e", f"demo_place={place.directory}", "-e", f"demo_network={place.network}"],
            cwd=ROOT,
            env=_environment(place),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            kept.write(line)
            lines.append(line.rstrip("\n"))
            if line.startswith("PLAY ["):
                print(f"     {line[6:].split(']')[0]} …", flush=True)
    if process.wait() != 0:
        failures = "\n".join(line for line in lines if line.startswith(("fatal:", "failed:", "ERROR", "[ERROR]")))
        raise DemoError(f"{playbook} failed; the whole log is {log}\n{failures or chr(10).join(lines[-20:])}")
    return _read(lines, time.monotonic() - started)


def _environment(place: Place) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
        "ANSIBLE_HOME": str(ROOT / "build" / "ansible"),
        "ANSIBLE_REMOTE_TEMP": str(place.directory / "tmp"),
        "ANSIBLE_FORKS": "10",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "0",
        "PYTHONUNBUFFERED": "1",
    }


def _read(lines: list[str], seconds: float) -> Run:
    ok: dict[str, int] = {}
    changed: dict[str, int] = {}
    differences: dict[str, list[str]] = {}
    pending: list[str] = []
    for line in lines:
        if recap := _RECAP.match(line):
            ok[recap["host"]] = int(recap["ok"])
            changed[recap["host"]] = int(recap["changed"])
        elif result := _RESULT.match(line):
            if pending:
                differences.setdefault(result["host"], []).extend(pending)
            pending = []
        elif line.startswith(("TASK [", "PLAY [", "RUNNING HANDLER [")):
            pending = []
        elif line.startswith(("+", "-")) and not line.startswith(("+++", "---")):
            pending.append(line)
    return Run(seconds, ok, changed, differences)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a computer has: Windows programs, Windows interfaces and a network card. The endpoint's side of it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from ..system import run
from . import hosts
from .plan import Computer
from .played_host import AgentError
from .wine import PYTHON, WINE, environment

AGENT = r"C:\windows\lab\agent.py"
TIMEOUT = 900.0
"""Seconds that a program may run: longer than any install, so that what hangs is found."""
NO_SUCH_COMMAND = (9009 & 0xFF, b"Can't recognize '")
"""What cmd ends with and says of a program that it could not start, as far as Linux sees it."""


class WineMachine:
    """A computer of the lab."""

    def __init__(self, computer: Computer) -> None:
        self._computer = computer

    def is_on(self) -> bool:
        return hosts.is_on(self._computer)

    def run(
        self, words: list[str], directory: Path, variables: dict[str, str], stdin: bytes
    ) -> tuple[int, bytes, bytes]:
        """Run a program to its end: its exit code, and what it said on either stream.

        Once in some thousand times Wine on a busy machine cannot start a program that is there. Nothing has run then,
        and the next time works; a program that is not there is missed again.
        """
        done = self._run_once(words, directory, variables, stdin)
        code, said = NO_SUCH_COMMAND
        if done.returncode == code and said in done.stderr:
            done = self._run_once(words, directory, variables, stdin)
        return done.returncode, done.stdout, done.stderr

    def _run_once(
        self, words: list[str], directory: Path, variables: dict[str, str], stdin: bytes
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            hosts.command_inside(self._computer, directory, WINE, *words),
            env=environment(hosts.prefix_of(self._computer)) | variables,
            input=stdin,
            capture_output=True,
            check=False,
            timeout=TIMEOUT,
        )

    def ask(self, topic: str, **question: Any) -> Any:
        asked = json.dumps({"topic": topic, **question}).encode()
        home = hosts.prefix_of(self._computer) / "drive_c"
        code, said, complaint = self.run([PYTHON, "-E", "-s", AGENT], home, {}, asked)
        if code != 0 or not said:
            raise AgentError(f"the lab's helper failed at {topic}: {complaint.decode(errors='replace')[-2000:]}")
        answer = json.loads(said)
        if "refusal" in answer:
            raise AgentError(answer["refusal"])
        return answer["answer"]

    def filter_traffic(self, rules: str) -> None:
        run("nsenter", f"--net=/run/netns/{self._computer.name}", "nft", "--file", "-", text=rules)

    def files_in_use(self) -> set[str]:
        drive = f"{hosts.prefix_of(self._computer) / 'drive_c'}{os.sep}"
        processes = (hosts.group_of(self._computer).folder / "cgroup.procs").read_text(encoding="ascii").split()
        return {file for process in processes for file in _open_files(process) if file.startswith(drive)}


def _open_files(process: str) -> set[str]:
    """Files that a process has open or runs from. wineserver has open what Windows programs have open."""
    folder = Path("/proc") / process
    files = set()
    try:
        for descriptor in (folder / "fd").iterdir():
            files.add(os.readlink(descriptor))
        for line in (folder / "maps").read_text(encoding="utf-8", errors="replace").splitlines():
            files.add(line.partition("/")[1] + line.partition("/")[2])
    except (FileNotFoundError, ProcessLookupError):
        return files  # the process has ended meanwhile
    return files

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands and servers as real processes."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from licserver.settings import read_settings
from server_core.tests.running import DEADLINE_SECONDS, eventually, loopback_address, web_answers, write_ini

START_SECONDS = 60.0
"""How long a program may take to start on a computer that is busy with other tests."""


def words(name: str) -> list[str]:
    """The words that run a command of this package: on Windows as licctl.cmd and the service do, else as installed."""
    if sys.platform == "win32":
        return [sys.executable, "-X", "utf8", "-m", f"licserver.cli.{name}"]
    return [str(Path(sys.executable).with_name(name))]


def command(*arguments: str | Path, given: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run an installed command to its end."""
    return subprocess.run(
        [*words(str(arguments[0])), *map(str, arguments[1:])],
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )


@dataclass
class ServerProcess:
    """A real ``licserver run``."""

    address: str
    ini: Path
    state: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        return self.state.with_name("server.log")

    def start(self, seconds: float = START_SECONDS) -> "ServerProcess":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        eventually(self._ready, f"licserver run answers; its log: {self.log.read_text()}", seconds)
        return self

    def command(self) -> list[str]:
        """The words that run it."""
        return [*words("licserver"), "run", "--ini", str(self.ini), "--state", str(self.state)]

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end; the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_SECONDS)

    def kill(self) -> None:
        """End it without a warning, and wait for the end."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(DEADLINE_SECONDS)

    def _ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        return web_answers(self.address, tls=read_settings(self.ini).tls)


@contextlib.contextmanager
def server_process(folder: Path, **ini: object) -> Iterator[ServerProcess]:
    """A real server process, not yet started, with a folder of its own; whatever still runs at the end is killed."""
    address = loopback_address()
    (folder / "state").mkdir(mode=0o700, exist_ok=True)
    server = ServerProcess(address, write_ini(folder / "licserver.ini", address, **ini), folder / "state")
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()

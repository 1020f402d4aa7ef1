# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Centers as processes of their own: ``liccenter serve`` on a loopback port."""

import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue

from licserver.kit import Kit

DEADLINE = 20


@dataclass
class Running:
    """A started ``liccenter serve``, its log line by line."""

    process: subprocess.Popen[str]
    lines: "Queue[str]" = field(default_factory=Queue)
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.put(line)

    def wait_for(self, pattern: str) -> str:
        while True:
            try:
                self.log.append(self.lines.get(timeout=DEADLINE))
            except Empty:
                raise AssertionError(f"never logged: {pattern}; but {self.log}") from None
            found = re.search(pattern, self.log[-1])
            if found:
                return found[1]

    def url(self) -> str:
        """Where it listens, as soon as it does."""
        return self.wait_for(r"listens on (\S+)")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE)


@contextmanager
def serving(directory: Path, *words: str, environment: dict[str, str] | None = None) -> Iterator[Running]:
    """A center in a process of its own, on a free port of 127.0.0.1."""
    command = [sys.executable, "-m", "licserver.cli.liccenter", "--dir", str(directory), "serve"]
    command += ["--host", "127.0.0.1", "--port", "0", *words]
    environment = {**os.environ, **(environment or {})}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        running = Running(process)
        try:
            yield running
        finally:
            process.kill()
            running.reader.join(DEADLINE)  # to the end of the log, before the pipe is closed


def strict_context(kit: Kit) -> ssl.SSLContext:
    """What a license server believes: certificates of the authority in the vendor's kit."""
    context = ssl.create_default_context(cadata=kit.center_ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    return context

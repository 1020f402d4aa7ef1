# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands on a real terminal, and somebody who types."""

import os
import pty
import select
import subprocess
import termios
import time

from server_core.tests.processes import words
from server_core.tests.running import DEADLINE_SECONDS, ServerThread


class Terminal:
    """A terminal on which a command of ``licctl`` runs."""

    def __init__(self, server: ServerThread, *command: str) -> None:
        self._own, other = pty.openpty()
        options = ["--ini", str(server.ini), "--state", str(server.state), *command]
        interruptible = ("env", "--default-signal=INT")  # also where the tests themselves run in the background
        self.process = subprocess.Popen(
            [*interruptible, *words("licctl"), *options],
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)
        self.shown = ""

    def await_text(self, text: str) -> None:
        """Read until a text is shown that was not read before."""
        deadline, new = time.monotonic() + DEADLINE_SECONDS, ""
        while text not in new:
            ready, _, _ = select.select([self._own], [], [], max(0, deadline - time.monotonic()))
            assert ready, self.shown
            new += os.read(self._own, 4096).decode()
        self.shown += new

    def type(self, line: str) -> None:
        os.write(self._own, f"{line}\n".encode())

    @property
    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self._own)[3] & termios.ECHO)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._own)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl menu`` on a real terminal."""

import os
import pty
import select
import signal
import subprocess
import termios
import time
from collections.abc import Iterator

import pytest

from server_core.tests.processes import words
from server_core.tests.running import DEADLINE_SECONDS, ServerThread


class Terminal:
    """A terminal on which the menu runs."""

    def __init__(self, server: ServerThread) -> None:
        self._own, other = pty.openpty()
        options = ["--ini", str(server.ini), "--state", str(server.state), "menu", "--language", "en"]
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


@pytest.fixture
def terminal(server: ServerThread) -> Iterator[Terminal]:
    opened = Terminal(server)
    yield opened
    opened.close()


def test_on_a_terminal_a_secret_is_not_echoed_and_other_answers_are(terminal: Terminal) -> None:
    for prompt, line in (("Command: ", "3"), ("[1]: ", "1"), ("Key number: ", "100-0001"), ("Id of the pack: ", "P-1")):
        terminal.await_text(prompt)
        assert terminal.echoes
        terminal.type(line)
    terminal.await_text("(not shown): ")
    assert not terminal.echoes
    terminal.type("canary")
    terminal.await_text("Enter: go on")

    assert "P-1" in terminal.shown
    assert "canary" not in terminal.shown


def test_on_a_terminal_an_interrupt_asks_whether_to_cancel(terminal: Terminal) -> None:
    terminal.await_text("Command: ")
    terminal.type("6")
    terminal.await_text("name it: ")
    os.killpg(terminal.process.pid, signal.SIGINT)
    terminal.await_text("Cancel?")
    terminal.type("y")
    terminal.await_text("Command: ")
    terminal.type("5")

    assert terminal.process.wait(DEADLINE_SECONDS) == 0

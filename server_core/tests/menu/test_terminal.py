# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl menu`` on a real terminal."""

import os
import signal
from collections.abc import Iterator

import pytest

from server_core.tests.running import DEADLINE_SECONDS, ServerThread
from server_core.tests.terminals import Terminal


@pytest.fixture
def terminal(server: ServerThread) -> Iterator[Terminal]:
    opened = Terminal(server, "menu", "--language", "en")
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

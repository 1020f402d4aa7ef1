# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl key activate --phone`` on a real terminal, with the desk on the telephone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from server_core.tests.helpers import KEY, Vendor
from server_core.tests.running import DEADLINE_SECONDS, ServerThread
from server_core.tests.terminals import Terminal


@pytest.fixture
def terminal(tmp_path: Path, make_server: Callable[..., ServerThread], vendor: Vendor) -> Iterator[Terminal]:
    kit = tmp_path / "kit.json"
    tickets = {KEY: vendor.ticket()}
    kit.write_bytes(msgspec.json.encode(msgspec.structs.replace(vendor.kit, phone="+7 495 000", tickets=tickets)))
    order = ["key", "activate", "--phone", "--key-number", KEY, "--kit", str(kit)]
    opened = Terminal(make_server().start(), *order)
    yield opened
    opened.close()


def call(terminal: Terminal) -> str:
    """Type the PIN; the request code that is shown."""
    terminal.await_text("PIN: ")
    terminal.type("canary-pin")
    terminal.await_text("Answer (three blocks; empty: later): ")
    shown = re.search(r"request code: ([0-9 ]+[0-9])", terminal.shown)
    assert shown is not None, terminal.shown
    return shown[1]


def test_who_has_a_block_misheard_may_type_it_again(terminal: Terminal, vendor: Vendor) -> None:
    blocks = vendor.say(call(terminal))
    terminal.type(("1" if blocks[0] != "1" else "2") + blocks[1:])
    terminal.await_text("digit by digit\r\nAnswer (three blocks; empty: later): ")

    terminal.type(blocks)

    terminal.await_text(f"The key {KEY} is active.")
    assert terminal.process.wait(DEADLINE_SECONDS) == 0
    assert "block 1 is misheard" in terminal.shown
    assert "Call +7 495 000" in terminal.shown
    assert "canary" not in terminal.shown


def test_who_has_no_answer_yet_is_told_where_to_type_it_later(terminal: Terminal) -> None:
    call(terminal)

    terminal.type("")

    terminal.await_text(f"licctl load --phone-answer {KEY}")
    assert terminal.process.wait(DEADLINE_SECONDS) == 0

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole server whose clock is set by hours, while it runs and while it is stopped: it frees nothing, and says so."""

import pytest

from licserver.wire.messages import Granted, Renewed
from server_core.tests.running import ServerThread, eventually
from server_core.tests.server.helpers import Clock

HOUR = 3600.0


def jumps(server: ServerThread) -> list[str]:
    """What the log of events says of the clock."""
    _, answer = server.http("GET", "/api/v1/events?kind=alarm")
    return [event["message"] for event in answer["events"] if event["code"] == "clock_jumped"]


def test_a_clock_that_is_set_by_hours_frees_nothing_and_is_an_alarm(clock: Clock, server: ServerThread) -> None:
    with server.client() as anna, server.client() as boris:
        anna.take()
        for number, hours in enumerate((5, -11), start=1):
            clock.set_by += hours * HOUR
            eventually(lambda number=number: len(jumps(server)) == number, "the jump is noticed")
            assert isinstance(anna.renew(), Renewed)
        assert isinstance(boris.take("boris"), Granted)
    for number, hours in enumerate((7, -3), start=3):
        server.stop()
        clock.set_by += hours * HOUR
        server.start()
        eventually(lambda number=number: len(jumps(server)) == number, "the jump is noticed after a start")
        with server.client(private=anna.private) as again:
            again.granted, again.sequence = anna.granted, number
            again.hello()
            assert isinstance(again.renew(), Renewed)

    said = jumps(server)
    assert ["forward" if "forward" in message else "back" for message in said] == ["forward", "back"] * 2
    assert [int(message.split()[-2]) // 60 for message in said] == pytest.approx([300, 660, 420, 180], abs=1)
    assert len(server.server.desk.book.leases) == 2

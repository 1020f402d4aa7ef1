# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may still connect."""

import pytest

from licserver.server.visitors import SHARE_OF_ONE, Room, Visitors
from server_core.tests.seats.helpers import Monotonic


def enter(visitors: Visitors[str], *visitors_and_addresses: tuple[str, str]) -> list[bool]:
    return [visitors.enter(visitor, address) for visitor, address in visitors_and_addresses]


def test_who_was_let_in_is_there_until_he_leaves() -> None:
    visitors: Visitors[str] = Visitors("connections to the port", 8)
    enter(visitors, ("a", "192.0.2.1"), ("b", "192.0.2.1"))
    visitors.leave("a")

    assert list(visitors) == ["b"]


def test_there_are_never_more_than_there_is_room_for() -> None:
    visitors: Visitors[str] = Visitors("connections to the port", 2)

    assert enter(visitors, ("a", "192.0.2.1"), ("b", "192.0.2.2"), ("c", "192.0.2.3")) == [True, True, False]
    visitors.leave("a")
    assert enter(visitors, ("c", "192.0.2.3")) == [True]


def test_one_address_cannot_take_all_the_room() -> None:
    visitors: Visitors[str] = Visitors("connections to the port", 2 * SHARE_OF_ONE)

    assert enter(visitors, *((name, "192.0.2.1") for name in "abc")) == [True, True, False]
    assert enter(visitors, ("d", "192.0.2.2")) == [True]


def test_who_was_not_let_in_leaves_no_gap() -> None:
    visitors: Visitors[str] = Visitors("connections to the port", 1)
    enter(visitors, ("a", "192.0.2.1"), ("b", "192.0.2.1"))
    visitors.leave("b")

    assert enter(visitors, ("c", "192.0.2.2")) == [False]


def test_a_flood_is_one_line_a_minute_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    clock = Monotonic()
    visitors: Visitors[str] = Visitors("connections to the port", 1, clock=clock)
    for number in range(1000):
        visitors.enter(str(number), f"192.0.2.{number % 250}")
    assert caplog.messages == ["connections to the port are refused: 1 are open"]

    clock.seconds += 60
    visitors.enter("later", "192.0.2.9")
    assert len(caplog.messages) == 2


@pytest.mark.parametrize("open_files", [128, 1024, 4096, 20_000, 65_536])
def test_a_full_house_and_a_crowd_at_the_door_leave_descriptors_for_the_server_itself(open_files: int) -> None:
    room = Room.of(open_files)

    at_the_door = 3 * 2 * room.at_once  # accepted, being refused, being closed; at two ports
    assert room.licenses + room.web + at_the_door <= open_files - 16


def test_a_server_with_enough_descriptors_has_room_for_ten_thousand_clients() -> None:
    assert Room.of(65_536).licenses >= 10_000


def test_who_is_in_may_enter_again_and_counts_once() -> None:
    visitors: Visitors[str] = Visitors("connections to the port", 4)

    assert [visitors.enter("anna", "192.0.2.1"), visitors.enter("anna", "192.0.2.1")] == [True, True]
    assert list(visitors) == ["anna"]

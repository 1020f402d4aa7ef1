# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Denials: nobody fills the log with them, and none goes uncounted."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from licserver.server.denials import ALL, COUNTED_PEERS, EACH, SUMMARY_SECONDS, Denials, LeftOut
from server_core.tests.helpers import OwnKey
from server_core.tests.seats.helpers import Monotonic
from server_core.tests.server.helpers import ADDRESS, Instance, Office, code


def flood(denials: Denials, address: str, times: int) -> int:
    """How many of so many denials are written."""
    return sum(denials.admit(address) is not None for _ in range(times))


def test_of_one_address_so_many_are_written_and_then_one_every_ten_seconds() -> None:
    clock = Monotonic()
    denials = Denials(clock=clock)

    assert flood(denials, "192.0.2.1", 10_000) == EACH
    clock.seconds += 10
    assert flood(denials, "192.0.2.1", 10_000) == 1


def test_another_address_is_written_meanwhile() -> None:
    denials = Denials(clock=Monotonic())
    flood(denials, "192.0.2.1", 10_000)

    assert denials.admit("192.0.2.2") == 0


def test_addresses_of_one_ipv6_network_are_one() -> None:
    denials = Denials(clock=Monotonic())

    assert sum(flood(denials, f"2001:db8::{number:x}", 1) for number in range(1000)) == EACH


def test_of_all_addresses_together_so_many_are_written() -> None:
    denials = Denials(clock=Monotonic())

    assert sum(flood(denials, f"10.0.{number // 250}.{number % 250}", 5) for number in range(5000)) == ALL


def test_the_next_one_that_is_written_says_how_many_were_left_out() -> None:
    clock = Monotonic()
    denials = Denials(clock=clock)
    flood(denials, "192.0.2.1", EACH + 7)
    clock.seconds += 10

    assert (denials.admit("192.0.2.1"), denials.summary()) == (7, None)


def test_what_is_not_said_with_another_one_is_summed_up_once_a_minute() -> None:
    clock = Monotonic()
    denials = Denials(clock=clock)
    flood(denials, "192.0.2.1", EACH + 7)
    flood(denials, "192.0.2.2", EACH + 9)

    assert denials.summary() is None
    clock.seconds += SUMMARY_SECONDS
    assert denials.summary() == LeftOut(16, 2, "192.0.2.2")
    clock.seconds += SUMMARY_SECONDS
    assert denials.summary() is None


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40), st.floats(0, 30)), max_size=60))
def test_every_denial_is_written_or_counted(steps: list[tuple[int, int, float]]) -> None:
    clock = Monotonic()
    denials = Denials(clock=clock)
    written = counted = 0
    for peer, times, seconds in steps:
        for _ in range(times):
            left_out = denials.admit(f"192.0.2.{peer}")
            written += left_out is not None
            counted += left_out or 0
        clock.seconds += seconds
        summary = denials.summary()
        counted += summary.denials if summary else 0
    clock.seconds += SUMMARY_SECONDS
    rest = denials.summary()

    assert written + counted + (rest.denials if rest else 0) == sum(times for _, times, _ in steps)


def test_so_many_addresses_are_told_apart_and_no_more() -> None:
    clock = Monotonic()
    denials = Denials(clock=clock)
    for number in range(ALL + 2 * COUNTED_PEERS):
        denials.admit(f"10.{number // 62500}.{number // 250 % 250}.{number % 250}")
    clock.seconds += SUMMARY_SECONDS

    assert denials.summary() == LeftOut(2 * COUNTED_PEERS, COUNTED_PEERS + 1, "others")


def test_a_flood_of_denials_leaves_few_events_and_a_count(office: Office, key: OwnKey) -> None:
    async def be_denied() -> None:
        for number in range(EACH + 40):
            assert code(await Instance(office, f"user {number}").login(product="other")) == "no_key"
        office.denials.seconds += SUMMARY_SECONDS
        office.event_log.sum_up()
        await office.desk.tick()

    asyncio.run(be_denied())
    events = office.events()

    assert [event["kind"] for event in events] == ["denied"] * EACH + ["denials_left_out"]
    assert (events[-1]["denials"], events[-1]["address"]) == (40, ADDRESS)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a lease: every state and every event."""

from typing import get_args

import pytest

from licserver.seats.lease import ACTIVE_SECONDS, TRANSITIONS, Event, Lease, State
from server_core.tests.seats.helpers import lease_of

IDLE = 300.0


def in_state(state: State) -> Lease:
    lease = lease_of("anna")
    lease.state = state
    return lease


def test_a_lease_begins_active() -> None:
    assert lease_of("anna").state == "active"


@pytest.mark.parametrize(
    ("state", "event", "after"),
    [
        ("active", "renew", "active"),
        ("active", "lapse", "blocked"),
        ("active", "logout", "freed"),
        ("active", "release", "freed"),
        ("blocked", "renew", "active"),
        ("blocked", "lapse", "freed"),
        ("blocked", "logout", "freed"),
        ("blocked", "release", "freed"),
    ],
)
def test_each_event_leads_to_one_state(state: State, event: Event, after: State) -> None:
    lease = in_state(state)

    lease.apply(event, now=0, idle_seconds=IDLE)

    assert lease.state == after


@pytest.mark.parametrize("event", get_args(Event))
def test_a_freed_lease_never_comes_back(event: Event) -> None:
    lease = in_state("freed")

    with pytest.raises(KeyError):
        lease.apply(event, now=0, idle_seconds=IDLE)


def test_the_table_knows_every_state_and_event() -> None:
    states = set(get_args(State)) - {"freed"}

    assert set(TRANSITIONS) == {(state, event) for state in states for event in get_args(Event)}


@pytest.mark.parametrize("state", ["active", "blocked"])
def test_a_renewal_starts_the_ten_minutes_again(state: State) -> None:
    lease = in_state(state)

    lease.apply("renew", now=1000, idle_seconds=IDLE)

    assert lease.state_ends == 1000 + ACTIVE_SECONDS == 1600


def test_a_blocked_license_is_held_for_the_idle_time() -> None:
    lease = in_state("active")

    lease.apply("lapse", now=1000, idle_seconds=IDLE)

    assert lease.state_ends == 1000 + IDLE

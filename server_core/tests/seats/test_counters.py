# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counters: who shares a license."""

import pytest

from licserver.documents import CounterType
from licserver.seats.counters import seat_of
from licserver.seats.holder import Holder


def someone(user: str = "anna", computer: str = "pc1", instance: str = "1", rdp: int = 0) -> Holder:
    return Holder(user=user, computer=computer, client_public=instance, rdp_session=rdp)


@pytest.mark.parametrize(
    ("counter", "other", "shared"),
    [
        ("session", someone(instance="2"), False),
        ("session", someone(user="boris", computer="pc2", rdp=3), True),
        ("user", someone(instance="2", computer="pc2", rdp=3), True),
        ("user", someone(user="boris"), False),
        ("computer", someone(instance="2", user="boris", rdp=3), True),
        ("computer", someone(computer="pc2"), False),
        ("terminal", someone(instance="2"), True),
        ("terminal", someone(user="boris"), False),
        ("terminal", someone(computer="pc2"), False),
        ("terminal", someone(rdp=3), False),
    ],
)
def test_who_shares_a_license(counter: CounterType, other: Holder, shared: bool) -> None:
    assert (seat_of(counter, someone()) == seat_of(counter, other)) is shared


@pytest.mark.parametrize("counter", ["user", "computer", "terminal"])
def test_names_are_the_same_in_any_case(counter: CounterType) -> None:
    assert seat_of(counter, someone("АННА", "PC1")) == seat_of(counter, someone("анна", "pc1"))


def test_names_of_user_and_computer_do_not_run_together() -> None:
    assert seat_of("terminal", someone("ab", "c")) != seat_of("terminal", someone("a", "bc"))

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much one peer may take of what all share."""

import pytest

from licserver.limits import REMEMBERED_PEERS, Allowance, peer_of
from server_core.tests.seats.helpers import Monotonic


@pytest.mark.parametrize(
    ("address", "peer"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
    ],
)
def test_behind_an_address_stands_a_peer(address: str, peer: str) -> None:
    assert peer_of(address) == peer


def test_what_was_taken_grows_back() -> None:
    clock = Monotonic()
    allowance = Allowance(20, 20, clock=clock)

    at_once = [allowance.take("a") for _ in range(21)]
    clock.seconds += 0.5
    later = [allowance.take("a") for _ in range(20)]

    assert at_once == [True] * 20 + [False]
    assert sum(later) == 10


def test_a_long_silence_saves_up_no_more_than_there_was_at_first() -> None:
    clock = Monotonic()
    allowance = Allowance(20, 20, clock=clock)
    allowance.take("a")
    clock.seconds += 3600

    assert sum(allowance.take("a") for _ in range(100)) == 20


def test_asking_whether_there_is_some_takes_none() -> None:
    allowance = Allowance(1, 0)

    assert allowance.has("a")
    assert allowance.take("a")
    assert not allowance.has("a")


def test_what_one_peer_takes_no_other_lacks() -> None:
    allowance = Allowance(1, 0)
    allowance.take("a")

    assert allowance.take("b")


def test_many_peers_take_bounded_memory() -> None:
    allowance = Allowance(2, 1)

    for number in range(REMEMBERED_PEERS + 100):
        assert allowance.take(str(number))

    assert len(allowance._left) == REMEMBERED_PEERS

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A license server under attack serves who is honest, keeps its memory, and writes no traceback. How long the honest
wait says little about the server on a computer that does much else: `make endurance` measures it, at full scale."""

from __future__ import annotations

import itertools

import pytest

from licserver.wire.discovery import read_question
from tests.endurance import fuzz
from tests.endurance.hostility import Scale, Siege, besiege
from tests.endurance.probe import Waits

SHORT = Scale(datagrams=20_000, lines=20_000, half_open=1_000, flooding=50, per_second=4_000)
SHORTEST = Scale(datagrams=2_000, lines=2_000, half_open=200, flooding=10, per_second=1_000)


@pytest.mark.parametrize(("scale", "tls"), [(SHORT, False), (SHORTEST, True)])
def test_an_honest_client_is_served_whatever_others_send(scale: Scale, tls: bool) -> None:
    siege = besiege(scale, tls=tls)

    assert siege.problems == []


def test_hostile_bytes_are_of_many_kinds_and_the_same_every_time() -> None:
    lines = list(itertools.islice(fuzz.lines(1), 2_000))

    assert lines == list(itertools.islice(fuzz.lines(1), 2_000))
    assert len(set(lines)) > 1_000
    assert max(map(len, lines)) > 30_000
    assert all(b"\n" not in line for line in lines)


def test_few_hostile_datagrams_are_questions_after_all() -> None:
    asked = [read_question(datagram) for datagram in itertools.islice(fuzz.datagrams(1), 2_000)]

    assert sum(question is not None for question in asked) < 1_000


@pytest.mark.parametrize(
    ("memory", "lines", "log", "problem"),
    [
        (900.0, 99, "", "900 MB at its peak"),
        (50.0, 98, "", "of 100 lines there were 98"),
        (50.0, 99, "Traceback (most recent call last):", "has an error"),
    ],
)
def test_what_must_not_be_is_told(memory: float, lines: int, log: str, problem: str) -> None:
    siege = Siege(Waits([0.1], [0.1], [0.4], [0.1]), {"lines": 100}, {"lines": lines}, 50.0, memory, memory, log)

    assert [problem in one for one in siege.problems] == [True]

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alarms: what is wrong now."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.events import FieldValue, Kind
from licserver.events.alarms import Alarms
from licserver.events.moments import JUMP_SECONDS, Moment, jump, this_moment
from licserver.remarks import Remark

NO_ROOM = Remark("full", "no room", {"bytes": 0})
seconds = st.floats(min_value=-1e6, max_value=1e6)
passed = st.floats(min_value=0, max_value=1e6)


class Noted:
    """Remembers events."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def note(self, kind: Kind, **fields: FieldValue) -> None:
        self.events.append((kind, fields))


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def alarms(noted: Noted) -> Alarms:
    times = iter(range(100, 200))
    return Alarms(noted, clock=lambda: next(times))


def test_while_nothing_is_wrong_there_are_none(alarms: Alarms, noted: Noted) -> None:
    alarms.tell("disk_full", None)

    assert (alarms.now(), noted.events) == ([], [])


def test_one_has_a_beginning_and_an_end_and_each_is_one_event(alarms: Alarms, noted: Noted) -> None:
    for _ in range(3):
        alarms.tell("disk_full", NO_ROOM)
    assert alarms.now() == [
        {"code": "disk_full", "subject": "", "message": "no room", "remark": NO_ROOM.data(), "since": 100}
    ]
    for _ in range(3):
        alarms.tell("disk_full", None)

    assert alarms.now() == []
    assert noted.events == [
        ("alarm", {"code": "disk_full", "subject": "", "message": "no room", "remark": "full", "bytes": 0}),
        ("alarm_ended", {"code": "disk_full", "subject": ""}),
    ]


def test_what_it_says_may_change_without_an_event(alarms: Alarms, noted: Noted) -> None:
    alarms.tell("key_expiring", Remark("key_expires", "in 9 days"), "A")
    alarms.tell("key_expiring", Remark("key_expires", "in 8 days"), "A")

    assert [alarm["message"] for alarm in alarms.now()] == ["in 8 days"]
    assert len(noted.events) == 1


def test_of_several_subjects_those_that_are_named_no_more_are_over(alarms: Alarms) -> None:
    alarms.tell("disk_full", NO_ROOM)
    alarms.tell_all("key_expiring", {"A": NO_ROOM, "B": NO_ROOM})
    alarms.tell_all("key_expiring", {"B": NO_ROOM, "C": NO_ROOM})

    assert [(alarm["code"], alarm["subject"]) for alarm in alarms.now()] == [
        ("disk_full", ""),
        ("key_expiring", "B"),
        ("key_expiring", "C"),
    ]


@given(passed, seconds)
def test_while_the_computer_runs_any_jump_is_seen(running: float, set_by: float) -> None:
    found = jump(Moment(1e9, 5.0, "boot"), Moment(1e9 + running + set_by, 5.0 + running, "boot"))

    assert found == pytest.approx(set_by, abs=0.01) if abs(set_by) > JUMP_SECONDS + 0.01 else abs(found) < 61


@given(passed, seconds)
def test_over_a_boot_only_a_clock_that_went_back_is_seen(down: float, set_by: float) -> None:
    now = Moment(1e9 + down + set_by, 1.0, "other")

    assert jump(Moment(1e9, 5.0, "boot"), now) == (now.wall - 1e9 if now.wall - 1e9 <= -JUMP_SECONDS else 0)


def test_two_moments_of_this_computer_show_no_jump() -> None:
    before, now = this_moment(), this_moment()

    assert now.running >= before.running
    assert jump(before, now) == 0

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that expire, on whole servers whose clock is turned back: the latest time that was seen counts."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from licserver.days import DAY_SECONDS, days_left, in_days
from licserver.events.moments import Moment, later
from licserver.kept_file import files_set_aside
from licserver.seats.ledger import Ledger
from licserver.seats.salvage import open_ledger
from licserver.server.desk import DATE_SECONDS
from licserver.wire.messages import Granted
from server_core.tests.helpers import NOW, Computer, OwnKey, Vendor
from server_core.tests.running import ServerThread, refusal
from server_core.tests.server.helpers import Clock, Instance, Office, bearer, code


@pytest.fixture
def demo(clock: Clock, make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer) -> ServerThread:
    """A server with a key for ten days, not yet started."""
    made = make_server()
    vendor.install(made.state, computer, expires_at=int(time.time()) + 10 * DAY_SECONDS)
    return made


def login(server: ServerThread) -> str:
    with server.client() as client:
        client.hello()
        answer = client.login()
        return "granted" if isinstance(answer, Granted) else refusal(answer)


def key(server: ServerThread) -> Any:
    _, answer = server.http("GET", "/api/v1/keys")
    return answer["keys"][0]


def test_days_left_are_told_and_the_day_after_nothing_is_lent(demo: ServerThread, clock: Clock) -> None:
    found = []
    demo.start()
    for days in (0, 9, 10):
        clock.set_by = days * DAY_SECONDS
        found.append((key(demo)["days_left"], key(demo)["state"], login(demo)))

    assert found == [(10, "active", "granted"), (1, "active", "granted"), (0, "broken", "key_expired")]
    assert "it expired on " in key(demo)["problem"]
    _, verified = demo.http("GET", "/api/v1/keys/verification", **bearer(demo))
    assert (verified["keys"][0]["works"], verified["keys"][0]["problem"]) == (False, key(demo)["problem"])


def test_a_clock_that_is_turned_back_while_the_server_is_stopped_changes_nothing(
    demo: ServerThread, clock: Clock
) -> None:
    clock.set_by = 10 * DAY_SECONDS
    demo.start().stop()
    clock.set_by = 0

    assert login(demo.start()) == "key_expired"
    assert key(demo)["days_left"] == 0


def test_a_clock_that_stands_still_lets_no_day_last_longer_than_its_hours(office: Office) -> None:
    before = office.ledger.date()
    office.now -= 100 * DAY_SECONDS
    office.running += DAY_SECONDS

    assert office.ledger.date() == before + DAY_SECONDS


@pytest.mark.parametrize("boot", ["boot", "next boot"])
def test_the_latest_time_survives_a_crash(office: Office, boot: str) -> None:
    office.ledger.commit({})
    office.now, office.boot = NOW - 100.0 * DAY_SECONDS, boot
    office.crash()

    assert office.ledger.date() == NOW


def test_a_damaged_ledger_gives_the_latest_time_to_the_next_one(tmp_path: Path) -> None:
    path, late = tmp_path / "leases.sqlite", Moment(NOW + 100.0 * DAY_SECONDS, 5.0, "boot")
    ledger = Ledger(path, moment=lambda: late)
    ledger.commit({"not a lease": b"?"})
    ledger.close()

    mended = open_ledger(path, lambda place: Ledger(place, moment=lambda: Moment(NOW, 9.0, "next boot")))
    date = mended.date()
    mended.close()

    assert date == late.wall


@pytest.mark.parametrize("wall", ["null", "'x'", "1e300", "-1"])
def test_a_time_that_cannot_be_is_damage_like_any_other(tmp_path: Path, wall: str) -> None:
    path = tmp_path / "leases.sqlite"
    ledger = Ledger(path)
    ledger.commit({})
    ledger.close()
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute(f"update seen set wall = {wall}")

    mended = open_ledger(path, lambda place: Ledger(place, moment=lambda: Moment(NOW, 9.0, "boot")))
    date = mended.date()
    mended.close()

    assert date == NOW
    assert len(files_set_aside(tmp_path)) == 1


def test_only_where_a_key_expires_an_idle_server_keeps_the_time(office: Office, vendor: Vendor) -> None:
    def written() -> int:
        office.monotonic.seconds += DATE_SECONDS
        asyncio.run(office.desk.tick())
        return office.ledger.commits

    office.attach(OwnKey.of(vendor))
    without = written()
    office.attach(OwnKey.of(vendor, expires_at=NOW + 100 * DAY_SECONDS))

    assert (without, written()) == (0, 1)


def test_a_holder_gets_no_minute_more_when_the_clock_is_turned_back(office: Office, vendor: Vendor) -> None:
    office.attach(OwnKey.of(vendor, expires_at=NOW + 60))
    anna = Instance(office)
    asyncio.run(anna.take())
    office.now, office.running = NOW - 7.0 * DAY_SECONDS, 61.0

    assert code(asyncio.run(anna.renew())) == "key_gone"


@pytest.mark.parametrize(
    ("seen", "now", "expected"),
    [
        (None, Moment(100.0, 5.0, "a"), 100.0),
        (Moment(90.0, 1.0, "a"), Moment(100.0, 5.0, "a"), 100.0),
        (Moment(200.0, 1.0, "a"), Moment(100.0, 5.0, "a"), 204.0),
        (Moment(200.0, 9.0, "a"), Moment(100.0, 5.0, "a"), 200.0),
        (Moment(200.0, 1.0, "a"), Moment(100.0, 5.0, "b"), 200.0),
    ],
)
def test_it_is_never_earlier_than_what_was_seen_and_has_passed_since(
    seen: Moment | None, now: Moment, expected: float
) -> None:
    assert later(seen, now) == Moment(expected, now.running, now.boot)


@pytest.mark.parametrize(
    ("seconds", "days"), [(-1, 0), (0, 0), (1, 1), (DAY_SECONDS, 1), (DAY_SECONDS + 1, 2), (DAY_SECONDS + 0.5, 2)]
)
def test_the_day_that_has_begun_is_one_of_those_left(seconds: float, days: int) -> None:
    assert days_left(NOW, NOW - seconds) == days


def test_days_in_words() -> None:
    assert [in_days(days) for days in (0, 1, 2)] == ["0 days", "1 day", "2 days"]

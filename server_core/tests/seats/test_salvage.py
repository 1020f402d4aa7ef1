# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A damaged ledger: what can be read of it is kept, and the server serves."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licserver.events import Selection
from licserver.kept_file import files_set_aside
from licserver.seats.lease import ACTIVE_SECONDS
from licserver.seats.ledger import Ledger, LedgerError
from licserver.seats.salvage import open_ledger
from server_core.tests.events.helpers import event
from server_core.tests.seats.helpers import Monotonic, lease_of

LEASES = 300


def write(path: Path, leases: int = LEASES, seconds: float = 50.0) -> None:
    """A ledger with leases and as many events, as a server leaves it that stopped in good order."""
    monotonic = Monotonic(1000.0)
    ledger = Ledger(path, monotonic=monotonic)
    for number in range(leases):
        lease = lease_of(f"{number:04}", state_ends=seconds + ACTIVE_SECONDS)
        ledger.commit({lease.lease: ledger.encode(lease)}, [event(str(number))])
    monotonic.seconds += seconds
    ledger.commit({})
    ledger.close()


def held(ledger: Ledger) -> set[str]:
    return {lease.lease for lease in ledger.leases()}


def numbers(ledger: Ledger) -> list[int]:
    return [one["number"] for one in ledger.history().select(Selection(limit=1000))]


def opened(path: Path) -> Ledger:
    return open_ledger(path, lambda path: Ledger(path, monotonic=Monotonic(7.0)))


def flip(path: Path, place: int, count: int = 64) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(random.Random(place).randbytes(count))


def test_a_whole_ledger_is_opened_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "leases.sqlite"
    write(path)
    ledger = opened(path)

    assert len(held(ledger)) == LEASES
    assert ledger.now() == 50
    assert files_set_aside(tmp_path) == []
    ledger.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"this is no database" * 100),
        lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(4096)),
        lambda path: flip(path, 0),
        lambda path: (path.unlink(), path.mkdir()),
    ],
)
def test_where_nothing_can_be_read_the_server_has_an_empty_ledger(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    path = tmp_path / "leases.sqlite"
    write(path, 3)
    damage(path)
    ledger = opened(path)

    assert held(ledger) == set()
    assert len(files_set_aside(tmp_path)) == 1
    ledger.commit({}, [event("later")])
    assert numbers(ledger)[0] > 3
    assert ledger.history().verify().problems[0].startswith("events 1 to ")
    ledger.close()


@pytest.mark.parametrize("ran_before", [True, False])
def test_an_empty_file_was_a_ledger_if_a_server_ran_there(tmp_path: Path, ran_before: bool) -> None:
    (tmp_path / "leases.sqlite").touch()
    if ran_before:
        (tmp_path / "server_id").write_text("id")

    opened(tmp_path / "leases.sqlite").close()

    assert len(files_set_aside(tmp_path)) == ran_before


def test_of_a_ledger_with_a_damaged_page_the_other_leases_and_events_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "leases.sqlite"
    write(path)
    flip(path, path.stat().st_size // 2, 4096)
    ledger = opened(path)

    assert LEASES // 2 < len(held(ledger)) <= LEASES
    assert ledger.now() == 50
    ledger.commit({}, [event("later")])
    assert numbers(ledger)[-1] == LEASES + 1
    ledger.close()


def test_a_lease_that_makes_no_sense_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "leases.sqlite"
    write(path, 3)
    with sqlite3.connect(path) as database:
        database.execute("update lease set body = x'c1' where name = 'lease of 0001'")
    database.close()
    ledger = opened(path)

    assert held(ledger) == {"lease of 0000", "lease of 0002"}
    assert numbers(ledger) == [1, 2, 3]
    assert ledger.history().verify().problems == []
    ledger.close()


def test_where_the_time_is_lost_no_lease_lasts_longer_than_one_that_begins_now(tmp_path: Path) -> None:
    path = tmp_path / "leases.sqlite"
    write(path, 3, seconds=1e6)
    with sqlite3.connect(path) as database:
        database.execute("drop table clock")
    database.close()
    ledger = opened(path)

    assert [lease.state_ends - ledger.now() for lease in ledger.leases()] == [ACTIVE_SECONDS] * 3
    ledger.close()


def test_a_ledger_of_a_newer_server_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "leases.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("pragma user_version = 99")
    database.close()

    with pytest.raises(LedgerError, match="newer server"):
        open_ledger(path)
    assert files_set_aside(tmp_path) == []


def test_a_ledger_in_use_is_left_alone(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "leases.sqlite")

    with pytest.raises(LedgerError, match="another license server"):
        open_ledger(tmp_path / "leases.sqlite")
    assert files_set_aside(tmp_path) == []
    ledger.close()


def test_a_word_of_its_schema_that_is_no_text_any_more_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "leases.sqlite"
    write(path)
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE clock", b"CREATE T\xb0BLE clock"))

    opened(path).close()

    assert len(files_set_aside(tmp_path)) == 1


@settings(max_examples=25)
@given(place=st.integers(min_value=0, max_value=60_000), count=st.integers(min_value=1, max_value=5000))
def test_whatever_is_damaged_it_opens_and_takes_what_comes(
    tmp_path_factory: pytest.TempPathFactory, place: int, count: int
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "leases.sqlite"
    write(path, 20)
    flip(path, min(place, path.stat().st_size - 1), count)
    ledger = opened(path)
    lease = lease_of("new")
    ledger.commit({lease.lease: ledger.encode(lease)}, [event("new")])

    assert lease.lease in held(ledger)
    assert ledger.history().select(Selection(limit=1))[0]["user"] == "new"
    ledger.close()

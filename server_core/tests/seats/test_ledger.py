# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: what was committed outlives everything."""

import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from licserver.seats.ledger import Ledger, LedgerError
from server_core.tests.portable import mode_bits
from server_core.tests.seats.helpers import Monotonic, lease_of

ANNA, BORIS = lease_of("anna"), lease_of("boris")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leases.sqlite"


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic(5000.0)


@pytest.fixture
def opened(path: Path, monotonic: Monotonic) -> Iterator[Callable[[], Ledger]]:
    """Opens the ledger; whatever is open is closed at the end."""
    ledgers: list[Ledger] = []

    def make() -> Ledger:
        ledgers.append(Ledger(path, monotonic=monotonic))
        return ledgers[-1]

    yield make
    for ledger in ledgers:
        ledger.close()


def bodies(ledger: Ledger) -> dict[str, bytes | None]:
    return {ANNA.lease: ledger.encode(ANNA), BORIS.lease: ledger.encode(BORIS)}


def names(ledger: Ledger) -> set[str]:
    return {lease.lease for lease in ledger.leases()}


def test_a_new_ledger_is_empty_and_begins_at_zero(opened: Callable[[], Ledger]) -> None:
    ledger = opened()

    assert ledger.leases() == []
    assert ledger.now() == 0


@mode_bits
def test_the_file_is_readable_for_its_owner_only(path: Path, opened: Callable[[], Ledger]) -> None:
    opened()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_committed_is_there_after_a_restart(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    ledger.commit(bodies(ledger))
    ledger.close()

    assert sorted(opened().leases(), key=lambda lease: lease.lease) == [ANNA, BORIS]


def test_an_ended_lease_is_gone_after_a_restart(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    ledger.commit(bodies(ledger))
    ledger.commit({ANNA.lease: None, "never was": None})
    ledger.close()

    assert names(opened()) == {BORIS.lease}


def test_a_commit_is_done_whole_or_not_at_all(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    ledger.commit({ANNA.lease: ledger.encode(ANNA)})
    # a body that SQLite refuses, in the statement after one that it takes: what no typed caller could send
    impossible: dict[str, Any] = {ANNA.lease: b"another", BORIS.lease: b"one more", "~": object()}

    with pytest.raises(LedgerError) as error:
        ledger.commit(impossible)

    assert error.value.code == "ledger_failed"
    assert ledger.leases() == [ANNA]


def test_after_a_failed_commit_the_next_one_works(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    with pytest.raises(LedgerError):
        ledger.commit({None: b""})  # type: ignore[dict-item] # what SQLite refuses, and no typed caller sends

    ledger.commit(bodies(ledger))

    assert names(ledger) == {ANNA.lease, BORIS.lease}


def test_on_a_full_disk_nothing_is_lost(small_disk: Path, monotonic: Monotonic) -> None:
    ledger = Ledger(small_disk / "leases.sqlite", monotonic=monotonic)
    ledger.commit({ANNA.lease: ledger.encode(ANNA)})

    with pytest.raises(LedgerError, match="disk"):
        ledger.commit({BORIS.lease: bytes(2_000_000)})
    ledger.commit({BORIS.lease: ledger.encode(BORIS)})
    ledger.close()

    again = Ledger(small_disk / "leases.sqlite", monotonic=monotonic)
    assert names(again) == {ANNA.lease, BORIS.lease}
    again.close()


def test_its_time_goes_on_while_the_server_runs(opened: Callable[[], Ledger], monotonic: Monotonic) -> None:
    ledger = opened()
    monotonic.seconds += 7

    assert ledger.now() == 7


def test_its_time_stands_still_while_the_server_is_down(opened: Callable[[], Ledger], monotonic: Monotonic) -> None:
    ledger = opened()
    monotonic.seconds += 100
    ledger.commit({})
    ledger.close()
    monotonic.seconds = 3.0  # the computer was off, and its clock began anew

    again = opened()
    monotonic.seconds += 1

    assert again.now() == 101


def test_a_second_server_is_refused(path: Path, opened: Callable[[], Ledger]) -> None:
    opened()

    with pytest.raises(LedgerError, match="another license server runs with the same state folder"):
        Ledger(path)


def test_a_refused_second_server_leaves_the_first_one_alone(path: Path, opened: Callable[[], Ledger]) -> None:
    first = opened()
    with pytest.raises(LedgerError):
        Ledger(path)

    first.commit(bodies(first))

    assert len(first.leases()) == 2


def test_a_ledger_of_a_newer_server_is_refused_and_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("pragma user_version = 99")
    database.close()

    with pytest.raises(LedgerError, match=r"written by a newer server \(format 99\)"):
        Ledger(path)

    database = sqlite3.connect(path, timeout=0)
    database.execute("begin exclusive")
    assert database.execute("pragma user_version").fetchone() == (99,)
    database.close()


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + bytes(4096)])
def test_another_file_in_its_place_is_refused_by_name(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(LedgerError, match=r"leases\.sqlite cannot be used"):
        Ledger(path)


def test_a_folder_in_its_place_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be used"):
        Ledger(tmp_path)


def test_a_ledger_whose_clock_is_gone_is_refused(path: Path, opened: Callable[[], Ledger]) -> None:
    opened().close()
    with sqlite3.connect(path) as database:
        database.execute("delete from clock")
    database.close()

    with pytest.raises(LedgerError, match="cannot be used"):
        Ledger(path)


def test_a_row_that_makes_no_sense_is_reported(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    ledger.commit({"odd": b"\xc1"})

    with pytest.raises(LedgerError, match="cannot be used"):
        ledger.leases()


def test_a_closed_ledger_says_so_and_may_be_closed_again(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    ledger.close()
    ledger.close()

    with pytest.raises(LedgerError):
        ledger.commit({})

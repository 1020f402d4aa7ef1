# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transactions of the center, on every kind of database."""

import pytest

from licserver.center import registry
from licserver.center.customers import Customer, find_customer, store_customer
from licserver.center.database import Database, DatabaseError
from server_core.tests.center.helpers import ACT, KEY, Office

CUSTOMER = Customer(customer="C-1", name="Branch Ltd")


@pytest.fixture
def database(office: Office) -> Database:
    return office.center.database


@pytest.fixture
def database_url(each_database: str | None) -> str | None:
    """All of this holds on every kind of database."""
    return each_database


def test_whoever_reads_sees_one_state_while_others_write(database: Database) -> None:
    with database.reading() as reading:
        before = find_customer(reading, "C-1")
        with database.writing() as writing:
            store_customer(writing, CUSTOMER, act=ACT)
        after = find_customer(reading, "C-1")

    assert (before, after) == (None, None)
    with database.reading() as reading:
        assert find_customer(reading, "C-1") == CUSTOMER


def test_what_fails_half_way_is_undone(database: Database) -> None:
    def fail() -> None:
        with database.writing() as writing:
            store_customer(writing, CUSTOMER, act=ACT)
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        fail()

    with database.reading() as reading:
        assert find_customer(reading, "C-1") is None


def test_whoever_waits_too_long_for_another_is_told(
    database: Database, office: Office, database_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("licserver.center.database._BUSY_SECONDS", 1)
    impatient = Database(office.center.settings.database_url(office.directory))

    def wait() -> None:
        with database.writing() as holding, impatient.writing() as waiting:
            registry.find_key(holding, KEY, lock=True)
            registry.find_key(waiting, KEY, lock=True)

    with pytest.raises(DatabaseError, match="lock"):
        wait()
    impatient.close()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysql://center@db/center", "neither SQLite nor PostgreSQL"),
        ("postgresql+pg8000://center@db/center", "comes with the extra center-postgresql"),
        ("postgresql+psycopg://center@/center?host=/no/such/folder", "No such file or directory"),
    ],
)
def test_a_database_that_cannot_be_used_says_why(url: str, problem: str) -> None:
    with pytest.raises(DatabaseError, match=problem):
        Database(url).check()

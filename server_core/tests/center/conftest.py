# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the center's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from licserver.center.database import Database
from licserver.center.foundation import initialize, open_center
from licserver.center.schema import metadata
from licserver.center.settings import Settings
from licserver.center.upgrading import upgrade
from server_core.tests.center.helpers import NOW, URL, Office
from server_core.tests.center.postgresql import Cluster, programs_folder, running_cluster


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server of its own."""
    if programs_folder() is None:
        pytest.skip("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def shared_database(postgresql: Cluster) -> str:
    """The name of a database that has the center's tables, for one test after the other."""
    name = postgresql.new_database()
    database = Database(postgresql.url(name))
    with database.writing() as connection:
        upgrade(connection)
    database.close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def each_database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The address of a database, once for each kind; ``None``: a SQLite file in the center's directory."""
    if request.param == "sqlite":
        yield None
        return
    name: str = request.getfixturevalue("shared_database")
    cluster: Cluster = request.getfixturevalue("postgresql")
    yield cluster.url(name)
    cluster.execute(";".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)), name)


@pytest.fixture
def database_url() -> str | None:
    """The address of the office's database. Files of tests that ask the database more than others say the same of
    :func:`each_database`."""
    return None


@pytest.fixture
def office(tmp_path: Path, database_url: str | None) -> Iterator[Office]:
    """A new center on a real database."""
    directory = tmp_path / "center"
    initialize(directory, Settings(name="Vendor", url=URL, database=database_url), None, now=NOW)
    with open_center(directory) as center:
        yield Office(directory, center)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A center of an older release goes on with this one, and loses nothing."""

import json
import os
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from licserver.center.database import Database
from licserver.center.foundation import initialize, open_center
from licserver.center.issuing import Issuer
from licserver.center.registry import find_product
from licserver.center.schema import REVISION, metadata
from licserver.center.settings import Settings
from licserver.center.upgrading import migrations, revision_of, upgrade
from licserver.cli.liccenter import main
from licserver.documents import License, open_sealed
from licserver.errors import LicensingError
from server_core.tests.center.helpers import NOW, PINS, SERVER, URL, facts, make_request
from server_core.tests.center.postgresql import Cluster

RELEASED = Path(__file__).with_name("released") / "center-0001.sql"


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """The directory of a center that release 0.1.0 made: a key with a pack, which spent one of its three PINs."""
    directory = tmp_path / "center"
    initialize(directory, Settings(name="Vendor", url=URL, mail="help@vendor.example"), None, now=NOW)
    (directory / "pepper.key").write_bytes(b"p" * 32)
    (directory / "center.sqlite").unlink()
    with closing(sqlite3.connect(directory / "center.sqlite")) as database:
        database.executescript(RELEASED.read_text(encoding="utf-8"))
    return directory


def rows(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Everything in a database, by table."""
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: [dict(row) for row in database.execute(f"SELECT * FROM {table}")] for table in tables}


def says(directory: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    main(["--dir", str(directory), "--json", *words])
    answer = json.loads(capsys.readouterr().out)
    assert isinstance(answer, dict)
    return answer


@contextmanager
def issuing(directory: Path) -> Iterator[Issuer]:
    with open_center(directory) as center:
        yield Issuer(center.database, center.authority, "Vendor", clock=lambda: NOW)


def asked(directory: Path, pin: str, **options: Any) -> License:
    with open_center(directory) as center:
        request = make_request(center.authority.exchange.public_key(), pin, **options)
        with issuing(directory) as issuer:
            return open_sealed(issuer.answer(request, SERVER), License, center.authority.vendor.public_key())


@pytest.mark.parametrize("words", [("serve",), ("key", "list")])
def test_an_older_database_is_refused_with_the_command_to_run(
    released: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    error = says(released, capsys, *words)["error"]

    assert error["code"] == "database_outdated"
    assert error["hint"] == f"Run: liccenter --dir {released} init"


def test_init_upgrades_and_loses_nothing(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = rows(released / "center.sqlite")

    first, second = (says(released, capsys, "init")["changed"] for _ in range(2))

    after = rows(released / "center.sqlite")
    assert (first, second) == (True, False)
    assert before["activations"] and before["pack_activations"]  # noqa: PT018 - or nothing was compared
    assert {
        table: [{column: row[column] for column in old} for old, row in zip(held, after[table], strict=True)]
        for table, held in before.items()
    } == before


def test_what_the_older_release_had_is_kept(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = rows(released / "center.sqlite")

    says(released, capsys, "init")

    copy = released / "center.sqlite.0001"
    assert rows(copy) == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_an_upgraded_center_knows_what_was_spent_and_sold(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    says(released, capsys, "init")

    with pytest.raises(LicensingError, match="this PIN of the key 100-0001 is spent"):
        asked(released, PINS[0])
    with pytest.raises(LicensingError, match="belongs to another computer"):
        asked(released, PINS[1], of=facts("x", "x", "x", "x"))
    license = asked(released, PINS[1], of=facts("x", "x", "x"))
    assert (license.activation, license.counters[0].limit, license.packs[0].pack) == (2, 5 + 3, "P-1")


def test_new_properties_of_an_old_product_are_what_they_were_before(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    says(released, capsys, "init")

    with open_center(released) as center, center.database.reading() as connection:
        product = find_product(connection, "retail")

    assert product is not None
    assert (product.phone, product.same_facts, product.head) == (False, 1, "")


def test_nobody_is_named_for_what_happened_before(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    says(released, capsys, "init")

    told = says(released, capsys, "history")["history"]

    assert {(entry["way"], entry["actor"]) for entry in told} == {(None, None)}


def test_an_upgrade_that_fails_changes_nothing(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(released / "center.sqlite")) as database:
        database.execute("CREATE TABLE customers (foreign_to_us TEXT)")
    before = rows(released / "center.sqlite")

    error = says(released, capsys, "init")["error"]

    assert error["code"] == "database_unavailable"
    assert "customers" in error["message"]
    assert rows(released / "center.sqlite") == before


@pytest.mark.parametrize("words", [("serve",), ("init",)])
def test_a_newer_database_is_left_alone(
    released: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    says(released, capsys, "init")
    with closing(sqlite3.connect(released / "center.sqlite")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")

    error = says(released, capsys, *words)["error"]

    assert error["code"] == "database_newer"
    assert "9999" in error["message"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_what_root_upgrades_still_belongs_to_the_center(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (released, *released.iterdir()):
        os.chown(path, 12345, 12345)

    says(released, capsys, "init")

    assert {path.stat().st_uid for path in released.iterdir()} == {12345}


def test_the_migrations_lead_to_the_tables_of_this_release(each_database: str | None, tmp_path: Path) -> None:
    with opened(each_database or f"sqlite:///{tmp_path}/new.sqlite") as connection:
        upgrade(connection)

        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert ScriptDirectory.from_config(migrations(connection)).get_heads() == [REVISION]


def test_an_older_database_on_postgresql_is_upgraded_once_by_two_who_start_together(postgresql: Cluster) -> None:
    url = postgresql.url(postgresql.new_database())
    with opened(url) as connection:
        command.upgrade(migrations(connection), "0001")
        connection.execute(text("INSERT INTO products VALUES ('retail', 'Retail 8', 3, 'pins')"))
        connection.execute(text("DROP TABLE alembic_version"))

    def bring_up(_: int) -> bool:
        with opened(url) as connection:
            return upgrade(connection)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(bring_up, range(2))) == [False, True]
    with opened(url) as connection:
        assert revision_of(connection) == REVISION
        assert find_product(connection, "retail") is not None


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    database = Database(url)
    try:
        with database.writing() as connection:
            yield connection
    finally:
        database.close()

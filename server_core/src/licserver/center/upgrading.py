# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which release made the tables of a database, and how they become those of this one.

Each change of :mod:`licserver.center.schema` is one file in ``migrations/versions``, numbered on in four digits; it is
run by alembic, and :data:`licserver.center.schema.REVISION` is the last one. New columns have a value for the rows that
are there, so that a center of the release before goes on working until it is started again.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from licserver.center import CenterError
from licserver.center.schema import REVISION

if TYPE_CHECKING:
    from alembic.config import Config

_FIRST = "0001"
"""The revision of the first release, whose databases do not say it."""
_LOCK = 0x70726F74
"""A number among PostgreSQL's advisory locks: of several centers that are initialized at once one upgrades."""


def revision_of(connection: Connection) -> str | None:
    """The revision of a database's tables; ``None``: it has none."""
    found = inspect(connection)
    if found.has_table("alembic_version"):
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision
    return _FIRST if found.has_table("products") else None


def check_revision(connection: Connection, directory: Path) -> None:
    """See that the tables are those of this release.

    :param directory: of the center, for the message.
    :raises CenterError: they are not; it names the command that mends it.
    """
    revision = revision_of(connection)
    if revision != REVISION:
        _refuse_newer(revision)
        raise CenterError(
            "database_outdated",
            f"the database of the center in {directory} is of an older release: its tables are of revision"
            f" {revision or 'none'}, and this release needs {REVISION}",
            hint=f"Run: liccenter --dir {directory} init",
        )


def upgrade(connection: Connection) -> bool:
    """Bring the tables to this release, inside the caller's transaction; whether anything had to be done.

    :raises CenterError: a newer release made them.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    revision = revision_of(connection)
    if revision == REVISION:
        return False
    _refuse_newer(revision)
    from alembic import command  # heavy: not needed where nothing is to be done

    config = migrations(connection)
    if revision == _FIRST:
        command.stamp(config, _FIRST)
    command.upgrade(config, REVISION)
    return True


def migrations(connection: Connection) -> "Config":
    """The migrations for alembic, to be run inside the caller's transaction."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    return config


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision > REVISION:
        raise CenterError(
            "database_newer",
            f"the database was made by a newer release: its tables are of revision {revision},"
            f" and this release knows them up to {REVISION}",
            hint="Install the release that made it, or a later one",
        )

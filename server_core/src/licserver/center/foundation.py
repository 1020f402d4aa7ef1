# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a center (``liccenter init``), and opening one that exists."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from licserver.center import CenterError
from licserver.center.authority import Authority, make_secrets, read_authority, renew_tls, take_tls
from licserver.center.database import Database, DatabaseError, sqlite_file
from licserver.center.owned_files import write_owned
from licserver.center.passphrase import NO_FILE, Passphrase
from licserver.center.schema import REVISION
from licserver.center.settings import Settings, check_database_url, read_settings, settings_path
from licserver.center.token import TokenKey
from licserver.center.upgrading import check_revision, revision_of, upgrade


@dataclass(frozen=True)
class OwnCertificate:
    """The files of a TLS certificate that the operator brings along."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Center:
    """A center that exists, ready to work."""

    settings: Settings
    authority: Authority
    database: Database


def initialize(
    directory: Path,
    settings: Settings,
    own_certificate: OwnCertificate | None,
    *,
    now: int,
    passphrase: Passphrase = NO_FILE,
    token: TokenKey | None = None,
) -> tuple[bool, Authority]:
    """See to a center in ``directory`` with these settings, and to its database being of this release; whether anything
    had to be done, and the center's authority.

    :param passphrase: of a new center's signing key, or the PIN of its token.
    :param token: where a new center's signing key lies; ``None``: in a file.
    :param own_certificate: ``None``: keep the one that was brought along before, or have one of the center's authority.
    The settings are written last: a directory that has them holds every secret, so that a lost one is reported
    and never silently replaced.

    :raises CenterError: a setting, a given certificate, the database or a secret cannot be used.
    """
    host = settings.host()
    if settings.database is not None:
        check_database_url(settings.database)
    _make_directory(directory)
    exists = settings_path(directory).exists()
    if not exists:
        make_secrets(directory, passphrase, token, now=now)
    authority = read_authority(directory)
    if own_certificate is not None:
        new_tls = take_tls(directory, own_certificate.certificate, own_certificate.key, host)
    elif settings.own_certificate:
        new_tls = False
    else:
        new_tls = renew_tls(directory, host, now=now)
    new_settings = not exists or read_settings(directory) != settings
    new_tables = _make_database(settings.database_url(directory))
    if new_settings:
        write_owned(settings_path(directory), msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n")
    return new_tls or new_settings or new_tables, authority


@contextmanager
def open_center(directory: Path, passphrase: Passphrase = NO_FILE) -> Iterator[Center]:
    """The center in ``directory``; its database is given back at the end of the block.

    :param passphrase: asked for when something is to be signed, if the vendor's signing key has one.
    :raises CenterError: there is none, one of its parts is missing or unusable, or its database is of another release.
    """
    settings = read_settings(directory)
    authority = read_authority(directory, passphrase)
    url = settings.database_url(directory)
    file = sqlite_file(url)
    if file is not None and not file.exists():  # SQLite itself would make an empty one
        raise DatabaseError(f"{file} is missing")
    database = Database(url)
    try:
        with database.reading() as connection:
            check_revision(connection, directory)
        yield Center(settings, authority, database)
    finally:
        database.close()


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name != "nt" and directory.stat().st_mode & 0o077:
            directory.chmod(0o700)
    except OSError as error:
        raise CenterError(
            "write_failed",
            f"the directory {directory} cannot be made for the center: {error.strerror}",
            hint="Run this as the user of the center, or make the directory for him",
        ) from error


def _make_database(url: str) -> bool:
    """Whether there was something to make or to upgrade."""
    file = sqlite_file(url)
    if file is not None and not file.exists():
        write_owned(file, b"")
    database = Database(url)
    try:
        with database.writing() as connection:
            if file is not None:
                _keep_copy(file, revision_of(connection))
            return upgrade(connection)
    finally:
        database.close()


def _keep_copy(file: Path, revision: str | None) -> None:
    """Keep what an older release had, for whoever has to go back to it."""
    if revision is None or revision >= REVISION:
        return
    copy = file.with_name(f"{file.name}.{revision}")
    write_owned(copy, b"")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)

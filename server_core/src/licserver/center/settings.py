# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a center is: its name, its address, its database. Kept in ``center.json`` in the center's directory."""

from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

import msgspec

from licserver.center import CenterError

_FILE_NAME = "center.json"
_DATABASE_NAME = "center.sqlite"


class SettingsError(CenterError):
    """Settings with which a center cannot work."""

    def __init__(self, message: str, *, code: str = "bad_settings", hint: str = "") -> None:
        super().__init__(code, message, hint=hint)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``liccenter init`` was told.

    :ivar url: where license servers reach the center: scheme, host and port.
    :ivar database: an SQLAlchemy URL; ``None`` for a SQLite file in the center's directory.
    :ivar own_certificate: the TLS certificate comes from the operator, not from the center's own authority.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    url: str
    mail: str | None = None
    phone: str | None = None
    database: str | None = None
    own_certificate: bool = False

    def host(self) -> str:
        """The name or IP address that the TLS certificate must carry, as it travels in DNS."""
        return host_of(self.url)

    def database_url(self, directory: Path) -> str:
        """The SQLAlchemy URL of the database."""
        return self.database or f"sqlite:///{(directory / _DATABASE_NAME).absolute()}"


def settings_path(directory: Path) -> Path:
    """Where the settings of the center in ``directory`` lie."""
    return directory / _FILE_NAME


def read_settings(directory: Path) -> Settings:
    """The settings of the center in ``directory``.

    :raises SettingsError: there is no center, or its settings cannot be read.
    """
    path = settings_path(directory)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError as error:
        raise SettingsError(
            f"{directory} holds no activation center",
            code="not_initialized",
            hint=f"Make one: liccenter --dir {directory} init --name NAME --url https://HOST:PORT",
        ) from error
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}", hint="Run this as the user who owns the center's directory"
        ) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}", hint="Correct the file, or run liccenter init again") from error


def host_of(url: str) -> str:
    """The host in a center's address.

    :raises SettingsError: the address is not ``https://host`` or ``https://host:port``.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        well_formed = _is_bare(parts) and host and parts.port != 0
    except ValueError:  # includes UnicodeError
        well_formed = False
    if not well_formed:
        raise SettingsError(f"the center's address {url!r} is not of the form https://host:port")
    return host


def check_database_url(url: str) -> None:
    """Passwords do not belong on a command line or into the settings.

    :raises SettingsError: the URL carries one, or is none.
    """
    try:
        password = urlsplit(url).password
    except ValueError as error:
        raise SettingsError("the database address is not an SQLAlchemy URL") from error
    if password is not None:
        raise SettingsError(
            "the database address carries a password",
            hint="Leave it out; PostgreSQL reads it from the .pgpass file of the center's user",
        )


def _is_bare(parts: SplitResult) -> bool:
    surplus = parts.path.strip("/"), parts.query, parts.fragment, parts.username, parts.password
    return parts.scheme == "https" and not any(surplus)

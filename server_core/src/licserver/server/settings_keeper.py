# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a running server, shown and changed: its ini is written, and what can be is put in force at once.

docs/protocol.md, "Settings"; docs/security.md, "Web page".
"""

import asyncio
import errno
from dataclasses import asdict
from pathlib import Path
from typing import Any

from licserver.errors import LicensingError
from licserver.events import EventSink
from licserver.files import WriteError, overwrite
from licserver.ini_text import IniError
from licserver.server.actors import by_whom
from licserver.server.configuration import Configuration
from licserver.server.listening import look_at_ports
from licserver.server.reloading import Reloader
from licserver.server.settings_change import SettingsChange, change_ini, check_seen
from licserver.settings import Settings, SettingsError, read_settings, settings_in

COPY_NAME = "licserver.ini.before"
"""In the state folder: the ini as it was before the last change."""

NOTHING = SettingsChange()
_PLACES = ("port", "web_port", "local", "bind_address")


class SettingsKeeper:
    """Reads and writes the ini of a server."""

    def __init__(
        self, ini: Path, state: Path, configuration: Configuration, reloader: Reloader, events: EventSink
    ) -> None:
        self._ini = ini
        self._state = state
        self._configuration = configuration
        self._reloader = reloader
        self._events = events
        self._changing = asyncio.Lock()

    async def look(self) -> dict[str, Any]:
        """What the ini says, and what of it waits for a restart.

        :raises LicensingError: the ini cannot be used.
        """
        wanted = await asyncio.to_thread(read_settings, self._ini)
        return {"settings": told_settings(wanted), "restart_needed": self._configuration.pending(wanted).restart_needed}

    async def change(
        self, wanted: SettingsChange, *, seen: SettingsChange = NOTHING, only_check: bool = False
    ) -> dict[str, Any]:
        """Write other settings into the ini, and put in force what can be; or tell what that would do.

        :param seen: what was set when whoever wants this looked.
        :raises SettingConflictError: of that, something is otherwise by now; nothing was changed.
        :raises SettingError: a value cannot be; nothing was changed.
        :raises LicensingError: the ini may not be written, somebody else wrote it meanwhile, a certificate cannot be
            used, or the server could not listen there after a restart; nothing was changed.
        """
        async with self._changing:
            before, after, settings = await asyncio.to_thread(self._plan, wanted, seen, only_check)
            done = asdict(self._configuration.pending(settings))
            if before != after and not only_check:
                await asyncio.to_thread(self._write, before, after)
                done = await self._reloader.reload()  # which notes what is in force from now on
                if later := _only_later(before, settings):
                    self._events.note("settings_changed", names=", ".join(later), **by_whom())
            return {**done, "changed": before != after, "settings": told_settings(settings)}

    def _plan(self, wanted: SettingsChange, seen: SettingsChange, only_check: bool) -> tuple[bytes, bytes, Settings]:
        try:
            before = self._ini.read_bytes()
            if seen != NOTHING:
                check_seen(told_settings(settings_in(before)), wanted, seen)
            after = change_ini(before, wanted)
        except OSError as error:
            raise SettingsError(self._ini, error.strerror or error) from error
        except IniError as error:
            raise SettingsError(self._ini, error) from error
        settings = settings_in(after)
        if any(getattr(wanted, name) is not None for name in _PLACES):
            look_at_ports(self._configuration.settings, settings)
        if settings.tls_certificate is not None or not only_check:  # or a certificate would be made
            Configuration.of(settings, self._state)
        return before, after, settings

    def _write(self, before: bytes, after: bytes) -> None:
        try:
            if self._ini.read_bytes() != before:  # to verify a password takes time enough for a role that runs
                raise LicensingError(
                    "changed_meanwhile", f"{self._ini} was changed by somebody else meanwhile", hint="Try again"
                )
            overwrite(self._ini, after, copy=self._state / COPY_NAME)
        except WriteError as error:
            if getattr(error.__cause__, "errno", None) in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise LicensingError(
                    "forbidden",
                    f"the server may not write {self._ini}",
                    hint="Run the role license_server once more, or let the server's group write the file (chmod g+w)",
                ) from error
            raise


def _only_later(before: bytes, after: Settings) -> list[str]:
    try:
        return Configuration(settings_in(before), None).pending(after).restart_needed
    except IniError:  # it was mended; nobody knows what it meant
        return []


def told_settings(settings: Settings) -> dict[str, Any]:
    """Settings for programs, by the names of :class:`SettingsChange`; nothing secret is among them."""
    return {
        "port": settings.port,
        "web_port": settings.web_port,
        "local": settings.local,
        "bind_address": settings.bind_address,
        "names": settings.names,
        "idle_minutes": settings.idle_seconds // 60,
        "credentials_set": settings.user is not None,
        "tls": settings.tls,
        "tls_certificate": str(settings.tls_certificate or ""),
        "tls_key": str(settings.tls_key or ""),
        "language": settings.language,
    }

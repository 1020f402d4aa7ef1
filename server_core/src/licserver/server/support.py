# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the vendor's support wants to see of a server, in one zip, and nothing secret in it.

It is made of what the server tells anyway: settings without credentials, keys without access codes and private keys,
connections, alarms, events, measures; names, sizes and rights of files, and no content of any but the log.
"""

import asyncio
import contextlib
import importlib.metadata
import io
import platform
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from licserver.errors import LicensingError
from licserver.events import MOST_EVENTS, Selection
from licserver.seats.ledger import LedgerError
from licserver.server.metrics import Metrics
from licserver.server.reports import Reports
from licserver.server.settings_keeper import SettingsKeeper

LOG_NAME = "log/licserver.log"
"""Below the state folder, where the service manager keeps no log: Windows."""
_LOG_BYTES = 512 * 1024
_FIRST_YEAR = 1980  # of a zip


class Support:
    """Makes the bundle of one server."""

    def __init__(self, state: Path, reports: Reports, settings: SettingsKeeper, metrics: Metrics) -> None:
        self._state = state
        self._reports = reports
        self._settings = settings
        self._metrics = metrics

    async def bundle(self) -> bytes:
        """A zip."""
        with contextlib.suppress(LedgerError):  # it is told as an alarm
            await self._reports.journal.flush()
        history = await self._reports.journal.history()
        told = {
            "server": self._reports.server(),
            "alarms": self._reports.alarms.now(),
            "keys": self._reports.keys(),
            "settings": await self._told_settings(),
        }
        measures = self._metrics.look()
        return await asyncio.to_thread(
            lambda: self._packed(
                {
                    "server.json": _json(told),
                    "connections.json": _json(self._reports.connections()),
                    "events.json": _json(history.select(Selection(limit=MOST_EVENTS))),
                    "metrics.txt": measures.text(),
                    "system.json": _json(_system()),
                    "files.json": _json(self._files()),
                    "licserver.log": self._log(),
                }
            )
        )

    async def _told_settings(self) -> Mapping[str, Any]:
        try:
            return await self._settings.look()
        except LicensingError as error:  # then this is what support must see
            return {"problem": str(error)}

    def _packed(self, files: Mapping[str, bytes | str]) -> bytes:
        packed = io.BytesIO()
        moment = max(time.gmtime()[:6], (_FIRST_YEAR, 1, 1, 0, 0, 0))
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(zipfile.ZipInfo(f"licserver-support/{name}", moment), content, zipfile.ZIP_DEFLATED)
        return packed.getvalue()

    def _files(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for path in sorted(self._state.rglob("*")):
            try:
                status = path.lstat()
            except OSError as error:
                found.append({"name": path.relative_to(self._state).as_posix(), "problem": error.strerror})
                continue
            found.append(
                {
                    "name": path.relative_to(self._state).as_posix(),
                    "bytes": status.st_size,
                    "changed_at": int(status.st_mtime),
                    "mode": f"{status.st_mode:o}",
                }
            )
        return found

    def _log(self) -> bytes:
        try:
            with (self._state / LOG_NAME).open("rb") as file:
                file.seek(max(0, file.seek(0, io.SEEK_END) - _LOG_BYTES))
                return file.read()
        except OSError:
            return b"The system keeps the log: journalctl --unit licserver\n"


def _json(content: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(content), indent=1)


def _system() -> dict[str, Any]:
    libraries = {one.metadata["Name"]: one.version for one in importlib.metadata.distributions()}
    return {
        "system": platform.platform(),
        "machine": platform.machine(),
        "python": sys.version,
        "libraries": dict(sorted(libraries.items())),
        "time": int(time.time()),
        "zone": time.strftime("%z"),
    }

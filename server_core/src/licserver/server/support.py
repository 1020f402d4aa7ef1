# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the vendor's support wants to see of a server, in one zip, and nothing secret in it.

It is made of what the server tells anyway: settings without credentials, keys without access codes and private keys,
connections, alarms, events, measures; names, sizes and rights of files, and no content of any but the log, without
what looks like a secret in it.
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
from licserver.events.stored import stored_history
from licserver.seats.ledger import LedgerError
from licserver.server.metrics import Metrics
from licserver.server.reports import Reports
from licserver.server.scrubbing import scrubbed
from licserver.server.settings_keeper import SettingsKeeper, told_settings
from licserver.service.recent_log import RECENT_LOG
from licserver.settings import read_settings

LOG_NAME = "log/licserver.log"
"""Below the state folder, where the service manager keeps no log: Windows."""
_LOG_BYTES = 512 * 1024
_NEWEST = Selection(limit=MOST_EVENTS)
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
            lambda: _packed(
                {
                    "server.json": _json(told),
                    "connections.json": _json(self._reports.connections()),
                    "events.json": _json(history.select(_NEWEST)),
                    "metrics.txt": measures.text(),
                    "licserver.log": _log(self._state),
                    **_surroundings(self._state),
                }
            )
        )

    async def _told_settings(self) -> Mapping[str, Any]:
        try:
            return await self._settings.look()
        except LicensingError as error:  # then this is what support must see
            return {"problem": str(error)}


def offline_bundle(ini: Path, state: Path, why: LicensingError) -> bytes:
    """The bundle of a server that does not run: what its files say.

    :param why: why it is not asked.
    """
    return _packed(
        {
            "server.json": _json({"problem": str(why), "settings": _stored_settings(ini)}),
            "events.json": _json(_stored_events(state)),
            "licserver.log": _log(state),
            **_surroundings(state),
        }
    )


def with_file(bundle: bytes, name: str, text: str) -> bytes:
    """A bundle with another text in it, without what looks like a secret."""
    packed = io.BytesIO(bundle)
    with zipfile.ZipFile(packed, "a") as archive:
        _add(archive, name, scrubbed(text))
    return packed.getvalue()


def _stored_settings(ini: Path) -> dict[str, Any]:
    try:
        return told_settings(read_settings(ini))
    except LicensingError as error:  # then this is what support must see
        return {"problem": str(error)}


def _stored_events(state: Path) -> object:
    try:
        return stored_history(state).select(_NEWEST)
    except LicensingError as error:
        return {"problem": str(error)}


def _packed(files: Mapping[str, bytes | str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            _add(archive, name, content)
    return packed.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes | str) -> None:
    moment = max(time.gmtime()[:6], (_FIRST_YEAR, 1, 1, 0, 0, 0))
    archive.writestr(zipfile.ZipInfo(f"licserver-support/{name}", moment), content, zipfile.ZIP_DEFLATED)


def _surroundings(state: Path) -> dict[str, bytes]:
    return {"system.json": _json(_system()), "files.json": _json(_files(state))}


def _files(state: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted(state.rglob("*")):
        try:
            status = path.lstat()
        except OSError as error:
            found.append({"name": path.relative_to(state).as_posix(), "problem": error.strerror})
            continue
        found.append(
            {
                "name": path.relative_to(state).as_posix(),
                "bytes": status.st_size,
                "changed_at": int(status.st_mtime),
                "mode": f"{status.st_mode:o}",
            }
        )
    return found


def _log(state: Path) -> str:
    """The file that is kept where no service manager keeps the log, otherwise what this process wrote last."""
    try:
        with (state / LOG_NAME).open("rb") as file:
            file.seek(max(0, file.seek(0, io.SEEK_END) - _LOG_BYTES))
            return scrubbed(file.read().decode("utf-8", "replace"))
    except OSError:
        return scrubbed(RECENT_LOG.text()) or "The system keeps the log: journalctl --unit licserver\n"


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

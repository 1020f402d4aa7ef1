# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running server takes over what its ini says by now, and no connection notices. docs/protocol.md, "Reload"."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from licserver.errors import LicensingError
from licserver.events import EventSink
from licserver.seats.book import SeatBook
from licserver.server.actors import by_whom
from licserver.server.configuration import Configuration

_log = logging.getLogger(__name__)


class Reloader:
    """Reads the ini of a server again.

    :param announce: tells the commands of this computer how to reach the server from now on.
    """

    def __init__(
        self,
        ini: Path,
        state: Path,
        configuration: Configuration,
        book: SeatBook,
        events: EventSink,
        announce: Callable[[], None],
    ) -> None:
        self._ini = ini
        self._state = state
        self._configuration = configuration
        self._book = book
        self._events = events
        self._announce = announce
        self._reloading = asyncio.Lock()
        self._by_request: asyncio.Task[None] | None = None

    async def reload(self) -> dict[str, Any]:
        """Put in force what can be; the names of what was, and of what needs a restart.

        :raises LicensingError: the ini or the certificate cannot be used; all is as it was.
        """
        async with self._reloading:
            wanted = await asyncio.to_thread(Configuration.load, self._ini, self._state)
            done = self._configuration.take_over(wanted)
            self._book.idle_seconds = self._configuration.settings.idle_seconds
            await asyncio.to_thread(self._announce)
        if done.applied:
            self._events.note("settings_changed", names=", ".join(done.applied), **by_whom())
        _log.info(
            "reloaded %s: applied %s; needs a restart: %s",
            self._ini,
            ", ".join(done.applied) or "nothing",
            ", ".join(done.restart_needed) or "nothing",
        )
        return {"changed": bool(done.applied), **asdict(done)}

    def request(self) -> None:
        """Reload soon; what is wrong goes to the log."""
        self._by_request = asyncio.ensure_future(self._reload_by_request())

    async def _reload_by_request(self) -> None:
        try:
            await self.reload()
        except LicensingError as error:
            _log.error("nothing was reloaded: %s", error)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that begins anew in its own process: everything is taken apart and put together from ini and state.

So a restart needs no service manager and no rights, and is the same under all of them. Licenses stay: they lie on disk.
What would keep the server from starting is looked for before it stops. docs/protocol.md, "Restart".
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from licserver.events import EventSink
from licserver.server.actors import by_whom
from licserver.server.configuration import Configuration
from licserver.server.listening import look_at_ports


class Restarter:
    """Ends a run of a server so that another one follows."""

    def __init__(self, ini: Path, state: Path, configuration: Configuration, events: EventSink) -> None:
        self._ini = ini
        self._state = state
        self._configuration = configuration
        self._events = events
        self._end: Callable[[], None] | None = None

    def call_to_end(self, end: Callable[[], None]) -> None:
        """Have this called where the run is to end."""
        self._end = end

    async def restart(self) -> dict[str, Any]:
        """End this run soon; where the next one will be found.

        :raises LicensingError: the ini or the certificate cannot be used, or a port is taken: the run goes on.
        """
        wanted = await asyncio.to_thread(Configuration.load, self._ini, self._state)
        await asyncio.to_thread(look_at_ports, self._configuration.settings, wanted.settings)
        if self._end is not None:
            self._events.note("restart_requested", **by_whom())
            self._end()
        settings = wanted.settings
        return {
            "changed": True,
            "server": {"web_port": settings.web_port, "local": settings.local, "tls": wanted.tls()},
        }

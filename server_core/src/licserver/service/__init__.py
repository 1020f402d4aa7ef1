# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a program of this package lives under the system's service manager."""

import asyncio
from typing import Protocol

from licserver.service.notify import notify
from licserver.system import this_system


class ServiceHost(Protocol):
    """Whoever starts a server, wants to know when it is ready, and tells it to stop."""

    def stop_on_request(self, stop: asyncio.Event) -> None:
        """Set the event, which belongs to the running loop, when the server is to stop."""

    def ready(self) -> None:
        """The server serves."""

    def stopping(self) -> None:
        """The server takes itself apart."""


class ProcessHost:
    """A process in a terminal, under systemd or a supervisor: it is stopped by signals, and tells systemd its state."""

    def stop_on_request(self, stop: asyncio.Event) -> None:
        """See :class:`ServiceHost`."""
        this_system().stop_on_signals(stop)

    def ready(self) -> None:
        """See :class:`ServiceHost`."""
        notify("READY=1")

    def stopping(self) -> None:
        """See :class:`ServiceHost`."""
        notify("STOPPING=1")

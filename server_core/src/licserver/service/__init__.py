# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a program of this package lives under the system's service manager."""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable
from typing import Protocol

from licserver.service.garbage import GarbageCollection
from licserver.service.notify import notify
from licserver.service.passed_sockets import passed_sockets
from licserver.system import this_system


class ServiceHost(Protocol):
    """Whoever starts a server, wants to know when it is ready, and tells it to stop."""

    def stop_on_request(self, stop: asyncio.Event) -> None:
        """Set the event, which belongs to the running loop, when the server is to stop."""

    def reload_on_request(self, reload: Callable[[], None]) -> None:
        """Call this, in the running loop, when the server is to take over what its ini says."""

    def passed_sockets(self) -> list[socket.socket]:
        """Sockets that the service manager bound for the server, which owns them from now on."""

    def ready(self) -> None:
        """The server serves."""

    def alive(self) -> None:
        """The server has looked after its leases; told about once a second."""

    def tidy_up(self) -> None:
        """A second has passed, whether or not all was well in it."""

    def stopping(self) -> None:
        """The server takes itself apart."""

    def restarting(self) -> None:
        """The same, and the server is put together anew: what was asked of the host is asked once more."""


class ProcessHost:
    """A process in a terminal, under systemd or a supervisor: it is stopped by signals, and tells systemd its state."""

    def __init__(self) -> None:
        self._garbage = GarbageCollection()
        self._passed: list[socket.socket] = []

    def stop_on_request(self, stop: asyncio.Event) -> None:
        """See :class:`ServiceHost`."""
        this_system().stop_on_signals(stop)

    def reload_on_request(self, reload: Callable[[], None]) -> None:
        """See :class:`ServiceHost`."""
        this_system().call_on_hangup(reload)

    def passed_sockets(self) -> list[socket.socket]:
        """See :class:`ServiceHost`. They are kept, since systemd passes them once only."""
        self._passed += passed_sockets()
        return [one.dup() for one in self._passed]

    def ready(self) -> None:
        """See :class:`ServiceHost`."""
        notify("READY=1")
        self._garbage.server_is_ready()

    def alive(self) -> None:
        """See :class:`ServiceHost`. systemd ends a unit with ``WatchdogSec`` that does not say so for that long."""
        if "WATCHDOG_USEC" in os.environ:
            with contextlib.suppress(OSError):  # it is said again in a second
                notify("WATCHDOG=1")

    def tidy_up(self) -> None:
        """See :class:`ServiceHost`."""
        self._garbage.look()

    def stopping(self) -> None:
        """See :class:`ServiceHost`."""
        notify("STOPPING=1")

    def restarting(self) -> None:
        """See :class:`ServiceHost`. A unit that says it stops would be ended; one that reloads is waited for."""
        notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        self._garbage.server_begins_anew()

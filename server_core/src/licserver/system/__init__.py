# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs by operating system, behind one interface: one module per system, and nothing of it elsewhere.

docs/specification.md, section 3 (where things lie), section 5 (facts).
"""

import asyncio
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # facts are heavy to import, and most commands do without
    from licserver.binding import FactReader


OPEN_FILES = 65536
"""How many open files and sockets a server of any size needs at most."""


class System(Protocol):
    """An operating system, as far as the licensing system touches it."""

    @property
    def ini_path(self) -> Path:
        """Where the server's ini lies if nobody says otherwise."""

    @property
    def install_path(self) -> Path:
        """Where the server's releases lie if nobody says otherwise."""

    @property
    def state_path(self) -> Path:
        """Where the server's state lies if nobody says otherwise."""

    @property
    def client_ini_path(self) -> Path:
        """Where a client computer keeps the address of its server. docs/specification.md, section 4."""

    def key_folder(self, state: Path) -> Path:
        """Where the software keys of a server with that state folder lie."""

    def fact_reader(self) -> "FactReader":
        """Reads the facts of this computer."""

    def make_private(self, folder: Path) -> None:
        """Make a folder that only its owner and administrators can enter, or make an existing one so; one that belongs
        to somebody else stays as its owner made it.

        :raises OSError: that cannot be done.
        """

    def sync_folder(self, folder: Path) -> None:
        """Have a renaming in a folder outlive a power cut.

        :raises OSError: the disk failed.
        """

    def broadcast_addresses(self) -> list[tuple[str, str]]:
        """Own address and broadcast address of every IPv4 network that this computer is in."""

    def running_clock(self) -> tuple[float, str]:
        """Seconds for which this computer has been running, its sleep included, and a name for this time of running:
        where the system has none, another one for every process."""

    def raise_open_files(self) -> int:
        """Let this process have as many files and sockets open as the system allows it, and a server needs; returns
        how many these are."""

    def stop_on_signals(self, stop: asyncio.Event) -> None:
        """Have what tells a process to end set an event of the running loop."""

    def call_on_hangup(self, call: Callable[[], None]) -> None:
        """Have what tells a process to read its settings again call something in the running loop."""


@functools.cache
def this_system() -> System:
    """The system this runs on."""
    if sys.platform == "win32":
        from licserver.system.windows import WindowsSystem

        return WindowsSystem()
    else:  # noqa: RET505 - a type checker for Windows passes over it only here
        from licserver.system.linux import LinuxSystem

        return LinuxSystem()

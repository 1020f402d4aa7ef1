# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody changes by hand on four hosts, behind Ansible's back."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from desks import processes
from playbooks import DemoError, Place

EDITED_HOSTS = {"north-server", "south-server", "south-desk-2", "east-server"}


def server_ini(place: Place, host: str) -> Path:
    return place.of(host) / "etc" / "licserver.ini"


def client_ini(place: Place, host: str) -> Path:
    return place.of(host) / "client.ini"


def settings(place: Place) -> dict[Path, bytes]:
    """Every settings file of the fleet and its content."""
    files = [*place.directory.glob("*/etc/licserver.ini"), *place.directory.glob("*/client.ini")]
    return {file: file.read_bytes() for file in files}


def edit_by_hand(place: Place) -> list[str]:
    """Makes the four changes. Returns a line about each.

    :raises DemoError: a file does not hold what the playbook should have written.
    """
    _replace(server_ini(place, "north-server"), r"(?mi)^port=\d+", "port=15999")
    _replace(server_ini(place, "south-server"), r"(?mi)^Local=0", "Local=1")
    _replace(client_ini(place, "south-desk-2"), r"(?mi)^server=.*?(?=\r?$)", "server=old-server.example")
    _stop_server(place, "east-server")
    return [
        "north-server  licserver.ini says another port",
        "south-server  licserver.ini says Local=1: shut off from the network",
        "south-desk-2  client.ini points at a server of former days",
        "east-server   the license server is stopped",
    ]


def _replace(file: Path, pattern: str, by: str) -> None:
    before = file.read_bytes().decode("utf-8")
    after, times = re.subn(pattern, by, before, count=1)
    if times != 1:
        raise DemoError(f"{file}: no line like {pattern}")
    file.write_bytes(after.encode("utf-8"))


def _stop_server(place: Place, host: str) -> None:
    """As an administrator would: by the command of the supervisor that runs it."""
    for command in processes(place).values():
        if command[1].endswith("/supervisord") and str(place.of(host)) in command[1]:
            control = Path(command[1]).with_name("supervisorctl")
            configuration = command[command.index("-c") + 1]
            subprocess.run(
                [str(control), "-c", configuration, "stop", "all"], check=True, stdout=subprocess.DEVNULL, timeout=30
            )
            return
    raise DemoError(f"no supervisor runs on {host}")

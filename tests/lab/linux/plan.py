# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fleet of a given size looks like: names, addresses, groups and the inventory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ..network import CONTROL_ADDRESS, PREFIX

MAX_HOSTS = 99
LOGIN_USER = "deploy"
HOST_KEY_ALIAS = "lab"


@dataclass(frozen=True)
class Host:
    """One host of the fleet; everything about it follows from its number (1 to `MAX_HOSTS`)."""

    number: int

    @property
    def name(self) -> str:
        return f"h{self.number}"

    @property
    def address(self) -> str:
        return f"{PREFIX}.{10 + self.number}"

    @property
    def mac(self) -> str:
        """The address of the first network card: one of the facts that a software key is bound to."""
        return f"02:4c:41:42:00:{self.number:02x}"

    @property
    def machine_id(self) -> str:
        return hashlib.sha256(f"lab host {self.name}".encode()).hexdigest()[:32]


def hosts(count: int) -> list[Host]:
    """The first `count` hosts."""
    return [Host(number) for number in range(1, count + 1)]


def groups(count: int) -> dict[str, list[Host]]:
    """Who plays what: one activation center, a license server for every five other hosts (two at least), clients."""
    center, *others = hosts(count)
    servers = max(2, len(others) // 5)
    return {"activation_center": [center], "license_servers": others[:servers], "license_clients": others[servers:]}


def inventory(count: int, project: Path, ssh: Path, control_sockets: Path) -> dict[str, object]:
    """An Ansible inventory of `count` hosts, reached through `ssh`, the wrapper that holds the way and the key.

    The variable `lab_project` tells playbooks where the repository is.
    """
    return {
        "all": {
            "vars": {
                "lab_project": str(project),
                "ansible_user": LOGIN_USER,
                "ansible_python_interpreter": "/usr/bin/python3",
                "ansible_ssh_executable": str(ssh),
                "ansible_ssh_transfer_method": "piped",
                "ansible_ssh_pipelining": True,
                "ansible_control_path_dir": str(control_sockets),
            },
            "children": {
                group: {"hosts": {host.name: {"ansible_host": host.address} for host in members}}
                for group, members in groups(count).items()
            },
        }
    }


def hosts_file() -> str:
    """`/etc/hosts` for every host: there is no DNS, and look-ups without an answer stall sudo and fact gathering."""
    lines = ["127.0.0.1 localhost", "::1 localhost", f"{CONTROL_ADDRESS} control"]
    return "".join(f"{line}\n" for line in lines + [f"{host.address} {host.name}" for host in hosts(MAX_HOSTS)])

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Windows hosts of the lab look like: names, addresses, identities and the inventory."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path

from ..network import PREFIX

MAX_COMPUTERS = 40
MAX_DESKS = 99
HTTP_PORT, HTTPS_PORT, SSH_PORT = 5985, 5986, 5922
USER, PASSWORD = "Administrator", "Lab-Passw0rd!"
TRANSPORTS = ("basic", "ntlm")
SCHEMES = {"http": HTTP_PORT, "https": HTTPS_PORT}


@dataclass(frozen=True)
class Computer:
    """A Windows computer; everything about it follows from its number (1 to `MAX_COMPUTERS`)."""

    number: int

    @property
    def name(self) -> str:
        return f"w{self.number}"

    @property
    def endpoint(self) -> str:
        """Where WinRM listens on this machine, outside the lab's network."""
        return f"127.79.0.{10 + self.number}"

    @property
    def address(self) -> str:
        """Where the computer is on the lab's network."""
        return f"{PREFIX}.{150 + self.number}"

    @property
    def mac(self) -> str:
        return f"02:4c:41:42:01:{self.number:02x}"

    @property
    def machine_guid(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.name}.lab"))

    @property
    def volume_serial(self) -> str:
        """The serial number of drive C:, eight hexadecimal digits."""
        return hashlib.sha256(f"volume of {self.name}".encode()).hexdigest()[:8].upper()


@dataclass(frozen=True)
class Desk:
    """A working computer of which only the disk is played; everything follows from its number (1 to `MAX_DESKS`)."""

    number: int

    @property
    def name(self) -> str:
        return f"d{self.number}"

    @property
    def endpoint(self) -> str:
        return f"127.79.1.{10 + self.number}"


def computers(count: int) -> list[Computer]:
    """The first `count` computers."""
    return [Computer(number) for number in range(1, count + 1)]


def desks(count: int) -> list[Desk]:
    """The first `count` desks."""
    return [Desk(number) for number in range(1, count + 1)]


def inventory(
    hosts: list[Computer | Desk], authority: Path, project: Path, *, transport: str = "ntlm", scheme: str = "https"
) -> dict[str, object]:
    """An Ansible inventory of `hosts`: the first computer is a license server, everyone else is a client.

    `authority` is the certificate of the lab's authority; beside it lies what tells clients of SSH whom to trust.
    `project` tells playbooks where the repository is.
    """
    servers = [host for host in hosts if isinstance(host, Computer)][:1]
    members = {"license_servers": servers, "license_clients": [host for host in hosts if host not in servers]}
    return {
        "all": {
            "vars": {
                "lab_project": str(project),
                "lab_known_hosts": str(known_hosts_of(authority)),
                "ansible_connection": "winrm",
                "ansible_user": USER,
                "ansible_password": PASSWORD,
                "ansible_port": SCHEMES[scheme],
                "ansible_winrm_scheme": scheme,
                "ansible_winrm_transport": transport,
                "ansible_winrm_server_cert_validation": "validate",
                "ansible_winrm_ca_trust_path": str(authority),
            },
            "children": {
                group: {"hosts": {host.name: _variables(host) for host in members[group]}} for group in members
            },
        }
    }


def known_hosts_of(authority: Path) -> Path:
    """The file that tells clients of SSH whom to trust, beside the certificate that tells it those of WinRM."""
    return authority.with_name("known_hosts")


def hosts_file() -> str:
    """`/etc/hosts` for every computer, since there is no DNS."""
    lines = ["127.0.0.1 localhost", "::1 localhost"]
    return "".join(f"{line}\n" for line in lines + [f"{one.address} {one.name}" for one in computers(MAX_COMPUTERS)])


def _variables(host: Computer | Desk) -> dict[str, str]:
    lab_address = {"lab_address": host.address} if isinstance(host, Computer) else {}
    return {"ansible_host": host.endpoint} | lab_address

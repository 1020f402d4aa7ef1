# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that listens for WinRM and SSH on behalf of every host of the lab.

    python -m tests.lab.windows.endpoint STATE

STATE holds `hosts.json`, the certificates and a folder per host. It listens on the loopback addresses of the hosts, so
that an ordinary inventory reaches them from anywhere on this machine, and writes `STATE/endpoint.ready` when it does.
"""

from __future__ import annotations

import json
import os
import signal
import ssl
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from . import ansible_scripts, hosts
from .certificates import Certificates
from .plan import HTTP_PORT, HTTPS_PORT, PASSWORD, SSH_PORT, USER, Computer, Desk, known_hosts_of
from .played_host import PlayedHost
from .players.firewall import filter_script
from .ssh import SshServers
from .wine_machine import WineMachine
from .winrm.http import Listener, Site
from .winrm.shells import Shells

READY = "endpoint.ready"


def host_to_play(host: Computer | Desk, state: Path) -> PlayedHost:
    """The host as the players see it; its folder lies below `state`."""
    folder = state / host.name
    if isinstance(host, Desk):
        (folder / "drive_c").mkdir(parents=True, exist_ok=True)
        return PlayedHost(host.name, folder, folder / "drive_c", None)
    return PlayedHost(host.name, folder, hosts.prefix_of(host) / "drive_c", WineMachine(host))


def listen(
    hosts_played: Sequence[tuple[str, PlayedHost]],
    certificates: Certificates,
    accounts: Path,
    ports: tuple[int, int] = (HTTP_PORT, HTTPS_PORT),
) -> list[tuple[Listener, Listener]]:
    """Listen for every (address, host), by HTTP and HTTPS; `accounts` is the file from which NTLM takes passwords."""
    accounts.touch(mode=0o600)
    accounts.write_text(f":{USER}:{PASSWORD}\n", encoding="utf-8")
    os.environ["NTLM_USER_FILE"] = str(accounts)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates.server)
    listeners = []
    for address, host in hosts_played:
        site = Site(host.is_on, host.settings, Shells(host.name, partial(ansible_scripts.run, host)), USER, PASSWORD)
        pair = Listener((address, ports[0]), site), Listener((address, ports[1]), site, tls)
        for listener in pair:
            listener.start()
        listeners.append(pair)
    return listeners


def main() -> None:
    state = Path(sys.argv[1])
    numbers = json.loads((state / "hosts.json").read_text(encoding="utf-8"))
    all_hosts: list[Computer | Desk] = [*map(Computer, numbers["computers"]), *map(Desk, numbers["desks"])]
    everyone = [(host.endpoint, host_to_play(host, state)) for host in all_hosts]
    for _, host in everyone:
        if host.machine:
            host.machine.filter_traffic(filter_script(host.records.table("firewall")))
    certificates = Certificates(state / "certificates")
    listen(everyone, certificates, state / "accounts")
    SshServers(everyone, SSH_PORT, known_hosts_of(certificates.authority))
    (state / READY).touch()
    signal.pause()


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network that all hosts of the lab share: one bridge in the namespace `ctl`, a namespace with one card per host.

There is no way out of it, as in a branch without internet. Hosts of every kind can be on it at the same time.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Protocol

from .system import LabError, run

PREFIX = "10.78.0"
CONTROL_ADDRESS = f"{PREFIX}.1"
CONTROL_NAMESPACE = "ctl"
BRIDGE = "br0"
NAMESPACES = Path("/run/netns")


class Wired(Protocol):
    """What the network has to know of a host."""

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def mac(self) -> str: ...


def connect(host: Wired) -> None:
    """Give a new host its namespace, in which the card `eth0` is plugged into the bridge; lay the bridge if need be."""
    if not _bridge_lies():
        _lay_bridge()
    run("ip", "netns", "add", host.name)
    cable = [
        f"link add {_cable(host)} type veth peer name eth0 address {host.mac} netns {host.name}",
        f"link set {_cable(host)} master {BRIDGE} up",
    ]
    run("ip", "-netns", CONTROL_NAMESPACE, "-batch", "-", text="\n".join(cable))
    card = [
        "link set lo up",
        f"address add {host.address}/24 broadcast + dev eth0",
        "link set eth0 up",
        f"route add default via {CONTROL_ADDRESS}",
    ]
    run("ip", "-netns", host.name, "-batch", "-", text="\n".join(card))


def disconnect(host: Wired) -> None:
    """Unplug a host, remove its namespace and end what still runs in it."""
    if _bridge_lies() and f" {_cable(host)}@" in run("ip", "-netns", CONTROL_NAMESPACE, "link", "show"):
        run("ip", "-netns", CONTROL_NAMESPACE, "link", "delete", _cable(host))
    _remove_namespace(host.name)


def clear_unless_used() -> None:
    """Remove the bridge and its namespace, with what runs in it, unless a host is plugged in."""
    if not (_bridge_lies() and run("ip", "-netns", CONTROL_NAMESPACE, "link", "show", "master", BRIDGE)):
        _remove_namespace(CONTROL_NAMESPACE)


def _cable(host: Wired) -> str:
    return f"to-{host.name}"


def _bridge_lies() -> bool:
    namespace = NAMESPACES / CONTROL_NAMESPACE
    return namespace.exists() and f" {BRIDGE}: " in run("ip", "-netns", CONTROL_NAMESPACE, "link", "show")


def _lay_bridge() -> None:
    _remove_namespace(CONTROL_NAMESPACE)
    run("ip", "netns", "add", CONTROL_NAMESPACE)
    commands = [
        "link set lo up",
        f"link add {BRIDGE} type bridge",
        f"address add {CONTROL_ADDRESS}/24 broadcast + dev {BRIDGE}",
        f"link set {BRIDGE} up",
    ]
    run("ip", "-netns", CONTROL_NAMESPACE, "-batch", "-", text="\n".join(commands))


def _remove_namespace(name: str) -> None:
    if not (NAMESPACES / name).exists():
        return
    deadline = time.monotonic() + 10
    while processes := run("ip", "netns", "pids", name).split():
        if time.monotonic() > deadline:
            raise LabError(f"processes in the namespace {name} cannot be ended: {' '.join(processes)}")
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)
        time.sleep(0.02)  # asked again until the deadline
    run("ip", "netns", "delete", name)

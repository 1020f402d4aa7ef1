# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `tests/lab/fleet`."""

from __future__ import annotations

import argparse
import json
import shlex
import time
from pathlib import Path

from ..commands import CommandLine, whole_number
from ..network import CONTROL_NAMESPACE
from ..system import LabError
from . import hosts as fleet
from .image import Image, image_of, make_image
from .plan import HOST_KEY_ALIAS, LOGIN_USER, MAX_HOSTS, groups, inventory

PROJECT = Path(__file__).resolve().parents[3]
LAB = PROJECT / "build/lab"
INVENTORY = LAB / "inventory.json"
SSH = LAB / "ssh"
READY_TIMEOUT = 120.0
PROGRAMS = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
}
"""Programs the lab runs, and the Debian package of each."""

DESCRIPTION = f"""\
Debian hosts h1, h2, … with a real systemd each, on one bridge of this machine. Root only.

Ansible reaches them with the inventory {INVENTORY.relative_to(PROJECT)}; a shell on one:
build/lab/ssh {LOGIN_USER}@10.78.0.11. Anything else that is to see their network:
nsenter --net=/run/netns/{CONTROL_NAMESPACE} COMMAND.
"""


def main() -> int:
    line = CommandLine("fleet", DESCRIPTION)
    line.add("image", _image, "make the Debian image that the hosts share, unless it is there")
    up = line.add("up", _up, "make hosts h1 to hN run, and no others; makes the image if need be")
    up.add_argument("count", metavar="N", type=whole_number(1, MAX_HOSTS), help=f"how many hosts, 1 to {MAX_HOSTS}")
    line.add("status", _status, "list the hosts that run")
    line.add("down", _down, "end all hosts and clear up, after a crash too; the image is kept")
    return line.run(PROGRAMS)


def _image(_: argparse.Namespace) -> None:
    print(f"image: {_present_image().root}")


def _up(arguments: argparse.Namespace) -> None:
    started = time.monotonic()
    owner = fleet.owner()
    if fleet.running() and owner != LAB:
        raise LabError(f"a fleet of {owner} is up on this machine, and there is room for one: bring it down first")
    image = _present_image()
    _write_control_files(arguments.count, image)
    new = fleet.bring_up(arguments.count, image, SSH, READY_TIMEOUT)
    seconds = time.monotonic() - started
    print(f"{arguments.count} hosts are up, {len(new)} of them new, after {seconds:.1f} s: {INVENTORY}")


def _status(_: argparse.Namespace) -> None:
    running = fleet.running()
    if not running:
        print("no host is up")
        return
    roles = {host: group for group, members in groups(len(running)).items() for host in members}
    for host in running:
        print(f"{host.name:4} {host.address:12} {host.mac}  {roles[host]}")


def _down(_: argparse.Namespace) -> None:
    count = len(fleet.running())
    fleet.clear()
    print(f"{count} hosts brought down")


def _present_image() -> Image:
    image = image_of(LAB)
    if image.folder.is_dir():
        return image
    print("making the Debian image: about half a minute, once", flush=True)
    fleet.clear()
    return make_image(LAB)


def _write_control_files(count: int, image: Image) -> None:
    network = f"--net=/run/netns/{CONTROL_NAMESPACE}"
    trust = [f"-oUserKnownHostsFile={image.known_hosts}", f"-oHostKeyAlias={HOST_KEY_ALIAS}"]
    command = shlex.join(["nsenter", network, "ssh", "-i", str(image.key), *trust])
    SSH.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    SSH.chmod(0o755)
    wanted = inventory(count, PROJECT, SSH, fleet.CONTROL_SOCKETS)
    INVENTORY.write_text(json.dumps(wanted, indent=2) + "\n", encoding="utf-8")

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts brought up, looked at and brought down. Root only.

A host is up when there are processes in its control group; that holds whatever happened to the command that started it.
Anything else that bears its name is what a crash left behind, and is cleared away.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .. import network
from ..system import Group, LabError, run
from .image import Image
from .plan import LOGIN_USER, MAX_HOSTS, Host, hosts

STATE = Path("/run/protect-lab")
CONTROL_SOCKETS = STATE / "ssh"
STATE_QUESTION = "systemctl is-system-running --wait || systemctl list-units --failed --no-legend"
INOTIFY_INSTANCES = 4096
"""Every systemd takes several inotify instances; the kernel's usual 128 are enough for 24 hosts."""


def running() -> list[Host]:
    """The hosts that are up."""
    return [host for host in hosts(MAX_HOSTS) if _group(host).has_processes()]


def owner() -> Path | None:
    """The lab folder that the present fleet was brought up from."""
    note = STATE / "owner"
    return Path(note.read_text(encoding="utf-8")) if note.exists() else None


def bring_up(count: int, image: Image, ssh: Path, timeout: float) -> list[Host]:
    """Make h1 to h`count` run and no others, and wait until each has started all of its services; return the new ones.

    Raises `LabError` when a host is not ready within `timeout` seconds.
    """
    if not running():
        clear()
        _prepare_machine(image)
    wanted = hosts(count)
    for host in [host for host in running() if host not in wanted]:
        _remove(host)
    new = [host for host in wanted if not _group(host).has_processes()]
    for host in new:
        _remove(host)
        _start(host, image)
    deadline = time.monotonic() + timeout
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda host: _await_ready(host, ssh, deadline), wanted))
    return new


def clear() -> None:
    """End every host and remove all that belongs to the fleet, whatever state it is in."""
    for host in hosts(MAX_HOSTS):
        _remove(host)
    network.clear_unless_used()
    while os.path.ismount(STATE):
        run("umount", STATE)
    shutil.rmtree(STATE, ignore_errors=True)


def _group(host: Host) -> Group:
    return Group(host.name)


def _prepare_machine(image: Image) -> None:
    instances = Path("/proc/sys/fs/inotify/max_user_instances")
    if int(instances.read_text(encoding="utf-8")) < INOTIFY_INSTANCES:
        instances.write_text(str(INOTIFY_INSTANCES), encoding="utf-8")
    STATE.mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", "mode=755", "protect-lab", STATE)
    (STATE / "owner").write_text(str(image.folder.parent), encoding="utf-8")


def _start(host: Host, image: Image) -> None:
    network.connect(host)
    folder, group = STATE / host.name, _group(host).make()
    for part in ("upper/etc", "work", "root"):
        (folder / part).mkdir(parents=True)
    (folder / "upper/etc/hostname").write_text(f"{host.name}\n", encoding="utf-8")
    (folder / "upper/etc/machine-id").write_text(f"{host.machine_id}\n", encoding="utf-8")
    boot = Path(__file__).with_name("boot_host.sh")
    with open(folder / "console.log", "wb") as console:
        subprocess.Popen(
            ["unshare", "--mount", "--propagation=private", boot, host.name, image.root, folder, group],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
        )


def _await_ready(host: Host, ssh: Path, deadline: float) -> None:
    state = "no answer"
    while time.monotonic() < deadline:
        asked = subprocess.run(
            [ssh, f"{LOGIN_USER}@{host.address}", STATE_QUESTION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        state = (asked.stdout or asked.stderr).strip()
        if state == "running":
            return
        time.sleep(0.2)  # asked again until the deadline
    raise LabError(f"{host.name} is not ready: {state}; its console: {STATE / host.name / 'console.log'}")


def _remove(host: Host) -> None:
    _group(host).end()
    network.disconnect(host)
    shutil.rmtree(STATE / host.name, ignore_errors=True)

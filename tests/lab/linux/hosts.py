# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts brought up, looked at and brought down. Root only.

A host is up when there are processes in its control group; that holds whatever happened to the command that started it.
Anything else that bears its name is what a crash left behind, and is cleared away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from .image import Image
from .plan import CONTROL_ADDRESS, CONTROL_NAMESPACE, LOGIN_USER, MAX_HOSTS, Host, hosts
from .system import LabError, control_groups, run

STATE = Path("/run/protect-lab")
NAMESPACES = Path("/run/netns")
CONTROL_SOCKETS = STATE / "ssh"
STATE_QUESTION = "systemctl is-system-running --wait || systemctl list-units --failed --no-legend"
INOTIFY_INSTANCES = 4096
"""Every systemd takes several inotify instances; the kernel's usual 128 are enough for 24 hosts."""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the lock that keeps two commands from changing the one fleet of this machine at the same time."""
    with open("/run/protect-lab.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def running() -> list[Host]:
    """The hosts that are up."""
    return [host for host in hosts(MAX_HOSTS) if _is_up(host)]


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
        _lay_network(image)
    wanted = hosts(count)
    for host in [host for host in running() if host not in wanted]:
        _remove(host)
    new = [host for host in wanted if not _is_up(host)]
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
    _remove_namespace(CONTROL_NAMESPACE)
    while os.path.ismount(STATE):
        run("umount", STATE)
    shutil.rmtree(STATE, ignore_errors=True)


def _group(host: Host) -> Path:
    return control_groups() / f"protect-lab-{host.name}"


def _is_up(host: Host) -> bool:
    events = _group(host) / "cgroup.events"
    return events.exists() and "populated 1" in events.read_text(encoding="utf-8")


def _lay_network(image: Image) -> None:
    instances = Path("/proc/sys/fs/inotify/max_user_instances")
    if int(instances.read_text(encoding="utf-8")) < INOTIFY_INSTANCES:
        instances.write_text(str(INOTIFY_INSTANCES), encoding="utf-8")
    STATE.mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", "mode=755", "protect-lab", STATE)
    (STATE / "owner").write_text(str(image.folder.parent), encoding="utf-8")
    run("ip", "netns", "add", CONTROL_NAMESPACE)
    commands = [
        "link set lo up",
        "link add br0 type bridge",
        f"address add {CONTROL_ADDRESS}/24 broadcast + dev br0",
        "link set br0 up",
    ]
    run("ip", "-netns", CONTROL_NAMESPACE, "-batch", "-", text="\n".join(commands))


def _start(host: Host, image: Image) -> None:
    run("ip", "netns", "add", host.name)
    cable = [
        f"link add {host.link} type veth peer name eth0 address {host.mac} netns {host.name}",
        f"link set {host.link} master br0 up",
    ]
    run("ip", "-netns", CONTROL_NAMESPACE, "-batch", "-", text="\n".join(cable))
    card = [
        "link set lo up",
        f"address add {host.address}/24 broadcast + dev eth0",
        "link set eth0 up",
        f"route add default via {CONTROL_ADDRESS}",
    ]
    run("ip", "-netns", host.name, "-batch", "-", text="\n".join(card))
    folder, group = STATE / host.name, _group(host)
    for part in ("upper/etc", "work", "root"):
        (folder / part).mkdir(parents=True)
    (folder / "upper/etc/hostname").write_text(f"{host.name}\n", encoding="utf-8")
    (folder / "upper/etc/machine-id").write_text(f"{host.machine_id}\n", encoding="utf-8")
    group.mkdir(exist_ok=True)
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
        time.sleep(0.2)
    raise LabError(f"{host.name} is not ready: {state}; its console: {STATE / host.name / 'console.log'}")


def _remove(host: Host) -> None:
    group = _group(host)
    if group.exists():
        (group / "cgroup.kill").write_text("1", encoding="utf-8")
        deadline = time.monotonic() + 10
        while _is_up(host):
            if time.monotonic() > deadline:
                raise LabError(f"{host.name} cannot be ended; its processes are listed in {group}")
            time.sleep(0.02)
        for folder, _, _ in os.walk(group, topdown=False):
            os.rmdir(folder)
    _remove_namespace(host.name)
    shutil.rmtree(STATE / host.name, ignore_errors=True)


def _remove_namespace(name: str) -> None:
    if not (NAMESPACES / name).exists():
        return
    for process in run("ip", "netns", "pids", name).split():
        os.kill(int(process), signal.SIGKILL)
    run("ip", "netns", "delete", name)

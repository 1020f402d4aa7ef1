# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows computers set up, switched on and off, and taken away. Root only.

A computer is an overlay of the image, so that setting one up copies nothing, with an identity of its own. It is on when
there are processes in its control group; that holds whatever happened to the command that switched it on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from .. import network
from ..system import Group, LabError, run
from .image import Image
from .plan import Computer, hosts_file
from .wine import PASSWD, environment

STATE = Path("/run/protect-lab-windows")
BOOT_TIMEOUT = 180.0
HERE = Path(__file__).parent


def folder_of(computer: Computer) -> Path:
    return STATE / computer.name


def prefix_of(computer: Computer) -> Path:
    """The Wine prefix of a computer; it lies there whether the computer is on or off."""
    return folder_of(computer) / "prefix"


def group_of(computer: Computer) -> Group:
    return Group(computer.name)


def is_set_up(computer: Computer) -> bool:
    """Whether the computer is complete; a crash may have left one that is not."""
    return (folder_of(computer) / "complete").exists()


def is_on(computer: Computer) -> bool:
    return group_of(computer).has_processes()


def set_up(computer: Computer, image: Image) -> None:
    """Give a new computer its disk, its identity and its place in the network, and switch it on.

    Raises `LabError` when it does not boot.
    """
    folder = folder_of(computer)
    for part in ("upper", "work", "prefix"):
        (folder / part).mkdir(parents=True)
    layers = f"lowerdir={image.prefix},upperdir={folder / 'upper'},workdir={folder / 'work'},redirect_dir=on"
    run("mount", "-t", "overlay", "overlay", "-o", layers, prefix_of(computer))
    (folder / "passwd").write_text(PASSWD, encoding="ascii")
    (folder / "hosts").write_text(hosts_file(), encoding="utf-8")
    drive = prefix_of(computer) / "drive_c"
    (drive / ".windows-serial").write_text(f"{computer.volume_serial}\n", encoding="ascii")
    shutil.copytree(HERE / "agent", drive / "windows/lab")
    network.connect(computer)
    switch_on(computer)
    guid = ("/v", "MachineGuid", "/d", computer.machine_guid, "/f")
    run_inside(computer, "wine64", "reg", "add", r"HKLM\Software\Microsoft\Cryptography", *guid)
    (folder / "complete").touch()


def switch_on(computer: Computer) -> None:
    """Boot a computer: its services with automatic start are started.

    Raises `LabError` when it does not boot.
    """
    folder, group = folder_of(computer), group_of(computer).make()
    (folder / "booted").unlink(missing_ok=True)
    into = ["nsenter", f"--net=/run/netns/{computer.name}", "unshare", "--mount", "--uts", "--propagation=private"]
    with open(folder / "console.log", "wb") as console:
        subprocess.Popen(
            [*into, HERE / "boot_host.sh", computer.name, folder, group],
            env=environment(prefix_of(computer)),
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
        )
    deadline = time.monotonic() + BOOT_TIMEOUT
    while not (folder / "booted").exists():
        if time.monotonic() > deadline:
            raise LabError(f"{computer.name} does not boot; its console: {folder / 'console.log'}")
        time.sleep(0.02)


def shut_down(computer: Computer) -> None:
    """Switch a computer off: services are told to stop, and what is left then is ended."""
    run_inside(computer, "wine64", "wineboot", "--end-session", "--shutdown")
    run_inside(computer, "wineserver", "--kill")
    group_of(computer).end()


def cut_power(computer: Computer) -> None:
    """End all that runs on a computer at once, as a power cut does; what Windows had not written yet is lost."""
    group_of(computer).end()


def take_away(computer: Computer) -> None:
    """Remove a computer and its disk, whatever state it is in."""
    group_of(computer).end()
    network.disconnect(computer)
    while os.path.ismount(prefix_of(computer)):
        run("umount", "--lazy", prefix_of(computer))
    shutil.rmtree(folder_of(computer), ignore_errors=True)


def command_inside(computer: Computer, directory: Path, *command: str) -> list[str]:
    """The command of this machine that runs `command` as a process of the computer, in the working directory given."""
    return [
        str(HERE / "enter_host.sh"),
        str(folder_of(computer)),
        str(group_of(computer).folder),
        str(directory),
        *command,
    ]


def start_inside(computer: Computer, directory: Path, *command: str) -> None:
    """Start a program on the computer, which goes on until it ends by itself or the computer is switched off."""
    subprocess.Popen(
        command_inside(computer, directory, *command),
        env=environment(prefix_of(computer)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def run_inside(computer: Computer, *command: str) -> str:
    """The output of a program on the computer.

    Raises `LabError` when it fails.
    """
    words = command_inside(computer, prefix_of(computer) / "drive_c", *command)
    done = subprocess.run(
        words,
        env=environment(prefix_of(computer)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=BOOT_TIMEOUT,
    )
    if done.returncode != 0:
        raise LabError(f"{computer.name}: `{' '.join(command)}` failed with exit code {done.returncode}: {done.stderr}")
    return done.stdout

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `python -m tests.lab.windows`."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from .. import network
from ..commands import CommandLine, whole_number
from ..system import Group, LabError, run
from . import hosts, programs
from .certificates import Certificates, issue
from .disk import Disk
from .endpoint import READY
from .hosts import STATE
from .image import Image, image_of, make_image
from .plan import MAX_COMPUTERS, MAX_DESKS, SCHEMES, TRANSPORTS, USER, Computer, Desk, computers, desks, inventory
from .played_host import Settings, SettingsFile, write_json
from .python import write_archive
from .wine import PROGRAMS, WINE

PROJECT = Path(__file__).resolve().parents[3]
LAB = PROJECT / "build/lab/windows"
INVENTORY = LAB / "inventory.json"
AUTHORITY = Certificates(STATE / "certificates").authority
ENDPOINT = Group("winrm")
ENDPOINT_TIMEOUT = 60.0
DESCRIPTION = f"""\
Windows computers w1, w2, … played by Wine on the lab's network, and desks d1, d2, …, which have a disk only. Root only.

Ansible reaches them from anywhere on this machine with the inventory {INVENTORY.relative_to(PROJECT)}, as {USER}, by
WinRM. What was asked of a host is in {STATE}/HOST/log.jsonl.
"""


def main() -> int:
    line = CommandLine("python -m tests.lab.windows", DESCRIPTION)
    line.add("image", _image, "make the Windows image that the computers share, unless it is there")
    archive = line.add(
        "python-zip", _python_zip, "write the image's Python to a zip archive, as an operator would have it"
    )
    archive.add_argument("archive", metavar="FILE", type=Path)
    archive.add_argument("--embeddable", action="store_true", help="in the layout of the official embeddable package")
    program = line.add("program", _program, "write a small Windows program in the place of one that a branch has")
    program.add_argument("name", choices=programs.NAMES)
    program.add_argument("file", metavar="FILE", type=Path)
    program.add_argument("--version", metavar="A.B.C.D", type=_version, default=(1, 0, 0, 0))
    up = line.add(
        "up", _up, "make computers w1 to wN and desks d1 to dM run, and no others; makes the image if need be"
    )
    up.add_argument(
        "count", metavar="N", type=whole_number(0, MAX_COMPUTERS), help=f"how many computers, 0 to {MAX_COMPUTERS}"
    )
    up.add_argument(
        "--desks", metavar="M", type=whole_number(0, MAX_DESKS), default=0, help=f"how many desks, 0 to {MAX_DESKS}"
    )
    line.add("status", _status, "list the hosts")
    shown = line.add("inventory", _inventory, "print the inventory, for another way to log in than NTLM by HTTPS")
    shown.add_argument("--transport", choices=TRANSPORTS, default="ntlm")
    shown.add_argument("--scheme", choices=SCHEMES, default="https")
    for name, command, help in (
        ("off", _off, "shut a computer down: its services are told to stop"),
        ("cut", _cut, "cut a computer's power"),
        ("on", _on, "switch a computer on; its services with automatic start are started"),
    ):
        line.add(name, command, help).add_argument("computer", type=_computer)
    started = line.add("start", _start, "start a program on a computer, as somebody does who works at it; it goes on")
    started.add_argument("computer", type=_computer)
    started.add_argument("folder", metavar="FOLDER", help="a folder of the computer, as in C:\\product")
    started.add_argument("words", metavar="COMMAND", nargs=argparse.REMAINDER)
    setting = line.add("set", _set, f"change settings of a host: {', '.join(Settings.__dataclass_fields__)}")
    setting.add_argument("host")
    setting.add_argument("changes", metavar="NAME=true|false", nargs="+", type=_change)
    line.add("down", _down, "end all hosts and clear up, after a crash too; the image is kept")
    return line.run(PROGRAMS)


def _computer(text: str) -> Computer:
    known = {computer.name: computer for computer in computers(MAX_COMPUTERS)}
    if text not in known:
        raise argparse.ArgumentTypeError(f"{text}: not a computer of the lab; those are w1, w2, …")
    return known[text]


def _version(text: str) -> tuple[int, int, int, int]:
    match = re.fullmatch(r"(\d{1,5})\.(\d{1,5})\.(\d{1,5})\.(\d{1,5})", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text}: not four numbers with dots between them")
    return (int(match[1]), int(match[2]), int(match[3]), int(match[4]))


def _change(text: str) -> tuple[str, bool]:
    name, _, value = text.partition("=")
    if value not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"{text}: not NAME=true or NAME=false")
    return name, value == "true"


def _image(_: argparse.Namespace) -> None:
    print(f"image: {_present_image().folder}")


def _python_zip(arguments: argparse.Namespace) -> None:
    write_archive(_present_image().python, arguments.archive, embeddable=arguments.embeddable)
    print(f"python: {arguments.archive}")


def _program(arguments: argparse.Namespace) -> None:
    programs.compile_program(arguments.name, arguments.file, arguments.version)
    print(f"program: {arguments.file}")


def _up(arguments: argparse.Namespace) -> None:
    started = time.monotonic()
    if not arguments.count + arguments.desks:
        raise LabError("nothing is asked for: name a number of computers, or of desks with --desks")
    owner = STATE / "owner"
    if owner.exists() and owner.read_text(encoding="utf-8") != str(LAB):
        raise LabError(
            f"hosts of {owner.read_text(encoding='utf-8')} are set up on this machine: bring them down first"
        )
    present = _set_up_computers()
    image = _present_image() if arguments.count else None
    if not present:
        _clear()
        _prepare_machine()
    ENDPOINT.end()
    wanted = computers(arguments.count)
    for computer in [one for one in present if one not in wanted]:
        hosts.take_away(computer)
    new = [one for one in wanted if not hosts.is_set_up(one)]
    for computer in new:
        hosts.take_away(computer)
        if image:
            hosts.set_up(computer, image)
    for computer in [one for one in wanted if not hosts.is_on(one)]:
        hosts.switch_on(computer)
    _forget_desks_beyond(arguments.desks)
    _start_endpoint(wanted, desks(arguments.desks))
    write_json(INVENTORY, inventory([*wanted, *desks(arguments.desks)], AUTHORITY, PROJECT))
    seconds = time.monotonic() - started
    total = f"{arguments.count} computers ({len(new)} of them new) and {arguments.desks} desks"
    print(f"{total} are up after {seconds:.1f} s: {INVENTORY}")


def _status(_: argparse.Namespace) -> None:
    found = _present_hosts()
    for host in found:
        if isinstance(host, Computer):
            state = "on" if hosts.is_on(host) else "off"
            print(f"{host.name:4} {host.endpoint:12} {host.address:12} {host.mac}  {state}")
        else:
            print(f"{host.name:4} {host.endpoint:12} desk")
    if not found:
        print("no host is up")
    elif not ENDPOINT.has_processes():
        print("nothing listens for WinRM: bring the hosts up again")


def _inventory(arguments: argparse.Namespace) -> None:
    wanted = inventory(_present_hosts(), AUTHORITY, PROJECT, transport=arguments.transport, scheme=arguments.scheme)
    print(json.dumps(wanted, indent=2))


def _off(arguments: argparse.Namespace) -> None:
    if hosts.is_on(_known(arguments.computer)):
        hosts.shut_down(arguments.computer)


def _cut(arguments: argparse.Namespace) -> None:
    hosts.cut_power(_known(arguments.computer))


def _on(arguments: argparse.Namespace) -> None:
    if not hosts.is_on(_known(arguments.computer)):
        hosts.switch_on(arguments.computer)


def _start(arguments: argparse.Namespace) -> None:
    computer = _known(arguments.computer)
    folder = Disk(hosts.prefix_of(computer) / "drive_c", computer.name).local(arguments.folder)
    hosts.start_inside(computer, folder, WINE, *arguments.words)


def _set(arguments: argparse.Namespace) -> None:
    if arguments.host not in [host.name for host in _present_hosts()]:
        raise LabError(f"{arguments.host} is not up")
    try:
        SettingsFile(STATE / arguments.host / "settings.json").change(dict(arguments.changes))
    except ValueError as error:
        raise LabError(str(error)) from error


def _down(_: argparse.Namespace) -> None:
    count = len(_present_hosts())
    _clear()
    print(f"{count} hosts brought down")


def _present_image() -> Image:
    image = image_of(LAB)
    if image.folder.is_dir():
        return image
    if _set_up_computers():
        raise LabError("computers are up that were made from an older image: bring them down first")
    print("making the Windows image: about half a minute, once", flush=True)
    return make_image(LAB)


def _set_up_computers() -> list[Computer]:
    return [computer for computer in computers(MAX_COMPUTERS) if hosts.folder_of(computer).exists()]


def _present_hosts() -> list[Computer | Desk]:
    return [*_set_up_computers(), *(desk for desk in desks(MAX_DESKS) if (STATE / desk.name).exists())]


def _known(computer: Computer) -> Computer:
    if computer not in _set_up_computers():
        raise LabError(f"{computer.name} is not set up")
    return computer


def _prepare_machine() -> None:
    STATE.mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", "mode=755", "protect-lab", STATE)
    (STATE / "owner").write_text(str(LAB), encoding="utf-8")
    LAB.mkdir(parents=True, exist_ok=True)
    everyone: list[Computer | Desk] = [*computers(MAX_COMPUTERS), *desks(MAX_DESKS)]
    issue(AUTHORITY.parent, [host.endpoint for host in everyone])


def _forget_desks_beyond(count: int) -> None:
    for desk in desks(MAX_DESKS)[count:]:
        shutil.rmtree(STATE / desk.name, ignore_errors=True)


def _start_endpoint(wanted: list[Computer], working_desks: list[Desk]) -> None:
    numbers = {"computers": [one.number for one in wanted], "desks": [one.number for one in working_desks]}
    write_json(STATE / "hosts.json", numbers)
    (STATE / READY).unlink(missing_ok=True)
    join = 'echo $$ > "$0/cgroup.procs"; exec "$@"'
    with open(STATE / "endpoint.log", "wb") as log:
        process = subprocess.Popen(
            ["sh", "-c", join, ENDPOINT.make(), sys.executable, "-m", f"{__package__}.endpoint", STATE],
            cwd=PROJECT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + ENDPOINT_TIMEOUT
    while not (STATE / READY).exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise LabError(
                f"nothing listens for WinRM:\n{(STATE / 'endpoint.log').read_text(encoding='utf-8')[-2000:]}"
            )
        time.sleep(0.02)


def _clear() -> None:
    ENDPOINT.end()
    for computer in computers(MAX_COMPUTERS):
        hosts.take_away(computer)
    network.clear_unless_used()
    while os.path.ismount(STATE):
        run("umount", "--lazy", STATE)
    shutil.rmtree(STATE, ignore_errors=True)

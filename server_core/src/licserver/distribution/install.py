# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs a distribution: the same layout that the role ``license_server`` makes, so that either can go on where the
other was. docs/specification.md, section 3.

What can be refused is refused before anything is changed. The new release then sets itself up: what its service needs
is known by it and not by the release that is asked to install it. Standard library only.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from licserver.cli._server import ServerNotRunningError, ask_server
from licserver.distribution import DistributionError
from licserver.distribution.archive import Description, unpacked
from licserver.distribution.places import Places
from licserver.distribution.save import this_description
from licserver.settings import read_settings

COMPLETE = ".complete"
"""Lies in a release that is whole, and holds its version."""
PORTS = (15200, 15201)


class Home(Protocol):
    """A kind of computer that a server can be installed on."""

    def refuse_unfit(self) -> None:
        """See that this computer and this account are fit.

        :raises DistributionError: no administrator, no service manager, or an older license server runs.
        """

    def keeps_ports(self) -> bool:
        """Whether the service manager listens on the server's ports for it, also while it does not run."""

    def put_release(self, folder: Path, release: Path, version: str) -> None:
        """Make a release of an unpacked distribution, all but its mark of completeness.

        :raises DistributionError: it cannot be made.
        """

    def python_of(self, release: Path) -> Path:
        """The Python that a release runs on."""

    def set_up(self, places: Places, version: str, *, network: bool) -> bool:
        """Have a release in use and served; whether something had to be done. Called in that release.

        :param network: whether a first ini lets other computers in.
        :raises LicensingError: it does not serve.
        """


def this_home() -> Home:
    """The kind of this computer."""
    if sys.platform == "win32":
        from licserver.distribution.windows import WindowsHome

        return WindowsHome()
    else:  # noqa: RET505 - a type checker for Windows passes over it only here
        from licserver.distribution.linux import LinuxHome

        return LinuxHome()


def install(source: Path, places: Places, *, network: bool, home: Home, say: Callable[[str], None]) -> dict[str, Any]:
    """Install a distribution and have its server serve.

    :param say: is told what is being done.
    :raises DistributionError: this computer or the distribution is not fit, or something failed on the way.
    """
    home.refuse_unfit()
    if not home.keeps_ports():
        _refuse_taken_ports(places)
    with unpacked(source) as (folder, description):
        _refuse_foreign(description)
        release = places.release(description.version)
        made = not (release / COMPLETE).exists()
        if made:
            say(f"Putting release {description.version} into {release}")
            _make(home, folder, release, description.version)
    say("Starting the service")
    return _set_up(home, release, places, network=network, made=made, version=description.version)


def _refuse_foreign(description: Description) -> None:
    here = this_description()
    for what, theirs, own in (
        ("the system", description.system, here.system),
        ("the processor", description.machine.casefold(), here.machine.casefold()),
        # on Windows a release brings its own
        ("Python", description.python, here.python if here.system != "win32" else description.python),
    ):
        if theirs != own:
            raise DistributionError(
                "foreign_distribution",
                f"this distribution is for {what} {theirs}, and here is {own}",
                hint="Save one on a computer like this one, or install with the role license_server",
            )


def _refuse_taken_ports(places: Places) -> None:
    """See that no other program, such as an older license server, listens where this one is to."""
    try:
        ask_server(places.state, "GET", "/info", field="server")
    except ServerNotRunningError:
        settings = read_settings(places.ini) if places.ini.exists() else None
        for port in (settings.port, settings.web_port) if settings else PORTS:
            with socket.socket() as tried:
                tried.settimeout(2)
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    raise DistributionError(
                        "port_taken",
                        f"another program listens on TCP port {port}, perhaps an older license server",
                        hint="Stop it, and programs that use its keys, before installing",
                    ) from None


def _make(home: Home, folder: Path, release: Path, version: str) -> None:
    os.umask(0o022)  # the account of the service reads it
    shutil.rmtree(release, ignore_errors=True)  # what an interrupted installation left
    try:
        release.parent.mkdir(parents=True, exist_ok=True)
        home.put_release(folder, release, version)
        found = run_program([str(home.python_of(release)), "-m", "licserver.cli.licctl", "--version"]).strip()
        if found != version:
            raise DistributionError("bad_distribution", f"the distribution of {version} holds release {found}")
        (release / COMPLETE).write_text(f"{version}\n", encoding="ascii")
    except OSError as error:
        shutil.rmtree(release, ignore_errors=True)
        where = error.filename or release
        raise DistributionError("install_failed", f"{where}: {error.strerror or error}") from error
    except DistributionError:
        shutil.rmtree(release, ignore_errors=True)
        raise


def _set_up(home: Home, release: Path, places: Places, *, network: bool, made: bool, version: str) -> dict[str, Any]:
    words = ["-m", "licserver.distribution.set_up", "--json", "--version", version, *(["--network"] if network else [])]
    for option, place in (("--install", places.install), ("--ini", places.ini), ("--state", places.state)):
        words += [option, str(place)]
    done = _run([str(home.python_of(release)), *words])
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = {"error": {"code": "install_failed", "message": _tail(done.stderr), "hint": ""}}
    if "error" in answer:
        error = answer["error"]
        raise DistributionError(error["code"], error["message"], hint=error["hint"])
    return {"changed": made or bool(answer["changed"]), "version": version, "release": str(release)}


def run_program(command: Sequence[str]) -> str:
    """What a program printed.

    :raises DistributionError: it is missing or failed.
    """
    done = _run(command)
    if done.returncode != 0:
        what = " ".join(command[:3])
        raise DistributionError("install_failed", f"{what} … failed: {_tail(done.stderr or done.stdout)}")
    return done.stdout


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run a program without what leads Python or pip elsewhere; modules speak UTF-8 on Windows too."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    environment = {**kept, "PYTHONUTF8": "1"}
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace", env=environment
        )
    except OSError as error:
        raise DistributionError("install_failed", f"{command[0]} cannot be run: {error.strerror or error}") from error


def _tail(text: str) -> str:
    return " / ".join(text.strip().splitlines()[-3:]) or "it said nothing"

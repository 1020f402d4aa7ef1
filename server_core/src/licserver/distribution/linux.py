# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A distribution on Linux with systemd."""

import grp
import os
import pwd
import re
import secrets
import shlex
import sys
from pathlib import Path

from licserver.distribution import DistributionError
from licserver.distribution.install import run_program
from licserver.distribution.places import Places
from licserver.distribution.serving import await_another, running
from licserver.distribution.texts import first_ini
from licserver.files import write_atomically
from licserver.settings import read_settings

assert sys.platform != "win32"

ACCOUNT = "protect"
SERVICE = "licserver"
UNITS = Path("/etc/systemd/system")
WATCHDOG_SECONDS = 60
_SYSTEMD = Path("/run/systemd/system")


class LinuxHome:
    """See :class:`licserver.distribution.install.Home`."""

    def refuse_unfit(self) -> None:
        """See :class:`licserver.distribution.install.Home`."""
        if os.geteuid() != 0:
            raise DistributionError(
                "forbidden", "installing the server needs administrator rights", hint="Run it as root, as with sudo"
            )
        if not _SYSTEMD.is_dir():
            raise DistributionError(
                "no_systemd",
                "systemd does not run this computer, and nothing else would start the server with it",
                hint="The role license_server runs it under a supervisor",
            )

    def keeps_ports(self) -> bool:
        """See :class:`licserver.distribution.install.Home`."""
        try:
            run_program(["systemctl", "is-active", "--quiet", f"{SERVICE}.socket"])
        except DistributionError:
            return False
        return True

    def put_release(self, folder: Path, release: Path, version: str) -> None:
        """See :class:`licserver.distribution.install.Home`."""
        python = str(Path(sys._base_executable).resolve())  # type: ignore[attr-defined] # named so since Python 3.7
        run_program([python, "-m", "venv", "--without-pip", str(release)])
        (pip,) = folder.glob("pip-*.whl")
        flags = ["--quiet", "--no-input", "--no-index", "--no-cache-dir", f"--find-links={folder}"]
        wanted = [f"protect-licensing=={version}", "pip"]
        run_program([str(self.python_of(release)), str(pip / "pip"), "install", *flags, *wanted])

    def python_of(self, release: Path) -> Path:
        """See :class:`licserver.distribution.install.Home`."""
        return release / "bin" / "python"

    def set_up(self, places: Places, version: str, *, network: bool) -> bool:
        """See :class:`licserver.distribution.install.Home`."""
        os.umask(0o022)
        changes = [
            self._make_account(places),
            self._make_state(places),
            self._write_first_ini(places, network=network),
            self._switch(places, version),
        ]
        ports_changed = _write_unit("socket", unit_text("socket.j2", places))
        service_changed = _write_unit("service", unit_text("systemd.j2", places))
        runs = running(places)
        if not any((*changes, ports_changed, service_changed)) and runs is not None:
            return False
        run_program(["systemctl", "daemon-reload"])
        run_program(["systemctl", "enable", "--quiet", f"{SERVICE}.socket", f"{SERVICE}.service"])
        if ports_changed or runs is None:
            run_program(["systemctl", "stop", f"{SERVICE}.service"])
            run_program(["systemctl", "restart", f"{SERVICE}.socket"])
        run_program(["systemctl", "restart", f"{SERVICE}.service"])
        await_another(places, runs, hint=f"Its journal says why: journalctl --unit {SERVICE}")
        return True

    def _make_account(self, places: Places) -> bool:
        made = False
        if ACCOUNT not in {group.gr_name for group in grp.getgrall()}:
            run_program(["groupadd", "--system", ACCOUNT])
            made = True
        if ACCOUNT not in {user.pw_name for user in pwd.getpwall()}:
            options = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "--gid", ACCOUNT]
            run_program(["useradd", *options, "--home-dir", str(places.state), ACCOUNT])
            made = True
        return made

    def _make_state(self, places: Places) -> bool:
        if places.state.exists():
            return False
        places.state.mkdir(parents=True, mode=0o700)
        owner = pwd.getpwnam(ACCOUNT)
        os.chown(places.state, owner.pw_uid, owner.pw_gid)
        return True

    def _write_first_ini(self, places: Places, *, network: bool) -> bool:
        if places.ini.exists():
            return False
        places.ini.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(places.ini, first_ini(local=not network).encode(), mode=0o660)
        os.chown(places.ini, 0, grp.getgrnam(ACCOUNT).gr_gid)
        return True

    def _switch(self, places: Places, version: str) -> bool:
        current, wanted = places.install / "current", f"releases/{version}"
        if current.is_symlink() and os.readlink(current) == wanted:
            return False
        draft = places.install / f".current.{secrets.token_hex(4)}"
        draft.symlink_to(wanted)
        draft.replace(current)
        return True


def unit_text(template: str, places: Places) -> str:
    """A unit, letter by letter the one that the role writes for the same places and the same ini."""
    from jinja2 import Environment, FileSystemLoader  # the new release has it; what prepares an installation does not

    settings = read_settings(places.ini)
    address = settings.listen_address
    host = f"[{address}]:" if ":" in address else f"{address}:" if address else ""
    where = ["--ini", str(places.ini), "--state", str(places.state)]
    programs = places.install / "current" / "bin"
    service = {
        "name": SERVICE,
        "description": "License server",
        "command": [str(programs / "licserver"), "run", *where],
        "reload_command": [str(programs / "licctl"), *where, "reload"],
        "watchdog_seconds": WATCHDOG_SECONDS,
        "user": ACCOUNT,
        "group": ACCOUNT,
        "state_dir": str(places.state),
        "config_dir": str(places.ini.parent),
        "low_port": False,
        "listen": [f"{host}{port}" for port in (settings.port, settings.web_port)],
    }
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), trim_blocks=True, keep_trailing_newline=True, autoescape=False
    )
    environment.filters["quote"] = shlex.quote
    environment.tests["match"] = lambda text, pattern: re.match(pattern, text) is not None
    return environment.get_template(template).render(service=service)


def _write_unit(kind: str, text: str) -> bool:
    unit = UNITS / f"{SERVICE}.{kind}"
    if unit.exists() and unit.read_text(encoding="utf-8") == text:
        return False
    write_atomically(unit, text.encode(), mode=0o644)
    return True

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A distribution on Windows."""

import ctypes
import os
import shutil
import sys
from pathlib import Path

import pywintypes
import win32service
import win32serviceutil

from licserver.distribution import DistributionError
from licserver.distribution.install import run_program
from licserver.distribution.places import Places
from licserver.distribution.save import RELEASE_FOLDER
from licserver.distribution.serving import await_another, running
from licserver.distribution.texts import first_ini, licctl_command, service_command
from licserver.files import write_atomically
from licserver.service.names import DESCRIPTION, NAME
from licserver.settings import read_settings
from licserver.system import this_system

assert sys.platform == "win32"

OLDER_PROGRAM = "keyserver.exe"
OLDER_SERVICE = "Сервер защиты"
_RESTARTS = [(win32service.SC_ACTION_RESTART, 5_000), (win32service.SC_ACTION_RESTART, 60_000)]
_DAY = 86_400
_STOP_SECONDS = 60
_UNKNOWN_LEVEL = 124


class WindowsHome:
    """See :class:`licserver.distribution.install.Home`."""

    def refuse_unfit(self) -> None:
        """See :class:`licserver.distribution.install.Home`."""
        if not ctypes.windll.shell32.IsUserAnAdmin():
            raise DistributionError(
                "forbidden",
                "installing the server needs administrator rights",
                hint='Run it in a command prompt that was opened with "Run as administrator"',
            )
        older = _older_server()
        if older is not None:
            raise DistributionError(
                "older_server",
                f"an older license server is installed here, the service {older}",
                hint="Stop and disable it, and programs that use its keys, before installing",
            )

    def keeps_ports(self) -> bool:
        """See :class:`licserver.distribution.install.Home`."""
        return False

    def put_release(self, folder: Path, release: Path, version: str) -> None:
        """See :class:`licserver.distribution.install.Home`."""
        this_system().make_private(release.parent.parent)
        shutil.copytree(folder / RELEASE_FOLDER, release)

    def python_of(self, release: Path) -> Path:
        """See :class:`licserver.distribution.install.Home`."""
        return release / "python.exe"

    def set_up(self, places: Places, version: str, *, network: bool) -> bool:
        """See :class:`licserver.distribution.install.Home`."""
        try:
            return self._set_up(places, version, network=network)
        except pywintypes.error as error:
            raise DistributionError("install_failed", f"{error.funcname}: {error.strerror}") from error

    def _set_up(self, places: Places, version: str, *, network: bool) -> bool:
        changes = [
            _write(places.ini, first_ini(local=not network).replace("\n", "\r\n"), only_first=True),
            _write(places.install / "licctl.cmd", licctl_command(places, version, os.environ)),
            _define_service(service_command(places, version, os.environ)),
            _open_firewall(places),
        ]
        runs = running(places)
        if not any(changes) and runs is not None:
            return False
        if win32serviceutil.QueryServiceStatus(NAME)[1] != win32service.SERVICE_STOPPED:
            win32serviceutil.StopService(NAME)
            win32serviceutil.WaitForServiceStatus(NAME, win32service.SERVICE_STOPPED, _STOP_SECONDS)
        win32serviceutil.StartService(NAME)
        await_another(places, runs, hint=rf"Its log says why: {places.state}\log\licserver.log")
        return True


def _older_server() -> str | None:
    manager = win32service.OpenSCManager(None, None, win32service.SC_MANAGER_ENUMERATE_SERVICE)
    for name, display_name, _ in win32service.EnumServicesStatus(manager, win32service.SERVICE_WIN32):
        service = win32service.OpenService(manager, name, win32service.SERVICE_QUERY_CONFIG)
        _, start, _, path, *_ = win32service.QueryServiceConfig(service)
        is_older = OLDER_PROGRAM in path.casefold() or OLDER_SERVICE in (name, display_name)
        if is_older and start != win32service.SERVICE_DISABLED:
            return str(name)
    return None


def _write(path: Path, text: str, *, only_first: bool = False) -> bool:
    if path.exists() and (only_first or path.read_bytes() == text.encode()):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode())
    return True


def _define_service(command: str) -> bool:
    kind, start, error = (
        win32service.SERVICE_WIN32_OWN_PROCESS,
        win32service.SERVICE_AUTO_START,
        win32service.SERVICE_ERROR_NORMAL,
    )
    access = win32service.SERVICE_ALL_ACCESS
    manager = win32service.OpenSCManager(None, None, win32service.SC_MANAGER_ALL_ACCESS)
    known = {name for name, *_ in win32service.EnumServicesStatus(manager, win32service.SERVICE_WIN32)}
    if NAME not in known:
        service = win32service.CreateService(
            manager, NAME, NAME, access, kind, start, error, command, None, False, None, None, None
        )
    else:
        service = win32service.OpenService(manager, NAME, access)
        _, start_now, _, command_now, *_ = win32service.QueryServiceConfig(service)
        if start_now == start and os.path.expandvars(command_now) == os.path.expandvars(command):
            return False
        win32service.ChangeServiceConfig(service, kind, start, error, command, None, False, None, None, None, NAME)
    actions = {"ResetPeriod": _DAY, "RebootMsg": "", "Command": "", "Actions": _RESTARTS}
    for level, value in (
        (win32service.SERVICE_CONFIG_DESCRIPTION, DESCRIPTION),
        (win32service.SERVICE_CONFIG_FAILURE_ACTIONS, actions),
        (win32service.SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, True),
    ):
        try:
            win32service.ChangeServiceConfig2(service, level, value)
        except pywintypes.error as error:
            if error.winerror != _UNKNOWN_LEVEL:  # a system that cannot restart services starts them all the same
                raise
    return True


def _open_firewall(places: Places) -> bool:
    """Let clients of the network in, or nobody, as the ini says."""
    settings = read_settings(places.ini)
    changed = False
    for what, protocol, ports in (
        ("licenses and web page", "tcp", f"{settings.port},{settings.web_port}"),
        ("discovery", "udp", "15200"),
    ):
        rule = f"name={NAME}: {what}"
        is_open = _netsh("show", rule)
        if settings.local and is_open:
            changed |= _netsh("delete", rule)
        if not settings.local and not is_open:
            words = [rule, "dir=in", "action=allow", f"protocol={protocol}", f"localport={ports}"]
            run_program(["netsh", "advfirewall", "firewall", "add", "rule", *words])
            changed = True
    return changed


def _netsh(verb: str, rule: str) -> bool:
    try:
        run_program(["netsh", "advfirewall", "firewall", verb, "rule", rule])
    except DistributionError:
        return False
    return True

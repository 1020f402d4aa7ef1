# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts that lie in a distribution for people, and the two commands that begin an installation."""

from collections.abc import Mapping
from pathlib import PurePath, PureWindowsPath

from licserver.distribution.archive import SUMS, Description
from licserver.distribution.places import Places

LINUX_INSTALLER = """#!/bin/sh
# Installs the license server from this folder. Options are those of: licctl distribution install --help
folder=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
PYTHONPATH=$(echo "$folder"/protect_licensing-*.whl) exec "${PYTHON:-python3}" -m licserver.cli.licctl \\
  distribution install "$folder" "$@"
"""
WINDOWS_INSTALLER = """@echo off\r
rem Installs the license server from this folder. Options are those of: licctl distribution install --help\r
"%~dp0release\\python.exe" -X utf8 -m licserver.cli.licctl distribution install "%~dp0." %*\r
"""
_SYSTEMS = {"linux": "Linux", "win32": "Windows"}
_HOW = {
    "linux": ("sudo sh install.sh", f"sha256sum -c {SUMS}"),
    "win32": ("install.cmd", f"certutil -hashfile FILE SHA256   ({SUMS})"),
}


def readme(description: Description) -> str:
    """What a person who finds the archive must know, in English and in Russian."""
    install, check = _HOW.get(description.system, _HOW["linux"])
    system = f"{_SYSTEMS.get(description.system, description.system)} {description.machine}"
    needs = f", Python {description.python}, systemd" if description.system == "linux" else ""
    text = f"""License server {description.version}, for {system}{needs}

  Unpack this archive, and run in its folder, as an administrator:

      {install}

  No internet is needed. With --network the server serves other computers too; without it only this one.
  Keys and settings are not in the archive: a software key works on its own computer only.
  To check that the archive is whole (the installation does so too):

      {check}


Сервер лицензирования {description.version}, для {system}{needs}

  Распакуйте архив и запустите в его папке с правами администратора:

      {install}

  Интернет не нужен. С ключом --network сервер обслуживает и другие компьютеры, без него только этот.
  Ключей защиты и настроек в архиве нет: программный ключ работает только на своём компьютере.
  Проверить, что архив цел (установка тоже это делает):

      {check}
"""
    return text.replace("\n", "\r\n") if description.system == "win32" else text


def first_ini(*, local: bool) -> str:
    """The ini of a server that has none yet, as the role writes it."""
    return f"""; The license server reads this file when it starts. Unknown keys and comments are kept.
; TCP ports for licenses and for the web page
port=15200
WebPort=15201
; 1: only programs on this computer are served
Local={int(local)}
; The IP address to listen on; empty: all interfaces
BindAddress=
; Minutes for which a license stays with a silent holder
IdleTime=10
"""


def service_command(places: Places, version: str, environment: Mapping[str, str]) -> str:
    """The command of the Windows service, letter by letter the one that the role defines."""
    python = rf'"{_by_variable(places.install, environment)}\releases\{version}\python.exe"'
    return f"{python} -X utf8 -m licserver.service.windows {_options(places, environment)}"


def licctl_command(places: Places, version: str, environment: Mapping[str, str]) -> str:
    """``licctl.cmd``, as the role writes it: the one place that says which release is in use."""
    program = rf'"%~dp0releases\{version}\python.exe"'
    return f"@{program} -X utf8 -m licserver.cli.licctl {_options(places, environment)} %*"


def _options(places: Places, environment: Mapping[str, str]) -> str:
    return f'--ini "{_by_variable(places.ini, environment)}" --state "{_by_variable(places.state, environment)}"'


def _by_variable(path: PurePath, environment: Mapping[str, str]) -> str:
    r"""A path as the role writes it, beginning with ``%ProgramFiles%`` or ``%ProgramData%`` where it lies there."""
    for name in ("ProgramFiles", "ProgramData"):
        root = PureWindowsPath(environment.get(name.upper(), "\\"))
        if PureWindowsPath(path).is_relative_to(root) and root.name:
            return f"%{name}%\\{PureWindowsPath(path).relative_to(root)}"
    return str(path)

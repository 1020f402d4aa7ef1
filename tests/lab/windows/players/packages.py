# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Player of win_package: installers are run for real, and what they leave in the registry is looked at."""

from __future__ import annotations

from typing import Any

from ..command_lines import split
from ..played_host import Machine, PlayedHost
from .paths import checksum
from .programs import find_program
from .services import machine_of
from .stage import Answer, Call, ModuleError, player
from .versions import number_of

UNINSTALL = (
    r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall",
    r"SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall",
)
OPTIONS = (
    "path arguments chdir checksum checksum_algorithm creates_path creates_service creates_version "
    "expected_return_code product_id"
)


@player("ansible.windows.win_package", options=f"{OPTIONS} provider state", left_out="checksum")
def win_package(host: PlayedHost, call: Call) -> Answer:
    options = call.options
    machine = machine_of(host)
    path = options["path"]
    _refuse_what_is_not_played(options)
    if path and not host.disk.local(path).is_file() and not call.check:
        raise ModuleError(f"the file at the path '{path}' cannot be reached", reboot_required=False)
    entry = _entry(machine, options["product_id"]) if options["product_id"] else None
    installed = entry is not None
    if options["creates_path"]:
        created = host.disk.local(options["creates_path"])
        installed = created.exists()
        if installed and options["creates_version"]:
            installed = number_of(host, created) == options["creates_version"]
    if options["creates_service"]:
        installed = machine.ask("services.read", name=options["creates_service"]) is not None
    answer: Answer = {"changed": installed != (options["state"] == "present"), "rc": 0, "reboot_required": False}
    if not answer["changed"] or call.check:
        return answer
    if options["state"] == "present":
        _check_sum(host, options)
        line = [path, *_words(options["arguments"])]
    else:
        line = [*split(_uninstaller(entry, options)), *_words(options["arguments"])]
    folder = host.disk.local(options["chdir"] or "")
    program = find_program(host, line[0], folder)
    if program is None:
        raise ModuleError(f"the program '{line[0]}' is not there", reboot_required=False)
    code, stdout, stderr = machine.run([program, *line[1:]], folder, call.variables or {}, b"")
    answer |= {"rc": code, "reboot_required": code == 3010}
    if code not in options["expected_return_code"]:
        said = {"stdout": stdout.decode(errors="replace"), "stderr": stderr.decode(errors="replace")}
        raise ModuleError(f"unexpected rc from '{' '.join(line)}': see rc, stdout, and stderr", **(answer | said))
    return answer


def _refuse_what_is_not_played(options: dict[str, Any]) -> None:
    path = options["path"] or ""
    if path.lower().startswith("http") or (path and not path.lower().endswith(".exe")):
        raise ModuleError(f"the lab plays win_package with installers that are .exe files on the host, not {path}")
    if options["provider"] not in ("auto", "registry"):
        raise ModuleError("the lab plays win_package with the provider registry only")
    if options["state"] == "present" and not path:
        raise ModuleError("state is present but all of the following are missing: path")


def _entry(machine: Machine, product: str) -> dict[str, Any] | None:
    found = (machine.ask("registry.read", hive="HKLM", key=rf"{folder}\{product}") for folder in UNINSTALL)
    return next((entry for entry in found if entry is not None), None)


def _uninstaller(entry: dict[str, Any] | None, options: dict[str, Any]) -> str:
    values = entry["values"] if entry else {}
    kind_and_line = values.get("QuietUninstallString") or values.get("UninstallString")
    if kind_and_line:
        return str(kind_and_line[1])
    if options["path"]:
        return f'"{options["path"]}"'
    raise ModuleError(f"nothing says how {options['product_id']} is removed", reboot_required=False)


def _check_sum(host: PlayedHost, options: dict[str, Any]) -> None:
    if not options["checksum"]:
        return
    found = checksum(host.disk.local(options["path"]), options["checksum_algorithm"])
    if found.lower() != options["checksum"].lower():
        wanted = options["checksum"]
        raise ModuleError(f"The checksum for {options['path']} did not match '{wanted}', it was '{found}'")


def _words(arguments: Any) -> list[str]:
    return split(arguments) if isinstance(arguments, str) else [str(word) for word in arguments or []]

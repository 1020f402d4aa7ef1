# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Players of modules for services. They act on the service control manager of the computer.

What Wine's service control manager takes but does not keep (dependencies, delayed start, failure actions …) is noted by
the lab beside it, and forgotten when the service is gone.
"""

from __future__ import annotations

from typing import Any

from ..played_host import Machine, PlayedHost
from .stage import Answer, Call, ModuleError, player

KEPT_BY_WINDOWS = ("path", "display_name", "error_control", "description")
NOTED: dict[str, Any] = {
    "dependencies": [],
    "failure_actions": [],
    "failure_actions_on_non_crash_failure": False,
    "failure_command": "",
    "failure_reboot_msg": "",
    "failure_reset_period_sec": 0,
    "pre_shutdown_timeout_ms": 180000,
    "required_privileges": [],
    "sid_info": "none",
}
"""What is noted only, and what a service has of it when nothing was said."""
OTHERS = "name path display_name description error_control start_mode state dependency_action username desktop_interact"
LOCAL_SYSTEM = ("localsystem", "system", r"nt authority\system", "s-1-5-18")


@player("ansible.windows.win_service", options=f"{OTHERS} force_dependent_services {' '.join(NOTED)}")
def win_service(host: PlayedHost, call: Call) -> Answer:
    options, services = call.options, Services(host)
    if (options["username"] and options["username"].lower() not in LOCAL_SYSTEM) or options["desktop_interact"]:
        raise ModuleError("the lab plays services that run as LocalSystem only, without a desktop")
    before = services.find(options["name"])
    name = before["name"] if before else options["name"]
    if options["state"] == "absent":
        if before and not call.check:
            services.delete(name)
        return _with_diff({"changed": before is not None, "exists": False}, call, before, None)
    wanted = _wanted(options, before, host)
    if before is None and options["path"] is None:
        if not wanted and not options["state"]:
            return {"changed": False, "exists": False}
        raise ModuleError(
            f"Service '{name}' is not installed, need to set 'path' to create a new service", exists=False
        )
    changes = {key: value for key, value in wanted.items() if before is None or before[key] != value}
    changed = bool(changes) or before is None or _moves(options["state"], before)
    if changed and not call.check:
        services.apply(name, changes, new=before is None)
        services.move(name, options["state"])
    after = services.find(name) or (before or {"name": name}) | changes
    answer: Answer = {"changed": changed, "exists": True}
    if before is not None or not call.check:
        answer |= {key: after[key] for key in ("name", "display_name", "start_mode", "path", "description", "username")}
        answer |= {"desktop_interact": after["desktop_interact"], "dependencies": after["dependencies"]}
        answer |= {"depended_by": after["dependency_of"]}
        answer["can_pause_and_continue"] = "pause_continue" in after["controls_accepted"]
        answer["state"] = "running" if after["state"] == "started" else after["state"].replace("_", "")
    return _with_diff(answer, call, before, after)


@player("ansible.windows.win_service_info", options="name")
def win_service_info(host: PlayedHost, call: Call) -> Answer:
    services, wanted = Services(host), call.options["name"]
    if wanted and "*" in wanted:
        raise ModuleError("the lab does not play win_service_info with wildcards")
    found = [services.find(wanted)] if wanted else [services.find(name) for name in services.names()]
    described = [_described(one) for one in found if one]
    return {"changed": False, "exists": bool(described), "services": described}


def machine_of(host: PlayedHost) -> Machine:
    """Raises `ModuleError` on a desk."""
    if host.machine is None:
        raise ModuleError(f"{host.name} is a desk of the lab: only its disk is played, it has no services, no registry")
    return host.machine


class Services:
    """The services of a computer, with what is only noted of them."""

    def __init__(self, host: PlayedHost) -> None:
        self._host, self._machine = host, machine_of(host)

    def names(self) -> list[str]:
        names: list[str] = self._machine.ask("services.names")
        return names

    def find(self, name: str) -> dict[str, Any] | None:
        """A service by its name or by the name that it shows."""
        found: dict[str, Any] | None = self._machine.ask("services.read", name=name)
        if found is None:
            return None
        notes = self._host.records.table("services").get(found["name"].lower(), {})
        service = found | NOTED | {key: value for key, value in notes.items() if key != "delayed"}
        if notes.get("delayed") and service["start_mode"] == "auto":
            service["start_mode"] = "delayed"
        return service

    def apply(self, name: str, changes: dict[str, Any], *, new: bool) -> None:
        if new:
            self._note(name, None)
            self._machine.ask("services.create", name=name, path=changes["path"])
        direct = {key: changes[key] for key in KEPT_BY_WINDOWS if key in changes}
        notes = {key: changes[key] for key in NOTED if key in changes}
        if "start_mode" in changes:
            direct["start_mode"] = "auto" if changes["start_mode"] == "delayed" else changes["start_mode"]
            notes["delayed"] = changes["start_mode"] == "delayed"
        if direct:
            self._machine.ask("services.change", name=name, **direct)
        if notes:
            self._note(name, self._host.records.table("services").get(name.lower(), {}) | notes)

    def move(self, name: str, state: str | None) -> None:
        """Bring a service to the state that was asked for."""
        if state == "paused":
            raise ModuleError("the lab does not play pausing a service")
        service = self._machine.ask("services.read", name=name)
        if state in ("stopped", "restarted") and service["state"] != "stopped":
            self._machine.ask("services.stop", name=name)
        if state == "restarted" or (state == "started" and service["state"] != "started"):
            self._machine.ask("services.start", name=name)

    def delete(self, name: str) -> None:
        self.move(name, "stopped")
        self._machine.ask("services.delete", name=name)
        self._note(name, None)

    def _note(self, name: str, notes: dict[str, Any] | None) -> None:
        table = self._host.records.table("services")
        table.pop(name.lower(), None)
        self._host.records.replace("services", table | ({name.lower(): notes} if notes else {}))


def _wanted(options: dict[str, Any], before: dict[str, Any] | None, host: PlayedHost) -> dict[str, Any]:
    """What the options ask a service to have; options that were left out ask nothing."""
    wanted = {key: options[key] for key in (*KEPT_BY_WINDOWS, *NOTED, "start_mode") if options[key] is not None}
    if "path" in wanted:
        wanted["path"] = host.disk.expand(wanted["path"])
    for key in ("failure_reset_period_sec", "pre_shutdown_timeout_ms"):
        if key in wanted:
            wanted[key] = int(str(wanted[key]), 0)
    if "failure_actions" in wanted:
        wanted["failure_actions"] = [
            {"type": one["type"], "delay_ms": int(one["delay_ms"])} for one in wanted["failure_actions"]
        ]
    if "dependencies" in wanted:
        present = before["dependencies"] if before else []
        given = wanted["dependencies"]
        wanted["dependencies"] = {
            "add": present + [one for one in given if one not in present],
            "remove": [one for one in present if one not in given],
            "set": present if set(present) == set(given) else given,
        }[options["dependency_action"]]
    return wanted


def _moves(state: str | None, before: dict[str, Any]) -> bool:
    return state == "restarted" or (state is not None and state != before["state"])


def _described(service: dict[str, Any]) -> dict[str, Any]:
    renamed = {"failure_actions_on_non_crash_failure": "failure_action_on_non_crash_failure"}
    return {renamed.get(key, key): value for key, value in service.items()}


def _with_diff(answer: Answer, call: Call, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Answer:
    if not call.diff:
        return answer
    return answer | {"diff": {"before": before or "", "after": after or ""}}

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Players of modules that tell what a host is, and who asks."""

from __future__ import annotations

from typing import Any

from ..plan import USER
from ..played_host import PlayedHost
from .stage import Answer, Call, ModuleError, player

USER_SID = "S-1-5-21-1004336348-1177238915-682003330-500"
SYSTEM_NAME = "Microsoft Windows Server 2022 Standard"


@player("ansible.windows.win_ping", options="data")
def win_ping(host: PlayedHost, call: Call) -> Answer:
    if call.options["data"] == "crash":
        raise ModuleError("Unhandled exception while executing module: boom")
    return {"changed": False, "ping": call.options["data"]}


@player("ansible.windows.win_whoami", left_out="upn")
def win_whoami(host: PlayedHost, call: Call) -> Answer:
    machine = host.name.upper()
    administrator = host.settings.read().administrator
    attributes = ["Mandatory", "Enabled by default", "Enabled"]
    groups = [
        _account("S-1-1-0", "Everyone", "", "WellKnownGroup"),
        _account("S-1-5-32-545", "Users", "BUILTIN", "Alias"),
    ]
    if administrator:
        groups.append(_account("S-1-5-32-544", "Administrators", "BUILTIN", "Alias"))
    level = ("S-1-16-12288", "High") if administrator else ("S-1-16-8192", "Medium")
    privileges = {"SeChangeNotifyPrivilege": "enabled-by-default"}
    if administrator:
        privileges |= dict.fromkeys(("SeBackupPrivilege", "SeRestorePrivilege", "SeDebugPrivilege"), "enabled")
    answer: Answer = {
        "changed": False,
        "account": _account(USER_SID, USER, machine, "User"),
        "groups": [group | {"attributes": attributes} for group in groups],
        "label": _account(level[0], f"{level[1]} Mandatory Level", "Mandatory Label", "Label"),
        "privileges": privileges,
        "authentication_package": "NTLM",
        "user_flags": "",
        "logon_type": "Network",
        "impersonation_level": "SecurityAnonymous",
        "login_time": "2026-01-01T00:00:00+00:00",
        "login_domain": machine,
        "logon_server": machine,
        "logon_id": 4660,
        "dns_domain_name": "",
        "token_type": "TokenPrimary",
    }
    return answer | ({"rights": ["SeNetworkLogonRight"]} if administrator else {})


@player("ansible.windows.setup", options="gather_subset gather_timeout", internal_answers="ansible_facts")
def setup(host: PlayedHost, call: Call) -> Answer:
    machine, variables = host.name.upper(), host.disk.variables
    facts: dict[str, Any] = {
        "os_family": "Windows",
        "system": "Win32NT",
        "hostname": machine,
        "nodename": machine,
        "fqdn": machine,
        "domain": "",
        "windows_domain": "WORKGROUP",
        "windows_domain_member": False,
        "distribution": SYSTEM_NAME,
        "distribution_version": "10.0.20348.0",
        "distribution_major_version": "10",
        "os_name": SYSTEM_NAME,
        "os_product_type": "server",
        "os_installation_type": "Server",
        "kernel": "10.0.20348.0",
        "architecture": "64-bit",
        "architecture2": "x86_64",
        "powershell_version": 5,
        "user_id": USER,
        "user_sid": USER_SID,
        "user_dir": variables["USERPROFILE"],
        "env": variables,
        "system_vendor": "the lab",
    }
    return {"changed": False, "ansible_facts": {f"ansible_{name}": value for name, value in facts.items()}}


def _account(sid: str, name: str, domain: str, kind: str) -> dict[str, str]:
    return {"sid": sid, "account_name": name, "domain_name": domain, "type": kind}

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Players of modules for owners and access rights. They are noted only: nothing enforces them."""

from __future__ import annotations

import re

from ..played_host import PlayedHost
from .stage import Answer, Call, ModuleError, player

ACCOUNTS = {
    "system": r"NT AUTHORITY\SYSTEM",
    "localsystem": r"NT AUTHORITY\SYSTEM",
    "network service": r"NT AUTHORITY\NETWORK SERVICE",
    "local service": r"NT AUTHORITY\LOCAL SERVICE",
    "administrators": r"BUILTIN\Administrators",
    "users": r"BUILTIN\Users",
    "everyone": "Everyone",
    "authenticated users": r"NT AUTHORITY\Authenticated Users",
    "creator owner": "CREATOR OWNER",
    "administrator": "Administrator",
}
SIDS = {
    "s-1-5-18": "system",
    "s-1-5-20": "network service",
    "s-1-5-19": "local service",
    "s-1-5-32-544": "administrators",
    "s-1-5-32-545": "users",
    "s-1-1-0": "everyone",
    "s-1-5-11": "authenticated users",
    "s-1-3-0": "creator owner",
}
RIGHTS = re.compile(
    r"AppendData|ChangePermissions|CreateDirectories|CreateFiles|Delete|DeleteSubdirectoriesAndFiles|ExecuteFile|"
    r"FullControl|ListDirectory|Modify|Read|ReadAndExecute|ReadAttributes|ReadData|ReadExtendedAttributes|"
    r"ReadPermissions|Synchronize|TakeOwnership|Traverse|Write|WriteAttributes|WriteData|WriteExtendedAttributes"
)


@player("ansible.windows.win_acl", options="path user state type rights inherit propagation", checks=False)
def win_acl(host: PlayedHost, call: Call) -> Answer:
    options = call.options
    path = host.disk.local(options["path"])
    if "%" in options["path"] or not path.exists():  # variables are not expanded by this module
        raise ModuleError(f"{options['path']} file or directory does not exist on the host")
    account = _account(options["user"], host)
    if account is None:
        raise ModuleError(f"{options['user']} is not a valid user or group on the host machine or domain")
    rights = sorted(one.strip() for one in options["rights"].split(","))
    unknown = [one for one in rights if not RIGHTS.fullmatch(one)]
    if unknown:
        raise ModuleError(f"the lab does not know the right {', '.join(unknown)}")
    inherit = "None" if path.is_file() else options["inherit"] or "ContainerInherit, ObjectInherit"
    entry = [account, options["type"], rights, inherit, options["propagation"]]
    shown, rules = host.disk.windows(path), host.records.table("access")
    present = rules.get(shown, [])
    if (entry in present) == (options["state"] == "present"):
        return {"changed": False}
    others = [one for one in present if one != entry]
    rules[shown] = [*others, entry] if options["state"] == "present" else others
    host.records.replace("access", rules)
    return {"changed": True}


@player("ansible.windows.win_acl_inheritance", options="path state reorganize")
def win_acl_inheritance(host: PlayedHost, call: Call) -> Answer:
    options = call.options
    path = host.disk.local(options["path"])
    if not path.exists():
        raise ModuleError(f"{options['path']} file or directory does not exist on the host")
    if options["reorganize"]:
        raise ModuleError("the lab does not play win_acl_inheritance with reorganize")
    shown, closed = host.disk.windows(path), host.records.table("closed")
    wanted = {path: True for path in closed if path != shown} | ({shown: True} if options["state"] == "absent" else {})
    if wanted != closed and not call.check:
        host.records.replace("closed", wanted)
    return {"changed": wanted != closed}


@player("ansible.windows.win_owner", options="path user recurse")
def win_owner(host: PlayedHost, call: Call) -> Answer:
    options = call.options
    path = host.disk.local(options["path"])
    if not path.exists():
        raise ModuleError(f"{options['path']} file or directory does not exist on the host")
    account = _account(options["user"], host)
    if account is None:
        raise ModuleError(f"{options['user']} is not a valid user or group on the host machine or domain")
    owners = host.records.table("owners")
    paths = [path, *path.rglob("*")] if options["recurse"] else [path]
    wanted = owners | {host.disk.windows(one): account for one in paths}
    if wanted != owners and not call.check:
        host.records.replace("owners", wanted)
    return {"changed": wanted != owners}


def _account(text: str, host: PlayedHost) -> str | None:
    """The full name of an account; None when Windows would not know it."""
    known = SIDS.get(text.lower(), text.lower())
    prefixes = ("nt authority\\", "builtin\\", ".\\", f"{host.name.lower()}\\")
    for prefix in prefixes:
        known = known.removeprefix(prefix)
    return ACCOUNTS.get(known)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Players of modules for the registry. They act on the registry of the computer."""

from __future__ import annotations

import base64
from typing import Any

from ..played_host import PlayedHost
from .services import machine_of
from .stage import Answer, Call, ModuleError, player

HIVES = ("HKLM", "HKCU", "HKCR", "HKU", "HKCC")
REGISTRY_NAMES = {
    "none": "REG_NONE",
    "string": "REG_SZ",
    "expandstring": "REG_EXPAND_SZ",
    "binary": "REG_BINARY",
    "dword": "REG_DWORD",
    "multistring": "REG_MULTI_SZ",
    "qword": "REG_QWORD",
}


@player("ansible.windows.win_regedit", options="path name data type state delete_key", hidden="data")
def win_regedit(host: PlayedHost, call: Call) -> Answer:
    options, machine = call.options, machine_of(host)
    hive, key = _hive_and_key(options["path"])
    present = machine.ask("registry.read", hive=hive, key=key)
    value = None if present is None or options["name"] is None else _value(present, options["name"])
    answer: Answer = {"changed": False, "data_changed": False, "data_type_changed": False}
    if options["state"] == "absent":
        if options["name"] is None and present is not None and options["delete_key"]:
            answer["changed"] = True
            if not call.check:
                machine.ask("registry.delete_key", hive=hive, key=key)
        elif value is not None:
            answer["changed"] = True
            if not call.check:
                machine.ask("registry.delete_value", hive=hive, key=key, name=options["name"])
        return answer
    kind, data = options["type"], _data(options["type"], options["data"])
    if value is not None:
        answer["data_type_changed"], answer["data_changed"] = value[0] != kind, value[1] != data
    fresh = present is None or (value is None and (options["name"] is not None or options["data"] is not None))
    answer["changed"] = fresh or answer["data_type_changed"] or answer["data_changed"]
    if answer["changed"] and not call.check:
        named = options["name"] is not None or options["data"] is not None
        setting = {"name": options["name"] or "", "kind": kind, "data": data} if named else {}
        machine.ask("registry.write", hive=hive, key=key, **setting)
    if call.diff:
        shown = {"type": REGISTRY_NAMES[kind], "value": data}
        before = {"type": REGISTRY_NAMES[value[0]], "value": value[1]} if value else {}
        places = {"before": before, "after": shown}
        answer["diff"] = {when: {options["path"]: {options["name"]: what}} for when, what in places.items()}
    return answer


@player("ansible.windows.win_reg_stat", options="path name", internal_answers="value raw_value")
def win_reg_stat(host: PlayedHost, call: Call) -> Answer:
    hive, key = _hive_and_key(call.options["path"])
    present = machine_of(host).ask("registry.read", hive=hive, key=key)
    if present is None:
        return {"changed": False, "exists": False}
    if call.options["name"] is None:
        properties = {name: _property(host, *value) for name, value in present["values"].items()}
        return {"changed": False, "exists": True, "properties": properties, "sub_keys": present["keys"]}
    value = _value(present, call.options["name"])
    return (
        {"changed": False, "exists": False}
        if value is None
        else {"changed": False, "exists": True, **_property(host, *value)}
    )


def _hive_and_key(path: str) -> tuple[str, str]:
    hive, _, key = path.replace("/", "\\").partition(":\\")
    if hive.upper() not in HIVES or not key:
        raise ModuleError(f"path: '{path}' is not a valid registry path, must be like HKLM:\\key")
    return hive.upper(), key.strip("\\")


def _value(present: dict[str, Any], name: str) -> tuple[str, Any] | None:
    found = next((value for one, value in present["values"].items() if one.lower() == name.lower()), None)
    return None if found is None else (found[0], found[1])


def _data(kind: str, data: Any) -> Any:
    """Data as the helper takes it: binary as base64, given as a list of numbers or as hexadecimal digits."""
    if kind in ("dword", "qword"):
        return int(str(data or 0), 0)
    if kind == "multistring":
        return data if isinstance(data, list) else ([str(data)] if data else [])
    if kind in ("binary", "none"):
        digits = str(data or "").removeprefix("hex:").replace(",", "")
        return base64.b64encode(bytes(data) if isinstance(data, list) else bytes.fromhex(digits)).decode()
    return "" if data is None else str(data)


def _property(host: PlayedHost, kind: str, data: Any) -> Answer:
    value = raw = data
    if kind in ("binary", "none"):
        value = list(base64.b64decode(data or ""))
        raw = [f"0x{byte:02x}" for byte in value]
    elif kind == "expandstring":
        value = host.disk.expand(data)
    return {"type": REGISTRY_NAMES[kind], "raw_value": raw, "value": value}

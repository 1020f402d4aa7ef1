# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``server_info``: what the server says of itself, or why it cannot be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._licctl import NOT_INSTALLED, Licctl, LicctlError

_NOTHING_RUNS: dict[str, Any] = {
    "running": False,
    "problem": None,
    "server": None,
    "keys": [],
    "connections": 0,
    "alarms": [],
}


def read_server(licctl: Licctl) -> dict[str, Any]:
    """The answer of ``licctl info``; a problem is in it, for people as ``msg`` too, and never raised."""
    try:
        info = licctl.call("info")
    except LicctlError as error:
        info = {**_NOTHING_RUNS, "problem": str(error), "installed_version": None}
        installed = error.code != NOT_INSTALLED
    else:
        installed = True
    message = {"msg": info["problem"]} if info["problem"] else {}
    known = {name: info.get(name, default) for name, default in _NOTHING_RUNS.items()}
    installation = {"installed": installed, "current_version": info["installed_version"]}
    return {**installation, **known, "licenses": count_licenses(known["keys"]), **message}


def count_licenses(keys: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Limit, used and free licenses of each product and counter, of those keys that serve."""
    totals: dict[tuple[str, str, str], dict[str, Any]] = {}
    for key in keys:
        if key.get("state") != "active" or not key.get("use", True):
            continue
        for counter in key.get("counters", []):
            name = {"product": key["product"], "counter": counter["name"], "type": counter["type"]}
            total = totals.setdefault(tuple(name.values()), {**name, "limit": 0, "used": 0, "free": 0})
            total["limit"] += counter["limit"]
            total["used"] += counter["used"]
            total["free"] += max(0, counter["limit"] - counter["used"])
    return [totals[name] for name in sorted(totals)]

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``client_config``: the wanted settings and the bytes of ``client.ini`` give the planned file.

Pure: it reads and writes nothing, so it serves on the target and on the controller alike. docs/specification.md,
section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from ansible_collections.protect.licensing.plugins.module_utils._file_plan import FilePlan, plan_file
from ansible_collections.protect.licensing.plugins.module_utils._ini import (
    CLIENT_KEYS,
    IniText,
    check_client_ini,
    parse_servers,
    parse_tls_pins,
)

OPTIONS_SPEC: dict[str, dict[str, object]] = {
    "servers": {"type": "list", "elements": "str"},
    "access_code": {"type": "str", "no_log": True},
    "tls_pins": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
"""The options that the engine reads, as an argument specification."""

REQUIRED_IF: list[tuple[object, ...]] = [("state", "present", ("servers", "access_code", "tls_pins"), True)]
"""What must be given together, for the same."""


def plan_client_config(current: bytes | None, wanted: Mapping[str, object]) -> FilePlan:
    """Plan ``client.ini`` from its bytes (None: there is no file yet) and the options of ``client_config``.

    An option that is None leaves the file's value; an empty access code and an empty list of pins remove it. Raises
    :class:`ValueError`: an IniError for what is wrong in the file as it is or would be.
    """
    if wanted["state"] == "absent":
        return FilePlan(current, None, {"before": "(present)\n" if current is not None else "", "after": ""}, {})
    ini = IniText.parse(current or b"")
    if wanted["servers"] is not None:
        _set_list(ini, "server", "servers", cast("Sequence[str]", wanted["servers"]), parse_servers)
    if wanted["access_code"] == "":
        ini.remove("access_code")
    elif wanted["access_code"] is not None and ini.get("access_code") != wanted["access_code"]:
        ini.set("access_code", str(wanted["access_code"]))
    if wanted["tls_pins"] == []:
        ini.remove("tls_pins")
    elif wanted["tls_pins"] is not None:
        _set_list(ini, "tls_pins", "tls_pins", cast("Sequence[str]", wanted["tls_pins"]), parse_tls_pins)
    settings = check_client_ini(ini)
    shown: dict[str, object] = {
        "servers": settings["servers"],
        "access_code_set": settings["access_code"] is not None,
        "tls_pins": settings["tls_pins"],
    }
    return plan_file(current, ini, CLIENT_KEYS, shown)


def _set_list(ini: IniText, key: str, option: str, wanted: Sequence[str], parse: Callable[[str], list[str]]) -> None:
    """Have a key name a list; a value that means the same already is left as it is written."""
    try:
        parsed = parse(",".join(wanted))
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None
    try:
        same = parse(ini.get(key) or "") == parsed
    except ValueError:
        same = False
    if not same:
        ini.set(key, ",".join(parsed))

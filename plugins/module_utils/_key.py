# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``key``: has the options of a key be what is wanted.

The server compares: nobody else knows an access code. docs/specification.md, section 3, "Access codes".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._licctl import NOT_INSTALLED, Licctl, LicctlError

OPTIONS_SPEC: dict[str, dict[str, object]] = {
    "key_number": {"type": "str", "required": True, "no_log": False},
    "access_code": {"type": "str", "no_log": True},
    "use": {"type": "bool"},
}
"""The options that the engine reads, as an argument specification."""

_COMES_LATER = {
    NOT_INSTALLED: "There is no license server yet",
    "server_not_running": "The license server is not running",
    "unknown_key": "The key is not attached to the license server yet",
}


def ensure_options(licctl: Licctl, options: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """The module's answer after the key has its options; in check mode the server only says whether it would change.

    Raises what :meth:`Licctl.call` raises, and :class:`ValueError` where nothing is wanted.
    """
    wanted = {name: options[name] for name in ("access_code", "use") if options[name] is not None}
    if not wanted:
        raise ValueError("access_code, use: at least one of them is needed")
    request = {"key_number": options["key_number"], **wanted}
    try:
        answer = licctl.call("key", "set", "--request", "-", *(["--check"] if check_mode else []), request=request)
    except LicctlError as error:
        if not check_mode or error.code not in _COMES_LATER:
            raise
        note = f"{_COMES_LATER[error.code]}: a real run would set this, if the key is there by then."
        return {"changed": True, "key": None, "note": note, "diff": _diff(options, wanted, None)}
    return {"changed": answer["changed"], "key": answer["key"], "diff": _diff(options, wanted, answer)}


def _diff(options: Mapping[str, Any], wanted: Mapping[str, Any], answer: Mapping[str, Any] | None) -> dict[str, Any]:
    had = answer["before"] if answer else {}
    changes = answer["changes"] if answer else list(wanted)
    old_code = "(set)" if had.get("access_code_set") else ""
    before = {"access_code": old_code, "use": had.get("use")}
    after = dict(wanted)
    if wanted.get("access_code"):
        after["access_code"] = "(changed)" if old_code and "access_code" in changes else "(set)"
    title = f"key {options['key_number']}"
    shown = {name: before[name] for name in after if before[name] is not None}
    return {"before": shown, "after": after, "before_header": title, "after_header": title}

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``soft_key``: what the server knows of a key and what is wanted give what must be asked, if anything.

It asks the carrier only, so it serves on the target and on the controller alike. docs/specification.md, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.protect.licensing.plugins.module_utils._activation import (
    CARRIED_SPEC,
    Courier,
    Order,
    activate,
)
from ansible_collections.protect.licensing.plugins.module_utils._kit import read_kit
from ansible_collections.protect.licensing.plugins.module_utils._licctl import NOT_INSTALLED, Licctl, LicctlError

_COMPANY_SPEC: dict[str, dict[str, object]] = {
    "name": {"type": "str", "required": True},
    "tax_id": {"type": "str", "default": ""},
    "address": {"type": "str", "default": ""},
    "phone": {"type": "str", "default": ""},
    "email": {"type": "str", "default": ""},
}

OPTIONS_SPEC: dict[str, dict[str, object]] = {
    "key_number": {"type": "str", "required": True, "no_log": False},
    "pin": {"type": "str", "no_log": True},
    "kit": {"type": "json"},
    "company": {"type": "dict", "options": _COMPANY_SPEC},
    "center_url": {"type": "str"},
    "method": {"type": "str", "choices": ["online", "file", "phone", "relay"], "default": "online"},
    **CARRIED_SPEC,
    "phone_blocks": {"type": "str", "no_log": True},
    "reactivate": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "keep_copy": {"type": "bool", "default": True},
}
"""The options that the engine reads, as an argument specification."""


@dataclass(frozen=True)
class KeyFile:
    """The file of a key on the target, and how to find out whether it is there."""

    path: str
    exists: Callable[[], bool]


def ensure_key(
    licctl: Licctl,
    key_file: KeyFile,
    options: Mapping[str, Any],
    courier: Courier | None = None,
    *,
    check_mode: bool,
) -> Mapping[str, Any]:
    """The module's answer after the key is as wanted, or a step nearer to it; check mode spends nothing.

    Raises what :meth:`Licctl.call`, :func:`plan_order` and :func:`._activation.activate` raise.
    """
    wanted = options["state"] == "present"
    try:
        info = licctl.call("info")
    except LicctlError as error:
        if not check_mode or error.code != NOT_INSTALLED:
            raise
        would = "activate the key" if wanted else "find nothing to remove"
        return {"changed": wanted, "key": None, "note": f"There is no {licctl.path} yet: a real run would {would}."}
    if check_mode and not info["running"]:
        note = f"The license server is not running, so only the presence of {key_file.path} was looked at."
        return {"changed": key_file.exists() is not wanted, "key": None, "note": note}
    key = next((key for key in info["keys"] if key["key_number"] == options["key_number"]), None)
    if not wanted:
        if not info["running"]:
            raise LicctlError("server_not_running", str(info["problem"]))
        return _with_diff(_remove(licctl, key, options, check_mode=check_mode), options, key, "absent")
    if key is not None and key["state"] == "active":
        return {"changed": False, "key": key}
    order = plan_order(key, options)
    done = {"key": key, **activate(licctl, order, options, courier, check_mode=check_mode)}
    return _with_diff(done, options, key, done.pop("becomes", "active"))


def plan_order(key: Mapping[str, Any] | None, options: Mapping[str, Any]) -> Order:
    """What to ask of the server for a key that does not work, None where it does not know the key.

    Raises :class:`LicctlError`, code ``reactivation_needed``, for a key that no longer fits its computer while
    ``reactivate`` is off, and :class:`ValueError` for options that are missing or wrong.
    """
    number = options["key_number"]
    if key is not None and not options["reactivate"]:
        raise LicctlError(
            "reactivation_needed",
            f"key {number} does not work: {key['problem']}",
            "Set reactivate to true and give its next PIN to activate it again on this computer",
        )
    missing = [name for name in ("pin", "kit", "company") if not options[name]]
    if missing:
        raise ValueError(
            f"key {number} is not active yet, and to activate it {' and '.join(missing)} must be given"
            " (kit: the vendor's file that `liccenter kit` writes)"
        )
    content = {name: options[name] for name in ("key_number", "pin", "company", "center_url", "reactivate")}
    return Order(number, None, {**content, "kit": read_kit(options["kit"])})


def _remove(
    licctl: Licctl, key: Mapping[str, Any] | None, options: Mapping[str, Any], *, check_mode: bool
) -> dict[str, Any]:
    if key is None or check_mode:
        return {"changed": key is not None, "key": key}
    purge = [] if options["keep_copy"] else ["--purge"]
    answer = licctl.call("key", "remove", key["key_number"], *purge)
    return {"changed": answer["changed"], "key": None, "copy": answer["copy"]}


def _with_diff(
    done: dict[str, Any], options: Mapping[str, Any], key: Mapping[str, Any] | None, after: str
) -> dict[str, Any]:
    if not done["changed"]:
        return done
    title, before = f"key {options['key_number']}", "absent" if key is None else key["state"]
    diff = {"before": {"state": before}, "after": {"state": after}, "before_header": title, "after_header": title}
    return {**done, "diff": diff}

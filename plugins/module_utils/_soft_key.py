# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``soft_key``: what the server knows of a key and what is wanted give the request, if there must be one.

It asks the carrier only, so it serves on the target and on the controller alike. docs/specification.md, section 5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

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
    "method": {"type": "str", "choices": ["online"], "default": "online"},
    "reactivate": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present"], "default": "present"},
}
"""The options that the engine reads, as an argument specification."""


@dataclass(frozen=True)
class KeyFile:
    """The file of a key on the target, and how to find out whether it is there."""

    path: str
    exists: Callable[[], bool]


@dataclass(frozen=True)
class SoftKeyPlan:
    """The key as the server knows it, None if it does not, and the request that activates it, None if it is active.

    The request holds the PIN.
    """

    key: dict[str, Any] | None
    request: dict[str, Any] | None


def ensure_active(
    licctl: Licctl, key_file: KeyFile, options: Mapping[str, Any], *, check_mode: bool
) -> Mapping[str, Any]:
    """The module's answer after the key was activated, unless it was active already; check mode spends nothing.

    Raises what :meth:`Licctl.call` and :func:`plan_soft_key` raise.
    """
    try:
        info = licctl.call("info")
    except LicctlError as error:
        if not check_mode or error.code != NOT_INSTALLED:
            raise
        return {
            "changed": True,
            "key": None,
            "note": f"There is no {licctl.path} yet: a real run would activate the key.",
        }
    if check_mode and not info["running"]:
        note = f"The license server is not running, so only the presence of {key_file.path} was looked at."
        return {"changed": not key_file.exists(), "key": None, "note": note}
    plan = plan_soft_key(info["keys"], options)
    if plan.request is None or check_mode:
        return {"changed": plan.request is not None, "key": plan.key}
    return licctl.call("key", "activate", "--request", "-", request=plan.request)


def plan_soft_key(keys: list[dict[str, Any]], options: Mapping[str, Any]) -> SoftKeyPlan:
    """Tell what must be asked of the server so that the key of the options is active.

    ``keys`` are those of ``licctl info``. Raises :class:`LicctlError`, code ``reactivation_needed``, for a key that no
    longer fits its computer while ``reactivate`` is off, and :class:`ValueError` for options that are missing or wrong.
    """
    number = options["key_number"]
    key = next((key for key in keys if key["key_number"] == number), None)
    if key is not None and key["state"] == "active":
        return SoftKeyPlan(key, None)
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
    request = {name: options[name] for name in ("key_number", "pin", "company", "center_url", "reactivate")}
    return SoftKeyPlan(key, {**request, "kit": _kit(options["kit"])})


def _kit(text: str) -> dict[str, Any]:
    try:
        kit = json.loads(text)
    except ValueError as error:
        raise ValueError(f"kit: not a whole vendor's kit: {error}") from None
    if not isinstance(kit, dict) or kit.get("kind") != "protect-kit":
        raise ValueError("kit: not a vendor's kit (the file that `liccenter kit` writes)")
    return kit

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``license_pack``: has the licenses of a pack in a key.

It asks the carrier only, so it serves on the target and on the controller alike. docs/specification.md, section 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._activation import (
    CARRIED_SPEC,
    Courier,
    Order,
    activate,
)
from ansible_collections.protect.licensing.plugins.module_utils._licctl import NOT_INSTALLED, Licctl, LicctlError

OPTIONS_SPEC: dict[str, dict[str, object]] = {
    "key_number": {"type": "str", "required": True, "no_log": False},
    "pack": {"type": "str", "required": True},
    "password": {"type": "str", "no_log": True},
    "kit": {"type": "json"},
    "center_url": {"type": "str"},
    "method": {"type": "str", "choices": ["online", "file", "relay"], "default": "online"},
    **CARRIED_SPEC,
}
"""The options that the engine reads, as an argument specification."""


def ensure_pack(
    licctl: Licctl, options: Mapping[str, Any], courier: Courier | None = None, *, check_mode: bool
) -> Mapping[str, Any]:
    """The module's answer after the key has the licenses of the pack, or is a step nearer to it.

    Raises what :meth:`Licctl.call` and :func:`._activation.activate` raise, and :class:`ValueError` without a password.
    """
    number, pack = options["key_number"], options["pack"]
    try:
        info = licctl.call("info")
    except LicctlError as error:
        if not check_mode or error.code != NOT_INSTALLED:
            raise
        return _comes_later("There is no license server yet")
    if check_mode and not info["running"]:
        return _comes_later("The license server is not running")
    key = next((key for key in info["keys"] if key["key_number"] == number), None)
    if key is None and check_mode:
        return _comes_later("The key is not attached to the license server yet")
    if any(held["pack"] == pack for held in (key or {}).get("packs", [])):
        return {"changed": False, "key": key}
    if not options["password"]:
        raise ValueError(f"key {number} has no licenses of the pack {pack} yet, and password must be given for them")
    content = {name: options[name] for name in ("key_number", "pack", "password", "center_url")}
    order = Order(number, pack, content)
    done = {"key": key, **activate(licctl, order, options, courier, check_mode=check_mode)}
    after, title = done.pop("becomes", "active"), f"key {number}, pack {pack}"
    if not done["changed"]:
        return done
    diff = {"before": {"pack": "absent"}, "after": {"pack": after}, "before_header": title, "after_header": title}
    return {**done, "diff": diff}


def _comes_later(why: str) -> dict[str, Any]:
    note = f"{why}: a real run would activate the pack, if its key is there by then."
    return {"changed": True, "key": None, "note": note}

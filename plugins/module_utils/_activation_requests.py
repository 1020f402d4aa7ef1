# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``activation_request_info``: which requests of a server wait for their answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._licctl import NOT_INSTALLED, Licctl, LicctlError

_NOBODY_THERE = (NOT_INSTALLED, "server_not_running")


def read_requests(licctl: Licctl, options: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """The module's answer. Raises what :meth:`Licctl.call` raises; in check mode nobody there has no requests."""
    try:
        answer = licctl.call("requests")
    except LicctlError as error:
        if not check_mode or error.code not in _NOBODY_THERE:
            raise
        return {"changed": False, "requests": [], "damaged": [], "note": str(error)}
    return {"changed": False, "requests": answer["requests"], "damaged": answer.get("damaged", [])}

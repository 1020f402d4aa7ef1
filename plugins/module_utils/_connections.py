# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engines of ``connections_info`` and ``connection``: who holds licenses, and who is to hold them no more.

What is asked goes to the standard input of ``licctl``: names of users may hold anything, and the command shell of
Windows would read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._licctl import NOT_INSTALLED, Licctl, LicctlError

_COMMON_SPEC: dict[str, dict[str, object]] = {
    "user": {"type": "str"},
    "computer": {"type": "str"},
    "product": {"type": "str"},
    "key_number": {"type": "str", "no_log": False},
}
FILTER_SPEC: dict[str, dict[str, object]] = {
    **_COMMON_SPEC,
    "state": {"type": "str", "choices": ["active", "blocked"]},
}
"""The options that :func:`read_connections` reads, as an argument specification."""

RELEASE_SPEC: dict[str, dict[str, object]] = {
    **_COMMON_SPEC,
    "lease": {"type": "list", "elements": "str"},
    "all": {"type": "bool"},
    "state": {"type": "str", "choices": ["absent"], "default": "absent"},
}
"""The options that :func:`release_connections` reads, as an argument specification."""

_NOBODY_THERE = (NOT_INSTALLED, "server_not_running")


def read_connections(licctl: Licctl, options: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """The module's answer: every connection that the filter finds.

    Raises what :meth:`Licctl.call` raises; in check mode a host without a server that runs has no connections.
    """
    try:
        answer = licctl.call("connections", "--request", "-", request=_given(options, FILTER_SPEC))
    except LicctlError as error:
        if not check_mode or error.code not in _NOBODY_THERE:
            raise
        return {"changed": False, "connections": [], "note": str(error)}
    return {"changed": False, "connections": answer["connections"]}


def release_connections(licctl: Licctl, options: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """The module's answer after those that are meant were disconnected; in check mode it tells who would be.

    Raises what :meth:`Licctl.call` raises, and :class:`ValueError` where it is not said who is meant.
    """
    found = _given(options, _COMMON_SPEC)
    if [options["lease"] is not None, bool(options["all"]), bool(found)].count(True) != 1:
        raise ValueError("say whom to disconnect: lease, or a filter such as user, or all: true; one of the three")
    order = {"leases": options["lease"]} if options["lease"] is not None else found or {"all": True}
    words = ["connection", "release", "--request", "-", *(["--check"] if check_mode else [])]
    try:
        connections = licctl.call(*words, request=order)["connections"]
    except LicctlError as error:
        if not check_mode or error.code not in _NOBODY_THERE:
            raise
        return {"changed": False, "connections": [], "note": str(error)}
    lines = [_line(connection) for connection in connections]
    diff = {"before": "".join(lines), "after": "", "before_header": "connections", "after_header": "connections"}
    return {"changed": bool(connections), "connections": connections, "diff": diff}


def _given(options: Mapping[str, Any], names: Mapping[str, object]) -> dict[str, Any]:
    return {name: options[name] for name in names if options[name] is not None}


def _line(connection: Mapping[str, Any]) -> str:
    who = "{user} on {computer}".format(**connection)
    return "{}: {product}, {type}, key {key_number}, {state}, {lease}\n".format(who, **connection)

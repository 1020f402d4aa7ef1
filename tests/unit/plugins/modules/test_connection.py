# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules ``connection`` and ``connections_info`` on their target."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.modules import connection, connections_info

LIST = "connections --request -"
RELEASE = "connection release --request -"
ANNA = {
    **{"lease": "abc", "user": "Анна & Co", "computer": "pc1", "product": "retail", "type": "session"},
    **{"key_number": "100-0001", "state": "active"},
}
NOT_RUNNING = {"error": {"code": "server_not_running", "message": "it does not run", "hint": "Start it"}}


@pytest.fixture
def options(licctl) -> dict[str, Any]:
    return {"licctl": str(licctl.path)}


def released(*connections: object) -> dict[str, Any]:
    return {"changed": bool(connections), "released": len(connections), "connections": list(connections)}


def asked(licctl) -> Any:
    (call,) = licctl.calls
    return json.loads(call["stdin"])


def test_connections_are_listed_without_a_change(run_module, licctl, options) -> None:
    licctl.answers(**{LIST: {"connections": [ANNA]}})
    answer = run_module(connections_info, **options)
    assert (answer["changed"], answer["connections"], asked(licctl)) == (False, [ANNA], {})


def test_a_filter_goes_to_standard_input(run_module, licctl, options) -> None:
    licctl.answers(**{LIST: {"connections": []}})
    run_module(connections_info, user="Анна & Co", state="blocked", **options)
    assert asked(licctl) == {"user": "Анна & Co", "state": "blocked"}
    assert "Анна" not in str(licctl.calls[0]["argv"])


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        ({"lease": ["abc"]}, {"leases": ["abc"]}),
        ({"lease": []}, {"leases": []}),
        ({"all": True}, {"all": True}),
        ({"user": "anna", "key_number": "100-0001"}, {"user": "anna", "key_number": "100-0001"}),
    ],
)
def test_it_is_said_who_was_disconnected(
    run_module, licctl, options, wanted: dict[str, Any], order: dict[str, Any]
) -> None:
    licctl.answers(**{RELEASE: released(ANNA)})
    answer = run_module(connection, **wanted, **options)
    assert (answer["changed"], answer["connections"], asked(licctl)) == (True, [ANNA], order)
    assert answer["diff"]["before"] == "Анна & Co on pc1: retail, session, key 100-0001, active, abc\n"
    assert answer["diff"]["after"] == ""


def test_who_is_gone_already_is_no_change(run_module, licctl, options) -> None:
    licctl.answers(**{RELEASE: released()})
    assert run_module(connection, lease=["abc"], **options)["changed"] is False


def test_check_mode_tells_who_would_be_disconnected(run_module, licctl, options) -> None:
    licctl.answers(**{f"{RELEASE} --check": released(ANNA)})
    answer = run_module(connection, check_mode=True, all=True, **options)
    assert (answer["changed"], answer["connections"]) == (True, [ANNA])


@pytest.mark.parametrize(
    "wanted", [{}, {"all": False}, {"all": True, "user": "anna"}, {"lease": ["a"], "computer": "b"}]
)
def test_whom_to_disconnect_must_be_clear(run_module, licctl, options, wanted: dict[str, Any]) -> None:
    answer = run_module(connection, **wanted, **options)
    assert answer["failed"]
    assert licctl.calls == []


@pytest.mark.parametrize(("module", "wanted"), [(connections_info, {}), (connection, {"all": True})])
def test_a_bare_host_is_refused_and_in_check_mode_has_nobody(
    run_module, module: ModuleType, wanted: dict[str, Any]
) -> None:
    bare = {**wanted, "licctl": "/nowhere/licctl"}
    assert run_module(module, **bare)["code"] == "not_installed"
    answer = run_module(module, check_mode=True, **bare)
    assert (answer["changed"], answer["connections"]) == (False, [])
    assert "/nowhere/licctl" in answer["note"]


@pytest.mark.parametrize(("module", "wanted"), [(connections_info, {}), (connection, {"all": True})])
def test_a_server_that_stands_still_is_an_error(
    run_module, licctl, options, module: ModuleType, wanted: dict[str, Any]
) -> None:
    licctl.answers(**{LIST: NOT_RUNNING, RELEASE: NOT_RUNNING})
    answer = run_module(module, **wanted, **options)
    assert (answer["failed"], answer["code"], answer["msg"]) == (
        True,
        "server_not_running",
        "it does not run. Start it",
    )

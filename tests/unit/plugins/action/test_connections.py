# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``key``, ``connection`` and ``connections_info`` on a Windows target."""

from __future__ import annotations

import json
from typing import Any

import pytest

KEY = {"key_number": "100-0001", "access_code_set": True, "use": True}
SET = {
    **{"changed": True, "changes": ["access_code"], "key": KEY},
    "before": {"access_code_set": False, "use": True},
}
ANNA = {
    **{"lease": "abc", "user": "Рога & %PATH%", "computer": "pc1", "product": "retail", "type": "session"},
    **{"key_number": "100-0001", "state": "active"},
}


def test_an_access_code_goes_to_standard_input_in_plain_ascii(run_action, target) -> None:
    target.licctl = {"key set --request -": SET}
    answer = run_action("key", key_number="100-0001", access_code="канарейка")
    (name, arguments), *more = target.calls
    assert (answer["changed"], answer["key"], more, name) == (True, KEY, [], "ansible.windows.win_command")
    assert json.loads(arguments["stdin"]) == {"key_number": "100-0001", "access_code": "канарейка"}
    assert arguments["stdin"].isascii()
    assert "канарейка" not in str(answer) + str(arguments["argv"])


def test_check_mode_lets_the_server_compare(run_action, target) -> None:
    target.licctl = {"key set --request - --check": {**SET, "changed": False, "changes": []}}
    assert run_action("key", check_mode=True, key_number="100-0001", access_code="code")["changed"] is False


def test_names_of_people_never_reach_the_command_shell(run_action, target) -> None:
    target.licctl = {
        "connections --request -": {"connections": [ANNA]},
        "connection release --request -": {"changed": True, "released": 1, "connections": [ANNA]},
    }
    listed = run_action("connections_info", user=ANNA["user"])
    released = run_action("connection", user=ANNA["user"])
    assert (listed["connections"], released["connections"], released["changed"]) == ([ANNA], [ANNA], True)
    assert "%PATH%" not in str([arguments["argv"] for _name, arguments in target.calls])


@pytest.mark.parametrize(
    ("name", "options", "changed"),
    [
        ("key", {"key_number": "100-0001", "use": False}, True),
        ("connection", {"all": True}, False),
        ("connections_info", {}, False),
    ],
)
def test_a_bare_host_is_refused_and_in_check_mode_answered(
    run_action, name: str, options: dict[str, Any], changed: bool
) -> None:
    assert run_action(name, **options)["code"] == "not_installed"
    assert run_action(name, check_mode=True, **options)["changed"] is changed


@pytest.mark.parametrize(
    ("name", "options"),
    [("key", {"key_number": "100-0001"}), ("connection", {}), ("connection", {"all": True, "user": "anna"})],
)
def test_options_that_do_not_go_together_are_refused(run_action, name: str, options: dict[str, Any]) -> None:
    assert run_action(name, **options)["failed"] is True

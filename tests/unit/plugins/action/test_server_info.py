# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``server_info`` on a Windows target."""

from __future__ import annotations

INFO = {
    "installed_version": "0.1.0",
    "running": True,
    "problem": None,
    "server": {"version": "0.1.0", "port": 15200},
    "keys": [{"key_number": "100-0001"}],
    "connections": 3,
}


def test_a_bare_host_is_an_answer(run_action) -> None:
    answer = run_action("server_info")
    assert (answer["changed"], answer["installed"], answer["current_version"]) == (False, False, None)
    assert r"there is no %ProgramFiles%\ProtectStorage\licctl.cmd" in answer["msg"]


def test_a_server_that_runs_is_reported_in_one_call(run_action, target) -> None:
    target.licctl["info"] = INFO
    answer = run_action("server_info")
    assert (answer["installed"], answer["current_version"], answer["connections"]) == (True, "0.1.0", 3)
    assert target.modules == ["win_command"]


def test_licctl_itself_knows_where_its_server_is(run_action, target) -> None:
    target.licctl["info"] = INFO
    run_action("server_info")
    assert target.calls[0][1]["argv"] == [r".\licctl.cmd", "--json", "info"]


def test_what_linux_has_only_is_refused(run_action) -> None:
    assert "checksum_of" in run_action("server_info", checksum_of=["x"])["msg"]

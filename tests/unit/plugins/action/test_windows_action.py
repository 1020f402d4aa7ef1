# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What actions do on targets of either system."""

from __future__ import annotations

from ansible.plugins.action.normal import ActionModule as ModuleOnTarget


def test_a_target_with_python_runs_the_module(run_action, target, monkeypatch) -> None:
    monkeypatch.setattr(ModuleOnTarget, "run", lambda *_arguments: {"changed": False, "by": "module"})
    monkeypatch.setattr("ansible_collections.protect.licensing.plugins.plugin_utils._windows_action.is_windows", _no)
    assert run_action("client_config", mode="0644", servers=["a"])["by"] == "module"
    assert target.calls == []


def test_a_target_that_fails_is_one_clear_message(run_action, target) -> None:
    target.win_command = lambda _arguments: {"failed": True, "rc": 5, "msg": "Access is denied"}
    answer = run_action("server_info")
    assert (answer["failed"], answer["msg"]) == (True, "Access is denied")


def _no(_action: object) -> bool:
    return False

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``server_info`` on its target."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.protect.licensing.plugins.modules import server_info

INFO = {
    "installed_version": "0.1.0",
    "running": True,
    "problem": None,
    "server": {"version": "0.1.0", "port": 15200},
    "keys": [{"key_number": "100-0001"}],
    "connections": 3,
}


def test_a_bare_host_is_an_answer(run_module, tmp_path: Path) -> None:
    answer = run_module(server_info, install_dir=str(tmp_path), licctl=str(tmp_path / "licctl"))
    assert (answer["changed"], answer["installed"], answer["running"]) == (False, False, False)
    assert f"there is no {tmp_path}/licctl" in answer["problem"]
    assert answer["msg"] == answer["problem"]


def test_a_server_that_runs_is_reported(run_module, licctl, tmp_path: Path) -> None:
    licctl.answers(info=INFO)
    answer = run_module(server_info, install_dir=str(tmp_path), licctl=str(licctl.path))
    assert answer["installed"] is True
    assert {name: answer[name] for name in ("running", "problem", "server", "keys", "connections")} == {
        name: value for name, value in INFO.items() if name != "installed_version"
    }


def test_a_broken_licctl_is_a_problem_and_not_a_failure(run_module, licctl, tmp_path: Path) -> None:
    licctl.answers(info="Traceback")
    answer = run_module(server_info, install_dir=str(tmp_path), licctl=str(licctl.path))
    assert (answer["installed"], answer["running"]) == (True, False)
    assert "info ended with 0" in answer["problem"]


def test_the_installation_is_in_the_same_answer(run_module, licctl, tmp_path: Path) -> None:
    licctl.answers(info=INFO)
    (tmp_path / "releases" / "0.1.0").mkdir(parents=True)
    (tmp_path / "releases" / "0.1.0" / ".complete").touch()
    (tmp_path / "current").symlink_to("releases/0.1.0")
    answer = run_module(server_info, install_dir=str(tmp_path), licctl=str(licctl.path), unit="no-such.service")
    assert (answer["current_version"], answer["unit_enabled"]) == ("0.1.0", False)

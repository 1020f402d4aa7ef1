# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``client_config`` on its target."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.protect.licensing.plugins.modules import client_config


def test_writes_the_file(run_module, tmp_path: Path) -> None:
    path = tmp_path / "etc" / "client.ini"
    answer = run_module(client_config, path=str(path), servers=["*AUTO"], mode="0644")
    assert answer["settings"] == {"servers": ["*AUTO"], "access_code_set": False, "tls_pins": []}
    assert path.read_bytes() == b"server=*AUTO\n"
    assert path.stat().st_mode & 0o777 == 0o644
    assert path.parent.stat().st_mode & 0o777 == 0o755


def test_a_second_run_changes_nothing(run_module, tmp_path: Path) -> None:
    options = {"path": str(tmp_path / "client.ini"), "servers": ["branch"], "access_code": "firm"}
    run_module(client_config, **options)
    assert run_module(client_config, **options)["changed"] is False


def test_absent_removes_the_file(run_module, tmp_path: Path) -> None:
    path = tmp_path / "client.ini"
    path.write_bytes(b"server=a\n")
    assert run_module(client_config, path=str(path), state="absent")["changed"] is True
    assert not path.exists()


def test_absent_in_check_mode_leaves_the_file(run_module, tmp_path: Path) -> None:
    path = tmp_path / "client.ini"
    path.write_bytes(b"server=a\n")
    assert run_module(client_config, check_mode=True, path=str(path), state="absent")["changed"] is True
    assert path.exists()


def test_present_needs_something_to_write(run_module, tmp_path: Path) -> None:
    answer = run_module(client_config, path=str(tmp_path / "client.ini"))
    assert answer["failed"] is True
    assert "servers, access_code, tls_pins" in answer["msg"]


def test_no_secret_is_in_the_answer(run_module, tmp_path: Path) -> None:
    answer = run_module(client_config, path=str(tmp_path / "client.ini"), servers=["a"], access_code="canary")
    assert "canary" not in str(answer)

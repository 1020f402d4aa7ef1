# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``server_config`` on its target."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.protect.licensing.plugins.modules import server_config


def test_writes_the_file_with_its_mode(run_module, tmp_path: Path) -> None:
    path = tmp_path / "etc" / "licserver.ini"
    answer = run_module(server_config, path=str(path), port=15300)
    assert answer["changed"] is True
    assert path.read_bytes() == b"port=15300\n"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_second_run_changes_nothing(run_module, tmp_path: Path) -> None:
    path = tmp_path / "licserver.ini"
    options = {"path": str(path), "port": 15300, "user": "admin", "password": "secret"}
    run_module(server_config, **options)
    before = path.stat()
    assert run_module(server_config, **options)["changed"] is False
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_check_mode_tells_and_writes_nothing(run_module, tmp_path: Path) -> None:
    path = tmp_path / "etc" / "licserver.ini"
    answer = run_module(server_config, check_mode=True, path=str(path), port=15300)
    assert answer["changed"] is True
    assert answer["diff"][0]["after"] == "port=15300\n"
    assert not path.parent.exists()


def test_check_mode_agrees_with_a_run_that_changes_nothing(run_module, tmp_path: Path) -> None:
    path = tmp_path / "licserver.ini"
    run_module(server_config, path=str(path), port=15300)
    assert run_module(server_config, check_mode=True, path=str(path), port=15300)["changed"] is False


def test_a_wrong_mode_alone_is_corrected(run_module, tmp_path: Path) -> None:
    path = tmp_path / "licserver.ini"
    path.write_bytes(b"port=15300\n")
    path.chmod(0o666)
    assert run_module(server_config, path=str(path), port=15300)["changed"] is True
    assert path.stat().st_mode & 0o777 == 0o640


def test_no_secret_is_in_the_answer(run_module, tmp_path: Path) -> None:
    path = tmp_path / "licserver.ini"
    answer = run_module(server_config, path=str(path), user="admin", password="canary")
    assert "canary" not in str(answer)
    assert "scrypt" not in str(answer)


def test_a_bad_file_is_named_and_left(run_module, tmp_path: Path) -> None:
    path = tmp_path / "licserver.ini"
    path.write_bytes(b"port=1\nport=2\n")
    answer = run_module(server_config, path=str(path), port=15300)
    assert answer["failed"] is True
    assert answer["msg"].startswith(f"{path}: line 2: port: already set in line 1")
    assert path.read_bytes() == b"port=1\nport=2\n"
    assert list(tmp_path.glob(".licensing-*")) == []


@pytest.mark.parametrize("wrong", [{"mode": "bogus"}, {"owner": "no-such-user"}, {"group": "no-such-group"}])
@pytest.mark.parametrize("before", [None, b"port=1\n"])
def test_a_wrong_owner_or_mode_leaves_the_file_as_it_was(
    run_module, tmp_path: Path, wrong: dict[str, str], before: bytes | None
) -> None:
    path = tmp_path / "licserver.ini"
    if before is not None:
        path.write_bytes(before)
    assert run_module(server_config, path=str(path), port=2, **wrong)["failed"] is True
    assert (path.read_bytes() if path.exists() else None) == before
    assert list(tmp_path.glob(".licensing-*")) == []


def test_a_path_below_a_file_is_one_clear_message(run_module, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answer = run_module(server_config, path=str(tmp_path / "file" / "licserver.ini"), port=15300)
    assert answer["failed"] is True
    assert "Not a directory" in answer["msg"]


def test_a_backup_holds_the_previous_file(run_module, tmp_path: Path) -> None:
    path = tmp_path / "licserver.ini"
    path.write_bytes(b"port=1\n")
    answer = run_module(server_config, path=str(path), port=2, backup=True)
    assert Path(answer["backup_file"]).read_bytes() == b"port=1\n"


def test_a_symbolic_link_stays_one(run_module, tmp_path: Path) -> None:
    real = tmp_path / "real.ini"
    real.write_bytes(b"port=1\n")
    link = tmp_path / "licserver.ini"
    link.symlink_to(real)
    run_module(server_config, path=str(link), port=2)
    assert link.is_symlink()
    assert real.read_bytes() == b"port=2\n"

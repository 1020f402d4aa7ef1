# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``server_config`` on a Windows target."""

from __future__ import annotations

PATH = r"%ProgramFiles%\ProtectStorage\licserver.ini"


def test_edits_the_file_in_place(run_action, target) -> None:
    target.disk[PATH] = b"\xef\xbb\xbf; keep\r\nport=1\r\n"
    answer = run_action("server_config", port=15300)
    assert answer["settings"]["port"] == 15300
    assert target.disk == {PATH: b"\xef\xbb\xbf; keep\r\nport=15300\r\n"}


def test_credentials_that_verify_are_not_sealed_again(run_action, target) -> None:
    run_action("server_config", user="admin", password="secret")
    target.calls.clear()
    assert run_action("server_config", user="admin", password="secret")["changed"] is False
    assert target.modules == ["slurp"]


def test_the_password_never_reaches_the_target(run_action, target) -> None:
    answer = run_action("server_config", user="admin", password="canary")
    assert "canary" not in str(target.calls)
    assert b"canary" not in target.disk[PATH]
    assert "canary" not in str(answer)


def test_a_backup_holds_the_previous_file(run_action, target) -> None:
    target.disk[PATH] = b"port=1\n"
    answer = run_action("server_config", port=2, backup=True)
    assert answer["backup_file"].startswith(PATH)
    assert target.disk[answer["backup_file"]] == b"port=1\n"

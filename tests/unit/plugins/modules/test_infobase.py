# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``infobase`` on its target."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.protect.licensing.plugins.modules import infobase

MAIN = {"name": "Main", "file": "/srv/main"}


def test_adds_infobases_to_the_lists_of_users(run_module, tmp_path: Path) -> None:
    profiles = [str(tmp_path / "ann"), str(tmp_path / "bob")]
    answer = run_module(infobase, profiles=profiles, infobases=[MAIN])
    assert answer["changed"] is True
    for profile in profiles:
        text = Path(profile, ".1C/1cestart/ibases.v8i").read_text()
        assert text.startswith('[Main]\nConnect=File="/srv/main";\nID=')


def test_a_second_run_changes_nothing(run_module, tmp_path: Path) -> None:
    options = {"paths": [str(tmp_path / "a.v8i")], "infobases": [MAIN]}
    run_module(infobase, **options)
    before = (tmp_path / "a.v8i").stat()
    answer = run_module(infobase, **options)
    assert (answer["changed"], answer["diff"]) == (False, [])
    assert (tmp_path / "a.v8i").stat().st_mtime_ns == before.st_mtime_ns


def test_check_mode_tells_and_writes_nothing(run_module, tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.v8i"
    answer = run_module(infobase, check_mode=True, paths=[str(path)], infobases=[MAIN])
    assert answer["changed"] is True
    assert answer["diff"][0]["after"].startswith("[Main]\n")
    assert not path.parent.exists()


def test_absent_leaves_the_users_own(run_module, tmp_path: Path) -> None:
    path = tmp_path / "a.v8i"
    path.write_bytes(b"\xef\xbb\xbf[Mine]\r\nID=1\r\n[Main]\r\nID=2\r\n")
    run_module(infobase, paths=[str(path)], infobases=[{"name": "Main"}], state="absent")
    assert path.read_bytes() == b"\xef\xbb\xbf[Mine]\r\nID=1\r\n"


def test_a_bad_list_is_named_and_no_list_is_written(run_module, tmp_path: Path) -> None:
    (tmp_path / "bad.v8i").write_bytes(b"\0")
    paths = [str(tmp_path / "good.v8i"), str(tmp_path / "bad.v8i")]
    answer = run_module(infobase, paths=paths, infobases=[MAIN])
    assert answer["failed"] is True
    assert answer["msg"].startswith(f"{tmp_path}/bad.v8i: not text in UTF-8")
    assert not (tmp_path / "good.v8i").exists()


def test_a_list_that_cannot_be_read_is_named(run_module, tmp_path: Path) -> None:
    answer = run_module(infobase, paths=[str(tmp_path)], infobases=[MAIN])
    assert answer["msg"] == f"{tmp_path}: Is a directory"


def test_lists_must_be_named(run_module) -> None:
    assert "paths, profiles, common_list" in run_module(infobase, infobases=[MAIN])["msg"]

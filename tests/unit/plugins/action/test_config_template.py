# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``config_template`` on a Windows target, and what its action asks of the module on a Linux one."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

FOLDER = r"C:\tmplts"
PLACE = rf"{FOLDER}\Rarus\Loans\1.0.1"
PROGRAM = r"C:\Program Files\1cv8\8.3.23\bin\1cv8.exe"


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "1cv8.mft").write_bytes(b"[Config1]\nSource=1cv8.cf\n")
    (folder / "1cv8.cf").write_bytes(b"configuration")
    return folder


@pytest.fixture
def options(delivery: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr("ansible.plugins.action.ActionBase._find_needle", lambda _self, _folder, path: path)
    template = {"src": str(delivery), "vendor": "Rarus", "configuration": "Loans", "version": "1.0.1"}
    return {"templates": [template], "template_folder": FOLDER}


def test_a_template_is_put_into_its_folder(run_action, target, options) -> None:
    target.disk[PROGRAM] = b""
    assert run_action("config_template", **options)["changed"] is True
    assert target.disk[rf"{PLACE}\1cv8.cf"] == b"configuration"
    assert target.modules == ["win_find", "win_find", "win_copy"]


def test_a_desk_that_has_it_costs_one_call(run_action, target, options) -> None:
    target.disk[PROGRAM] = b""
    run_action("config_template", **options)
    target.calls.clear()
    assert run_action("config_template", **options)["changed"] is False
    assert target.modules == ["win_find"]


def test_only_what_differs_is_sent(run_action, target, options) -> None:
    target.disk[PROGRAM] = b""
    run_action("config_template", **options)
    target.disk[rf"{PLACE}\1cv8.cf"] = b"drift"
    answer = run_action("config_template", **options)
    assert answer["folders"][0]["sent"] == ["Rarus/Loans/1.0.1/1cv8.cf"]
    assert target.disk[rf"{PLACE}\1cv8.cf"] == b"configuration"


def test_check_mode_tells_and_sends_nothing(run_action, target, options) -> None:
    answer = run_action("config_template", check_mode=True, **options)
    assert answer["changed"] is True
    assert "there is no 1cv8.exe" in answer["note"]
    assert target.disk == {}


def test_the_platform_must_be_there(run_action, target, options) -> None:
    answer = run_action("config_template", **options)
    assert answer["failed"] is True
    assert answer["msg"].startswith("1C:Enterprise is not installed here")
    assert target.disk == {}


def test_absent_leaves_foreign_files(run_action, target, options) -> None:
    target.disk[PROGRAM] = b""
    run_action("config_template", **options)
    target.disk[rf"{FOLDER}\Rarus\own.txt"] = b""
    assert run_action("config_template", **options, state="absent")["changed"] is True
    assert list(target.disk) == [PROGRAM, rf"{FOLDER}\Rarus\own.txt"]
    assert run_action("config_template", **options, state="absent")["changed"] is False


def test_a_folder_that_is_no_template_is_refused(run_action, target, options, delivery: Path) -> None:
    (delivery / "1cv8.cf").unlink()
    answer = run_action("config_template", **options)
    assert "Source=1cv8.cf: this file is missing" in answer["msg"]
    assert target.calls == []


class LinuxModule:
    """The module on a Linux target that lacks one of the files, and the way to it."""

    def __init__(self, name: str) -> None:
        self.lacks = [name]
        self.calls: list[dict[str, Any]] = []
        self.archive: list[str] = []

    def execute(self, _name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(arguments)
        return {"changed": bool(self.lacks), "folders": [{"sent": self.lacks}], "invocation": {}}

    def transfer(self, local: str, _remote: str) -> None:
        with tarfile.open(local) as archive:
            self.archive = archive.getnames()


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, target) -> LinuxModule:
    played = LinuxModule("Rarus/Loans/1.0.1/1cv8.cf")
    base = "ansible.plugins.action.ActionBase"
    prefix = "ansible_collections.protect.licensing.plugins.action.config_template"
    monkeypatch.setattr(f"{prefix}.is_windows", lambda _action: False)
    monkeypatch.setattr(f"{base}._make_tmp_path", lambda _self: "/tmp/remote")
    monkeypatch.setattr(f"{base}._transfer_file", lambda _self, local, remote: played.transfer(local, remote))
    monkeypatch.setattr(f"{base}._fixup_perms2", lambda _self, _paths: None)
    monkeypatch.setattr(target, "execute", played.execute)
    return played


def test_what_a_linux_desk_lacks_travels_in_one_archive(run_action, module: LinuxModule, options) -> None:
    answer = run_action("config_template", **options)
    assert module.archive == module.lacks
    assert [call.get("_archive") for call in module.calls] == [None, "/tmp/remote/templates.tar"]
    assert "invocation" not in answer


@pytest.mark.parametrize("how", [{"check_mode": True}, {"state": "absent"}])
def test_nothing_travels_where_nothing_is_to_be_sent(run_action, module: LinuxModule, options, how) -> None:
    run_action("config_template", **options, **how)
    assert len(module.calls) == 1
    assert module.archive == []


def test_a_linux_desk_that_has_it_costs_one_call(run_action, module: LinuxModule, options) -> None:
    module.lacks = []
    assert run_action("config_template", **options)["changed"] is False
    assert len(module.calls) == 1

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``config_template`` on its target, with what its action brings along."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.modules import config_template

NAME = "Rarus/Loans/1.0.1/1cv8.mft"


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    """A desk with the platform, and one file on its way to it."""
    (tmp_path / "platform").mkdir()
    (tmp_path / "platform" / "1cv8").touch()
    (tmp_path / "source").write_bytes(b"manifest")
    with tarfile.open(tmp_path / "archive", "w") as archive:
        archive.add(tmp_path / "source", NAME)
    return {
        "templates": [{"src": "/source", "vendor": "Rarus", "configuration": "Loans", "version": "1.0.1"}],
        "template_folder": str(tmp_path / "tmplts"),
        "platform_folders": [str(tmp_path / "platform")],
        "_files": {NAME: hashlib.sha256(b"manifest").hexdigest()},
    }


def test_the_first_look_tells_what_to_send(run_module, tmp_path: Path, options: dict[str, Any]) -> None:
    answer = run_module(config_template, **options)
    assert answer["folders"] == [{"path": str(tmp_path / "tmplts"), "sent": [NAME], "removed": []}]
    assert not (tmp_path / "tmplts").exists()


def test_what_was_sent_is_put_into_its_place(run_module, tmp_path: Path, options: dict[str, Any]) -> None:
    run_module(config_template, **options, _archive=str(tmp_path / "archive"))
    assert (tmp_path / "tmplts" / NAME).read_bytes() == b"manifest"
    assert run_module(config_template, **options)["changed"] is False


def test_absent_removes_it(run_module, tmp_path: Path, options: dict[str, Any]) -> None:
    run_module(config_template, **options, _archive=str(tmp_path / "archive"))
    assert run_module(config_template, check_mode=True, **options, state="absent")["changed"] is True
    assert run_module(config_template, **options, state="absent")["changed"] is True
    assert list((tmp_path / "tmplts").iterdir()) == []
    assert run_module(config_template, **options, state="absent")["changed"] is False


def test_the_platform_must_be_there(run_module, tmp_path: Path, options: dict[str, Any]) -> None:
    (tmp_path / "platform" / "1cv8").unlink()
    answer = run_module(config_template, **options)
    assert answer["failed"] is True
    assert answer["msg"].startswith("1C:Enterprise is not installed here")
    assert "note" in run_module(config_template, check_mode=True, **options)


def test_a_folder_that_cannot_be_made_is_named(run_module, tmp_path: Path, options: dict[str, Any]) -> None:
    (tmp_path / "tmplts").touch()
    answer = run_module(config_template, **options, _archive=str(tmp_path / "archive"))
    assert answer["failed"] is True
    assert answer["msg"].startswith(f"{tmp_path}/tmplts")

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration templates on the control node."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from ansible_collections.protect.licensing.plugins.plugin_utils._template_source import TemplateSource

PLACE = "Rarus/Loans/1.0.1"


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "delivery"
    (folder / "doc").mkdir(parents=True)
    (folder / "1cv8.mft").write_text("[Config1]\nSource=1cv8.cf\n")
    (folder / "1cv8.cf").write_bytes(b"configuration")
    (folder / "doc" / "читай меня.txt").write_text("text")
    return folder


def read(*folders: Path, version: str = "1.0.1") -> TemplateSource:
    place = {"vendor": "Rarus", "configuration": "Loans", "version": version}
    return TemplateSource([{"src": str(folder), **place} for folder in folders], lambda path: path)


def test_files_are_named_as_they_will_lie(delivery: Path) -> None:
    source = read(delivery)
    assert source.names == [f"{PLACE}/1cv8.cf", f"{PLACE}/1cv8.mft", f"{PLACE}/doc/читай меня.txt"]
    assert source.checksums()[f"{PLACE}/1cv8.cf"] == hashlib.sha256(b"configuration").hexdigest()


def test_a_relative_folder_is_looked_for(delivery: Path) -> None:
    template = {"src": "loans", "vendor": "Rarus", "configuration": "Loans", "version": "1.0.1"}
    assert TemplateSource([template], {"loans": str(delivery)}.__getitem__).names


def test_what_is_wrong_is_told_with_its_folder(delivery: Path) -> None:
    (delivery / "1cv8.cf").unlink()
    with pytest.raises(ValueError, match=rf"^{delivery}: 1cv8\.mft: line 2: \[Config1\]: Source=1cv8\.cf: .* missing"):
        read(delivery)


def test_a_template_is_declared_once(delivery: Path) -> None:
    with pytest.raises(ValueError, match=f"templates: {PLACE} is declared twice"):
        read(delivery, delivery)


def test_some_files_are_laid_out(delivery: Path, tmp_path: Path) -> None:
    read(delivery).stage([f"{PLACE}/1cv8.cf"], str(tmp_path / "stage"))
    laid = [path for path in (tmp_path / "stage").rglob("*") if path.is_file()]
    assert laid == [tmp_path / "stage" / PLACE / "1cv8.cf"]
    assert laid[0].read_bytes() == b"configuration"


def test_some_files_are_packed(delivery: Path, tmp_path: Path) -> None:
    read(delivery).pack([f"{PLACE}/doc/читай меня.txt"], str(tmp_path / "archive"))
    with tarfile.open(tmp_path / "archive") as archive:
        assert archive.getnames() == [f"{PLACE}/doc/читай меня.txt"]

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of configuration templates on a Linux desk."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._config_template import FolderPlan
from ansible_collections.protect.licensing.plugins.module_utils._template_files import LinuxDesk


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def folder_plan(folder: Path, send: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> FolderPlan:
    return FolderPlan(str(folder), send, remove, {})


def test_files_are_found_below_the_places_asked_for(tmp_path: Path) -> None:
    fill(tmp_path, "V/C/1/1cv8.cf", "V/C/1/doc/.hidden", "V/C/2/1cv8.cf")
    found = LinuxDesk().find([str(tmp_path)], ["V/C/1", "V/none"], checksums=True)
    names = ("V/C/1/1cv8.cf", "V/C/1/doc/.hidden")
    assert found == {str(tmp_path): {name: hashlib.sha256(name.encode()).hexdigest() for name in names}}


def test_checksums_are_left_out_where_they_are_not_asked_for(tmp_path: Path) -> None:
    fill(tmp_path, "V/C/1/1cv8.cf")
    assert LinuxDesk().find([str(tmp_path)], ["V"], checksums=False) == {str(tmp_path): {"V/C/1/1cv8.cf": None}}


@pytest.mark.parametrize(
    ("program", "found"),
    [("x86_64/8.3.23/1cv8", True), ("1cv8", True), ("a/b/c/1cv8", False), ("x86_64/8.3.23/1cv8s", False)],
)
def test_the_platform_lies_at_most_three_levels_deep(tmp_path: Path, program: str, found: bool) -> None:
    fill(tmp_path, program)
    assert LinuxDesk().has_program([str(tmp_path / "none"), str(tmp_path)], "1cv8") is found


def test_planned_files_come_from_the_archive(tmp_path: Path) -> None:
    fill(tmp_path, "V/a", "V/b")
    with tarfile.open(tmp_path / "archive", "w") as archive:
        archive.add(tmp_path / "V", "V")
    LinuxDesk().send(folder_plan(tmp_path / "t", send=("V/a",)), str(tmp_path / "archive"))
    assert (tmp_path / "t" / "V" / "a").read_text() == "V/a"
    assert not (tmp_path / "t" / "V" / "b").exists()


def test_an_archive_that_holds_no_file_of_the_name_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, "V/a")
    with tarfile.open(tmp_path / "archive", "w") as archive:
        archive.add(tmp_path / "V", "V")
    with pytest.raises(ValueError, match="V is no file"):
        LinuxDesk().send(folder_plan(tmp_path, send=("V",)), str(tmp_path / "archive"))


def test_planned_files_and_folders_are_removed(tmp_path: Path) -> None:
    fill(tmp_path, "V/C/1/a", "W/1/a", "W/1/own")
    LinuxDesk().remove(folder_plan(tmp_path, remove=("V", "W/1/a")))
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["W", "W/1", "W/1/own"]

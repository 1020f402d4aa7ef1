# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are whole or not there."""

import os
import stat
import sys
from pathlib import Path

import pytest

from licserver.files import WriteError, write_atomically
from server_core.tests.portable import mode_bits

FOLDERS_SYNCED = [] if sys.platform == "win32" else ["folder"]  # NTFS keeps a journal of names


@mode_bits
def test_a_new_file_holds_the_data_and_is_readable_for_its_owner_only(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new", b"data")

    assert (tmp_path / "new").read_bytes() == b"data"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


@mode_bits
def test_an_old_file_is_replaced_with_the_mode_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old and longer")

    write_atomically(tmp_path / "file", b"new", mode=0o640)

    assert (tmp_path / "file").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"untouched")
    (tmp_path / "link").symlink_to(tmp_path / "target")

    write_atomically(tmp_path / "link", b"new")

    assert (tmp_path / "target").read_bytes() == b"untouched"
    assert not (tmp_path / "link").is_symlink()


def test_on_a_full_disk_the_old_file_stays_and_nothing_half_written_is_left(small_disk: Path) -> None:
    path = small_disk / "file"
    path.write_bytes(b"old")

    with pytest.raises(WriteError, match="No space left on device") as refused:
        write_atomically(path, bytes(1_000_000))

    assert str(path) in refused.value.message
    assert refused.value.code == "write_failed"
    assert {entry.name: entry.read_bytes() for entry in small_disk.iterdir()} == {"file": b"old"}


def test_a_file_that_cannot_take_its_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "occupied").mkdir()

    with pytest.raises(WriteError):
        write_atomically(tmp_path / "occupied", b"data")

    assert [entry.name for entry in tmp_path.iterdir()] == ["occupied"]


def test_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="No such file or directory"):
        write_atomically(tmp_path / "missing" / "file", b"data")


def test_the_data_is_on_disk_before_the_name_and_the_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    replace, fsync = Path.replace, os.fsync

    def watched_replace(self: Path, target: Path) -> Path:
        order.append("rename")
        return replace(self, target)

    def watched_fsync(descriptor: int) -> None:
        order.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "data")
        fsync(descriptor)

    monkeypatch.setattr(Path, "replace", watched_replace)
    monkeypatch.setattr(os, "fsync", watched_fsync)

    write_atomically(tmp_path / "file", b"data")

    assert order == ["data", "rename", *FOLDERS_SYNCED]

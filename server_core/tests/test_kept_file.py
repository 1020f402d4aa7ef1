# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are kept twice, and what is set aside."""

import errno
import os
from pathlib import Path

import pytest

from licserver import kept_file
from licserver.errors import LicensingError
from licserver.files import WriteError
from licserver.kept_file import KeptFile, LostError, files_set_aside, set_aside


def decode(data: bytes) -> str:
    if b"!" in data:
        raise ValueError("damaged")
    return data.decode()


@pytest.fixture
def file(tmp_path: Path) -> KeptFile[str]:
    return KeptFile(tmp_path / "name", decode)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name.partition(".corrupt-")[0]: path.read_bytes() for path in files_set_aside(folder)}


def test_what_was_never_written_is_none(file: KeptFile[str]) -> None:
    assert file.read() is None


def test_what_was_written_comes_back(file: KeptFile[str]) -> None:
    file.write(b"x")

    assert file.read() == "x"


def test_a_damaged_file_is_set_aside_and_made_anew_from_its_copy(tmp_path: Path, file: KeptFile[str]) -> None:
    file.write(b"x")
    (tmp_path / "name").write_bytes(b"x!")

    assert file.read() == "x"
    assert (tmp_path / "name").read_bytes() == b"x"
    assert content(tmp_path) == {"name": b"x!"}


def test_a_file_that_is_gone_is_made_anew_from_its_copy(tmp_path: Path, file: KeptFile[str]) -> None:
    file.write(b"x")
    (tmp_path / "name").unlink()

    assert (file.read(), (tmp_path / "name").read_bytes()) == ("x", b"x")


def test_a_folder_in_its_place_is_set_aside(tmp_path: Path, file: KeptFile[str]) -> None:
    file.write(b"x")
    (tmp_path / "name").unlink()
    (tmp_path / "name").mkdir()

    assert file.read() == "x"
    assert (tmp_path / "name").read_bytes() == b"x"


@pytest.mark.parametrize("damaged", [b"x!", None])
def test_the_copy_is_made_anew_from_the_file(tmp_path: Path, file: KeptFile[str], damaged: bytes | None) -> None:
    file.write(b"x")
    copy = tmp_path / "name.copy"
    copy.unlink() if damaged is None else copy.write_bytes(damaged)

    assert file.read() == "x"
    assert copy.read_bytes() == b"x"


def test_where_both_are_damaged_it_is_lost_until_it_is_written_again(tmp_path: Path, file: KeptFile[str]) -> None:
    file.write(b"x")
    (tmp_path / "name").write_bytes(b"1!")
    (tmp_path / "name.copy").write_bytes(b"2!")

    for _ in range(2):
        with pytest.raises(LostError):
            file.read()
    assert content(tmp_path) == {"name": b"1!", "name.copy": b"2!"}
    file.write(b"y")
    assert file.read() == "y"


def test_a_copy_that_cannot_be_written_is_no_failure(
    tmp_path: Path, file: KeptFile[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = kept_file.write_atomically

    def no_room(path: Path, data: bytes) -> None:
        if path.name.endswith(".copy"):
            raise WriteError(path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        write(path, data)

    monkeypatch.setattr(kept_file, "write_atomically", no_room)

    file.write(b"x")

    assert file.read() == "x"


def test_two_files_set_aside_in_the_same_second_have_two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("licserver.kept_file.time.gmtime", lambda: (2026, 11, 22, 16, 30, 0, 6, 326, 0))
    for text in ("1", "2", "3"):
        (tmp_path / "name").write_text(text)
        set_aside(tmp_path / "name", "damaged")

    assert {path.name: path.read_text() for path in files_set_aside(tmp_path)} == {
        "name.corrupt-20261122T163000Z": "1",
        "name.corrupt-20261122T163000Z-2": "2",
        "name.corrupt-20261122T163000Z-3": "3",
    }


def test_what_cannot_be_set_aside_is_named(tmp_path: Path) -> None:
    with pytest.raises(LicensingError, match=r"name is damaged \(cut\) and cannot be set aside"):
        set_aside(tmp_path / "name", "cut")

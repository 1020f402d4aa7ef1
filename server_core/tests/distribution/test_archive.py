# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives: whole or refused, and never leading elsewhere."""

import hashlib
import io
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.distribution import DistributionError
from licserver.distribution.archive import DESCRIPTION, SUMS, _parts, unpacked
from server_core.tests.distribution.helpers import make_archive
from server_core.tests.portable import not_under_wine


def refused(source: Path) -> str:
    with pytest.raises(DistributionError) as refusal, unpacked(source):
        pass
    assert refusal.value.code == "bad_distribution"
    return refusal.value.message


def make_tar(path: Path, members: dict[str, bytes], kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(path, "w:gz") as packed:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.type = len(content), kind
            packed.addfile(entry, io.BytesIO(content))
    return path


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return path


@pytest.mark.parametrize(("system", "is_kind"), [("linux", tarfile.is_tarfile), ("win32", zipfile.is_zipfile)])
def test_what_was_written_is_read_back(tmp_path: Path, system: str, is_kind: Callable[[Path], bool]) -> None:
    path = make_archive(tmp_path / "server", system=system, python="3.12", machine="x86_64")

    with unpacked(path) as (folder, description):
        assert (folder / "folder" / "b.txt").read_bytes() == b"b"
        assert (description.version, description.system, description.python) == ("9.9", system, "3.12")
    assert is_kind(path)
    assert not folder.exists()


@not_under_wine("there is no tar")
def test_a_folder_that_it_was_unpacked_to_is_as_good(tmp_path: Path) -> None:
    with unpacked(make_archive(tmp_path / "server.tar.gz", system="linux")) as (folder, _):
        shutil.copytree(folder, tmp_path / "by hand")

    with unpacked(tmp_path / "by hand") as (folder, description):
        assert (folder, description.version) == (tmp_path / "by hand", "9.9")
    assert (tmp_path / "by hand" / "a.txt").exists()


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = (make_archive(tmp_path / name, system="linux").read_bytes() for name in ("one", "two"))

    assert one == two


def test_a_file_that_exists_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "server").write_bytes(b"mine")

    with pytest.raises(DistributionError, match="exists already"):
        make_archive(tmp_path / "server")
    assert (tmp_path / "server").read_bytes() == b"mine"


def test_where_it_cannot_be_written_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(DistributionError, match="could not be written"):
        make_archive(tmp_path / "none" / "server")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, b"", b"junk", b"\x1f\x8b\x08cut", b"PK\x03\x04cut"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "server"
    if content is not None:
        path.write_bytes(content)

    assert str(path) in refused(path)


@pytest.mark.parametrize("system", ["linux", "win32"])
def test_an_archive_that_was_cut_is_refused(tmp_path: Path, system: str) -> None:
    path = make_archive(tmp_path / "server", {"large": bytes(range(256)) * 400}, system=system)
    path.write_bytes(path.read_bytes()[:-200])

    refused(path)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.txt", b"other", "a.txt was altered"),
        ("a.txt", None, "a.txt is missing"),
        ("more.txt", b"", "more.txt is none of its files"),
        (SUMS, None, "there is no"),
        (SUMS, b"junk\n", "has a line that is none of its own"),
        (SUMS, b"\xff\n", "codec can't decode"),
        (SUMS, b"0" * 64 + b"  ../../etc/passwd\n", "is no name of a file in it"),
    ],
)
def test_a_folder_in_which_something_differs_is_refused(
    tmp_path: Path, name: str, content: bytes | None, problem: str
) -> None:
    with unpacked(make_archive(tmp_path / "server")) as (folder, _):
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(content)

        assert problem in refused(folder)


@pytest.mark.parametrize("text", [b"{}", b"[]", b"{", b"[" * 100_000, b'{"version": 1, "color": "blue"}'])
def test_a_description_that_makes_no_sense_is_refused(tmp_path: Path, text: bytes) -> None:
    sums = f"{hashlib.sha256(text).hexdigest()}  {DESCRIPTION}\n".encode()

    assert DESCRIPTION in refused(make_tar(tmp_path / "server", {DESCRIPTION: text, SUMS: sums}))


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "a\\..\\evil", "C:evil", "nul\n"])
@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_a_name_that_leads_elsewhere_is_refused(
    tmp_path: Path, make: Callable[[Path, dict[str, bytes]], Path], name: str
) -> None:
    refused(make(tmp_path / "server", {name: b"x"}))

    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_what_is_no_plain_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    assert "no plain file" in refused(make_tar(tmp_path / "server", {"link": b""}, kind))


def test_an_archive_that_would_fill_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("licserver.distribution.archive.MAX_BYTES", 10)

    assert "too large" in refused(make_tar(tmp_path / "server", {"large": b"x" * 11}))


@given(st.text(max_size=12))
def test_whatever_a_member_is_named_it_lies_in_the_folder_or_is_refused(name: str) -> None:
    folder = Path("/folder").resolve()
    try:
        parts = _parts(Path("archive"), name)
    except DistributionError:
        return
    assert (folder.joinpath(*parts)).resolve().is_relative_to(folder)
    assert ".." not in parts

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a release for Windows is put together on the control node."""

from __future__ import annotations

import struct
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._windows_release import (
    ReleaseError,
    ensure_release,
    release_path,
)

AMD64, X86 = 0x8664, 0x14C

# In the place of pip: notes its arguments where it is told to install to.
PIP = """
import json, pathlib, sys
values = dict(word[2:].split("=", 1) for word in sys.argv if word.startswith("--") and "=" in word)
folder = pathlib.Path(values["target"])
folder.mkdir(parents=True)
(folder / "noted.json").write_text(json.dumps([values["platform"], values["python-version"], sys.argv[-1]]))
"""


def program(machine: int) -> bytes:
    return b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + b"PE\0\0" + struct.pack("<H", machine)


def write_python(path: Path, *, machine: int = AMD64, library: str = "python312.dll") -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("python.exe", program(machine))
        packed.writestr(library, b"")
        packed.writestr("python312._pth", "python312.zip\r\n.\r\n#import site\r\n")


def write_wheelhouse(path: Path, *, pip: str | None = PIP) -> None:
    wheel = path.with_name("pip-26.0-py3-none-any.whl")
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("pip/__main__.py", pip or "")
    with tarfile.open(path, "w:gz") as packed:
        packed.add(wheel, f"./{wheel.name if pip else 'other-1-py3-none-any.whl'}")


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, Any]:
    write_python(tmp_path / "python.zip")
    write_wheelhouse(tmp_path / "wheelhouse.tar.gz")
    (tmp_path / "payload.whl").write_bytes(b"")
    return {
        "python": str(tmp_path / "python.zip"),
        "payload": str(tmp_path / "payload.whl"),
        "wheelhouse": str(tmp_path / "wheelhouse.tar.gz"),
    }


def read(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as packed:
        return packed.read(name).decode()


def test_a_release_is_python_with_its_libraries(sources: dict[str, Any], tmp_path: Path) -> None:
    release = tmp_path / "release.zip"
    assert ensure_release(str(release), **sources) is True
    noted = read(release, "Lib/site-packages/noted.json")
    assert noted == f'["win_amd64", "3.12", "{sources["payload"]}"]'


def test_python_of_a_release_finds_its_libraries(sources: dict[str, Any], tmp_path: Path) -> None:
    release = tmp_path / "release.zip"
    ensure_release(str(release), **sources)
    assert read(release, "python312._pth") == "python312.zip\r\n.\r\nLib\\site-packages\r\nimport site\r\n"


def test_the_processor_of_python_chooses_the_wheels(sources: dict[str, Any], tmp_path: Path) -> None:
    write_python(tmp_path / "python.zip", machine=X86)
    release = tmp_path / "release.zip"
    ensure_release(str(release), **sources)
    assert "win32" in read(release, "Lib/site-packages/noted.json")


def test_a_release_that_is_there_is_not_made_again(sources: dict[str, Any], tmp_path: Path) -> None:
    release = tmp_path / "release.zip"
    release.write_bytes(b"there")
    assert ensure_release(str(release), **sources) is False
    assert release.read_bytes() == b"there"


def test_the_place_of_a_release_follows_from_what_it_is_made_of(sources: dict[str, Any], tmp_path: Path) -> None:
    before = release_path("/r", sources.values())
    (tmp_path / "payload.whl").write_bytes(b"another")
    assert release_path("/r", sources.values()) != before


@pytest.mark.parametrize(
    ("library", "machine", "message"),
    [
        ("python39.dll", AMD64, "3.10 or later"),
        ("python3.dll", AMD64, "no python3x.dll"),
        ("python312.dll", 0x1C0, "unknown processor"),
    ],
)
def test_a_python_that_cannot_be_used_is_refused(
    sources: dict[str, Any], tmp_path: Path, library: str, machine: int, message: str
) -> None:
    write_python(tmp_path / "python.zip", machine=machine, library=library)
    with pytest.raises(ReleaseError, match=message):
        ensure_release(str(tmp_path / "release.zip"), **sources)


def test_an_installer_in_the_place_of_the_archive_is_refused(sources: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "python.zip").write_bytes(program(AMD64))
    with pytest.raises(ReleaseError, match="embeddable package"):
        ensure_release(str(tmp_path / "release.zip"), **sources)


def test_an_archive_without_python_is_refused(sources: dict[str, Any], tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "python.zip", "w") as packed:
        packed.writestr("tools/python.exe", b"")
    with pytest.raises(ReleaseError, match=r"no python\.exe in its root"):
        ensure_release(str(tmp_path / "release.zip"), **sources)


def test_a_wheelhouse_without_pip_is_refused(sources: dict[str, Any], tmp_path: Path) -> None:
    write_wheelhouse(tmp_path / "wheelhouse.tar.gz", pip=None)
    with pytest.raises(ReleaseError, match="no pip"):
        ensure_release(str(tmp_path / "release.zip"), **sources)


def test_what_is_no_wheelhouse_is_refused(sources: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "wheelhouse.tar.gz").write_bytes(b"no archive")
    with pytest.raises(ReleaseError, match=r"protect\.licensing\.wheelhouse"):
        ensure_release(str(tmp_path / "release.zip"), **sources)


def test_a_failure_of_pip_is_told_and_nothing_is_left(sources: dict[str, Any], tmp_path: Path) -> None:
    write_wheelhouse(tmp_path / "wheelhouse.tar.gz", pip="raise SystemExit('no wheel of cffi fits')")
    folder = tmp_path / "releases"
    folder.mkdir()
    with pytest.raises(ReleaseError, match=r"no wheel of cffi fits.*3\.12 on win_amd64"):
        ensure_release(str(folder / "release.zip"), **sources)
    assert [path.name for path in folder.iterdir()] == ["release.zip.lock"]

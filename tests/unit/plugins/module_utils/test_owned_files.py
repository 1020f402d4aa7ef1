# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files in the folders of users, handled with the rights of these users."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.protect.licensing.plugins.module_utils import _owned_files

USER = 54321
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")


@pytest.fixture
def home() -> Iterator[Path]:
    """The folder of a user who is not root, in a folder that everybody may pass."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = Path(folder, "home")
        path.mkdir()
        if os.geteuid() == 0:
            os.chown(path, USER, USER)
        yield path


def test_a_missing_file_is_none(tmp_path: Path) -> None:
    assert _owned_files.read(str(tmp_path / "a" / "b")) is None


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "list.v8i"
    _owned_files.write(str(path), io.BytesIO(b"\xef\xbb\xbf[A]"))
    assert _owned_files.read(str(path)) == b"\xef\xbb\xbf[A]"
    assert path.stat().st_mode & 0o777 == 0o644
    assert path.parent.stat().st_mode & 0o777 == 0o755
    assert os.listdir(path.parent) == ["list.v8i"]


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "list.v8i"
    path.touch(mode=0o600)
    _owned_files.write(str(path), io.BytesIO(b"new"))
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "real").touch()
    (tmp_path / "link").symlink_to("real")
    _owned_files.write(str(tmp_path / "link"), io.BytesIO(b"new"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError("gone")

    path = tmp_path / "list.v8i"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="gone"):
        _owned_files.write(str(path), Broken())
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["list.v8i"]


@as_root
def test_what_root_writes_for_a_user_belongs_to_him(home: Path) -> None:
    path = home / ".1C" / "1cestart" / "ibases.v8i"
    _owned_files.write(str(path), io.BytesIO(b"[A]"))
    assert {(part.stat().st_uid, part.stat().st_gid) for part in (path, path.parent, home / ".1C")} == {(USER, USER)}
    assert (os.geteuid(), os.getegid()) == (0, 0)


@as_root
def test_a_users_link_to_a_place_of_root_leads_nowhere(home: Path) -> None:
    target = home.parent / "of_root"
    target.mkdir(mode=0o755)
    (home / ".1C").symlink_to(target)
    os.lchown(home / ".1C", USER, USER)
    with pytest.raises(PermissionError):
        _owned_files.write(str(home / ".1C" / "ibases.v8i"), io.BytesIO(b"[A]"))
    assert os.listdir(target) == []
    assert os.geteuid() == 0


@as_root
def test_a_users_link_to_a_secret_of_root_is_not_read(home: Path) -> None:
    secret = home.parent / "secret"
    secret.touch(mode=0o600)
    (home / "ibases.v8i").symlink_to(secret)
    with pytest.raises(PermissionError):
        _owned_files.read(str(home / "ibases.v8i"))

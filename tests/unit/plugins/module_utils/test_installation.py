# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lies on a target: releases, checksums, and who listens."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.module_utils import _installation


def read(install_dir: Path, **options: object) -> dict[str, Any]:
    return _installation.read_installation(
        {"install_dir": str(install_dir), "checksum_of": [], "unit": None, **options}
    )


def make_release(install_dir: Path, version: str, *, complete: bool = True) -> None:
    folder = install_dir / "releases" / version
    folder.mkdir(parents=True)
    if complete:
        (folder / ".complete").touch()


def test_a_bare_host_is_an_answer(tmp_path: Path) -> None:
    found = read(tmp_path / "nothing")
    assert (found["releases"], found["current_version"]) == ([], None)


def test_the_current_release_is_the_one_linked_to(tmp_path: Path) -> None:
    make_release(tmp_path, "0.1.0")
    make_release(tmp_path, "0.0.9")
    (tmp_path / "current").symlink_to("releases/0.0.9")
    found = read(tmp_path)
    assert (found["releases"], found["current_version"]) == (["0.0.9", "0.1.0"], "0.0.9")


def test_an_unfinished_release_does_not_count(tmp_path: Path) -> None:
    make_release(tmp_path, "0.1.0", complete=False)
    (tmp_path / "current").symlink_to("releases/0.1.0")
    found = read(tmp_path)
    assert (found["releases"], found["current_version"]) == ([], None)


def test_checksums_are_those_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "unit").write_bytes(b"text")
    paths = [str(tmp_path / "unit"), str(tmp_path / "missing")]
    assert read(tmp_path, checksum_of=paths)["checksums"] == {
        paths[0]: hashlib.sha256(b"text").hexdigest(),
        paths[1]: None,
    }


@pytest.mark.parametrize("enabled", [True, False])
def test_a_unit_is_enabled_when_the_system_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, enabled: bool
) -> None:
    monkeypatch.setattr(_installation, "_SYSTEMD_WANTS", str(tmp_path))
    if enabled:
        (tmp_path / "licserver.service").symlink_to("/nowhere/licserver.service")
    assert read(tmp_path, unit="licserver.service")["unit_enabled"] is enabled


def test_a_port_that_accepts_connections_is_listening() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert _installation.is_listening("127.0.0.1", server.getsockname()[1])


def test_a_port_that_refuses_connections_is_not_listening() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert not _installation.is_listening("127.0.0.1", port)

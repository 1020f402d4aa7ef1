# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readiness told to systemd."""

import socket
from pathlib import Path

import pytest

from licserver.service import ProcessHost
from licserver.service.notify import notify


def test_without_a_service_manager_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)

    notify("READY=1")


@pytest.mark.parametrize("abstract", [False, True])
def test_the_state_reaches_the_service_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool) -> None:
    address = f"@{tmp_path}" if abstract else str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address.replace("@", "\0", 1))
        manager.settimeout(5)

        notify("READY=1")

        assert manager.recv(100) == b"READY=1"


@pytest.mark.parametrize(("watched", "told"), [({"WATCHDOG_USEC": "60000000"}, b"WATCHDOG=1"), ({}, b"STOPPING=1")])
def test_only_a_watched_service_says_that_it_is_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watched: dict[str, str], told: bytes
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    for name, value in watched.items():
        monkeypatch.setenv(name, value)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)

        ProcessHost().alive()
        ProcessHost().stopping()

        assert manager.recv(100) == told


def test_a_watcher_that_is_gone_keeps_nobody_from_being_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")

    ProcessHost().alive()


def test_a_service_manager_that_is_gone_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))

    with pytest.raises(OSError, match="No such file"):
        notify("READY=1")

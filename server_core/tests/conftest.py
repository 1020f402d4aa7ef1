# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the payload's tests."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from licserver.ini_text import seal_credential
from licserver.server import listening
from licserver.system import this_system
from server_core.tests.browser import browser, pytest_runtest_teardown, pytest_sessionfinish
from server_core.tests.helpers import Computer, Vendor
from server_core.tests.portable import LINUX_ONLY, WINE
from server_core.tests.running import ServerThread
from server_core.tests.softhsm import new_stick, softhsm, stick

__all__ = ["new_stick", "softhsm", "stick"]

__all__ = ["browser", "pytest_runtest_teardown", "pytest_sessionfinish"]

# How long an example takes says nothing on a busy computer.
settings.register_profile("payload", deadline=None)
settings.load_profile("payload")

if sys.platform != "win32":
    collect_ignore = ["system/test_windows.py"]


def pytest_configure(config: pytest.Config) -> None:
    """Let pass what asyncio leaves behind on Windows: a socket that no client was accepted on when its loop ended."""
    if sys.platform == "win32":
        unbound = r"<socket\.socket fd=\d+, family=\d+, type=1, proto=0>"
        config.addinivalue_line("filterwarnings", f"ignore:unclosed {unbound}:ResourceWarning")


class LinuxModule(pytest.Module):
    """A file of tests that Windows does not even import; it is listed as skipped, with the reason."""

    def collect(self) -> NoReturn:
        pytest.skip(f"Windows: {_why_not_on_windows(self.path)}", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Take files for Linux out on Windows."""
    if sys.platform != "win32" or _why_not_on_windows(module_path) is None:
        return None
    return LinuxModule.from_parent(parent, path=module_path)


def _why_not_on_windows(path: Path) -> str | None:
    place = path.relative_to(Path(__file__).parent)
    return next(
        (LINUX_ONLY[name] for name in (place.parts[0], place.name, place.as_posix()) if name in LINUX_ONLY), None
    )


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """A folder for what a test makes, in another of its own: on Windows a server has its keys beside its state."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


if WINE:  # there a UDP port of one address is taken on every other one as well, unless it is shared

    @pytest.fixture(scope="session", autouse=True)
    def shared_udp_port() -> Iterator[None]:
        """Lets servers on different addresses have the discovery port at the same time, as on Windows."""
        bind = listening._bind

        def bind_beside(kind: socket.SocketKind, address: str, port: int) -> socket.socket:
            if kind != socket.SOCK_DGRAM:
                return bind(kind, address, port)
            bound = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                bound.bind((address, port))
            except OSError:
                bound.close()
                raise
            return bound

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(listening, "_bind", bind_beside)
            yield


@pytest.fixture(scope="session")
def vendor() -> Vendor:
    """The vendor whose products these tests use."""
    return Vendor()


@pytest.fixture(scope="session")
def stranger() -> Vendor:
    """Another vendor, or somebody who would like to be one."""
    return Vendor("Stranger")


@pytest.fixture
def computer() -> Computer:
    """The computer on which the license server runs."""
    return Computer()


@pytest.fixture(scope="session")
def leaving() -> Iterator[list[ServerThread]]:
    """Servers whose test is over. A stop takes a moment; all of them are waited for together."""
    servers: list[ServerThread] = []
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture
def make_server(
    tmp_path: Path, computer: Computer, leaving: list[ServerThread], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., ServerThread]]:
    """Makes license servers, not yet started, with an empty state; they are stopped after the test."""
    monkeypatch.setattr(type(this_system()), "fact_reader", lambda _: computer)
    made: list[ServerThread] = []

    def make(name: str = "server", **ini: object) -> ServerThread:
        folder = tmp_path / name
        folder.mkdir()
        made.append(ServerThread(folder, **ini))
        return made[-1]

    yield make
    for server in made:
        server.leave()
    leaving.extend(made)
    if WINE:  # a datagram for the next server could come to this one
        for server in made:
            server.stop()


@pytest.fixture
def server(make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer) -> ServerThread:
    """A running license server with one key of two licenses."""
    made = make_server()
    vendor.install(made.state, computer)
    return made.start()


@pytest.fixture(scope="session")
def credentials() -> dict[str, str]:
    """The ini's lines for the user Админ with the password пароль."""
    return {"user": seal_credential("Админ"), "password": seal_credential("пароль")}


@pytest.fixture
def closed(make_server: Callable[..., ServerThread], credentials: dict[str, str]) -> ServerThread:
    """A running server on which user and password are set."""
    return make_server("closed", **credentials).start()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that has room for 512 KiB."""
    if sys.platform == "win32":
        pytest.skip("Windows: a folder cannot be made a disk of its own")
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)

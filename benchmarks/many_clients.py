# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""10,000 clients at one license server: its memory, and how soon all of them are served again after it was killed."""

from __future__ import annotations

import resource
import signal
import socket
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks._load.instances import Instance, greeted, log_in, renew_all
from benchmarks._load.servers import license_server, memory
from benchmarks._load.talk import connect, converse
from benchmarks._report import BenchmarkError, Goal, Row
from licserver.kit import Kit
from server_core.tests.helpers import Vendor
from server_core.tests.processes import ServerProcess
from server_core.tests.running import PORT, http_request

CLIENTS = 10_000
SOURCES = ("127.203.0.1", "127.203.0.2", "127.203.0.3", "127.203.0.4")
"""The server gives each address a quarter of its connections."""
OPEN_FILES = 2 * CLIENTS
AT_ONCE = 500
"""How many clients come back at the same moment."""

_clients: list[Instance]
_sockets: list[socket.socket]


def measure() -> list[Row]:
    """Connect, measure, kill, and measure how long it takes until every client has renewed."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < OPEN_FILES:
        raise BenchmarkError(f"{OPEN_FILES} open files are needed, and {most} allowed here: raise ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    vendor = Vendor()
    with (
        license_server(vendor, keys=1, licenses=CLIENTS) as server,
        ProcessPoolExecutor(1, get_context("spawn")) as clients,
    ):
        address = (server.start().address, PORT)
        clients.submit(_log_in, address, vendor.kit).result()
        assert server.process is not None
        connected, peak = memory(server.process), memory(server.process, "VmHWM")
        started = time.perf_counter()
        server.end(signal.SIGKILL)
        ready = _start(server)
        clients.submit(_renew, address).result()
        back = time.perf_counter() - started
        _expect_all(server)
    return [
        Row("memory_of_10000_clients", "MB", connected, 200, Goal("at most", 1)),
        Row("peak_memory_of_10000_clients", "MB", peak, 200, Goal("at most", 1)),
        Row("start_with_10000_leases", "s", ready, 1, Goal("at most", 1)),
        Row("10000_clients_back_after_kill", "s", back, 5, Goal("at most", 1)),
    ]


def _start(server: ServerProcess) -> float:
    """Start; how many seconds it took until the server was ready."""
    started = time.perf_counter()
    server.start()
    return time.perf_counter() - started


def _expect_all(server: ServerProcess) -> None:
    _, info = http_request(server.address, "GET", "/api/v1/info")
    if info["connections"] != CLIENTS:
        raise BenchmarkError(f"after the restart {info['connections']} licenses are in use, not {CLIENTS}")


def _log_in(address: tuple[str, int], kit: Kit) -> None:
    global _clients, _sockets
    _clients, _sockets = [], []
    for source in SOURCES:
        for _ in range(CLIENTS // len(SOURCES) // AT_ONCE):
            newest = connect([address] * AT_ONCE, source)
            come = [Instance("user") for _ in newest]
            converse(newest, [log_in(welcome, [one]) for welcome, one in zip(greeted(newest), come, strict=True)])
            _clients += come
            _sockets += newest
    for one in _clients[::100]:
        one.check_granted(kit)


def _renew(address: tuple[str, int]) -> None:
    """Every client notices that its server is gone, comes back and renews its own lease."""
    for one in _sockets:
        one.close()
    for number, source in enumerate(SOURCES):
        share = CLIENTS // len(SOURCES)
        for start in range(number * share, (number + 1) * share, AT_ONCE):
            part = slice(start, start + AT_ONCE)
            _sockets[part] = connect([address] * AT_ONCE, source)
            greeted(_sockets[part])
            converse(_sockets[part], [renew_all([one]) for one in _clients[part]])

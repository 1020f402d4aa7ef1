# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of 10,000 connections on the web page, and what fifty pages that follow it take from the license port."""

from __future__ import annotations

import contextlib
import http.client
import selectors
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks._load.instances import Instance, greeted, log_in, renew_all
from benchmarks._load.servers import license_server
from benchmarks._load.talk import connect, converse
from benchmarks._report import BenchmarkError, Goal, Row
from server_core.tests.helpers import Vendor
from server_core.tests.running import PORT, WEB_PORT, Client, eventually

LEASES = 10_000
CONNECTIONS = 64
LOOKS = 60
PAGES = 50
ROUNDS = 4
NEWCOMERS = 200
"""So many may come in a round."""
TURNS = 20
"""How often each lease is renewed in a round."""

_sockets: list[socket.socket]
_shares: list[list[Instance]]


def measure() -> list[Row]:
    """Two servers, one with nobody and one with 10,000; then renewals, with and without pages, in turn."""
    vendor = Vendor()
    with (
        license_server(vendor, keys=1, licenses=1) as empty,
        license_server(vendor, keys=1, licenses=LEASES + NEWCOMERS) as full,
        ProcessPoolExecutor(1, get_context("spawn")) as clients,
    ):
        nobody, crowd = empty.start().address, full.start().address
        clients.submit(_log_in, crowd).result()
        without, among = _first_bytes(nobody, crowd)
        quiet, watched = [], []
        for _ in range(ROUNDS):
            with _coming(crowd):
                quiet.append(clients.submit(_renew).result())
            with _coming(crowd), _watching(crowd) as told:
                watched.append(clients.submit(_renew).result())
            if told() < PAGES:
                raise BenchmarkError("not every page was told what changed")
    return [
        Row("first_byte_of_10000_connections", "ms", among * 1000, without * 1000, Goal("at most", 3)),
        Row("renewals_beside_50_pages", "1/s", max(watched), max(quiet), Goal("at least", 0.9)),
    ]


def _log_in(address: str) -> None:
    global _sockets, _shares
    _sockets = connect([(address, PORT)] * CONNECTIONS)
    instances = [Instance(f"user {number}") for number in range(LEASES)]
    _shares = [instances[number::CONNECTIONS] for number in range(CONNECTIONS)]
    converse(_sockets, list(map(log_in, greeted(_sockets), _shares)))


def _renew() -> float:
    """Renewals in a second."""
    return TURNS * LEASES / converse(_sockets, [renew_all(share * TURNS) for share in _shares])


def _first_bytes(*addresses: str) -> list[float]:
    """Seconds from the question to the first byte of the answer, asked in turn; of each the median."""
    seconds: dict[str, list[float]] = {address: [] for address in addresses}
    with contextlib.ExitStack() as after:
        asked = {address: http.client.HTTPConnection(address, WEB_PORT) for address in addresses}
        for connection in asked.values():
            after.callback(connection.close)
        for _ in range(LOOKS):
            for address, connection in asked.items():
                started = time.perf_counter()
                connection.request("GET", "/connections", headers={"Accept": "text/html"})
                answer = connection.getresponse()
                seconds[address].append(time.perf_counter() - started)
                if answer.status != 200 or (b"rows" not in answer.read() and address == addresses[-1]):
                    raise BenchmarkError(f"{address} does not show its connections")
    return [statistics.median(seconds[address]) for address in addresses]


@contextlib.contextmanager
def _coming(address: str) -> Iterator[None]:
    """Twice a second somebody comes; all of them go at the end."""
    over = threading.Event()

    def come() -> None:
        with contextlib.ExitStack() as newcomers:
            while not over.wait(0.5):
                client = newcomers.enter_context(Client(address))
                client.take("newcomer")
                newcomers.callback(client.logout)

    thread = threading.Thread(target=come)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def _watching(address: str) -> Iterator[Callable[[], int]]:
    """Fifty pages that have been opened, each on a computer of its own, and follow the list; how many of them were told
    since what changed."""
    heard: Counter[socket.socket] = Counter()
    over = threading.Event()
    computers = [(f"127.1.0.{number}", 0) for number in range(1, PAGES + 1)]
    pages = [socket.create_connection((address, WEB_PORT), source_address=computer) for computer in computers]
    for page in pages:
        page.sendall(f"GET /live/connections HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\r\n".encode())

    def read() -> None:
        with selectors.DefaultSelector() as readable:
            for page in pages:
                readable.register(page, selectors.EVENT_READ, page)
            while not over.is_set():
                for key, _ in readable.select(0.1):
                    heard[key.data] += key.data.recv(1 << 20).count(b"data: ")

    thread = threading.Thread(target=read)
    thread.start()
    try:
        eventually(lambda: len(+heard) == PAGES, "every page is told what there is")
        heard.clear()
        yield lambda: len(+heard)
    finally:
        over.set()
        thread.join()
        for page in pages:
            page.close()

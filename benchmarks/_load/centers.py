# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation centers and the bare endpoint as processes, and what is asked of them."""

from __future__ import annotations

import contextlib
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from licserver.center.acting import Act
from licserver.center.app import ACTIVATIONS_PATH
from licserver.center.authority import TLS_FILE
from licserver.center.catalog import Catalog, CatalogKey, apply_catalog
from licserver.center.foundation import Center, initialize, open_center
from licserver.center.registry import Product
from licserver.center.settings import Settings
from licserver.documents import Counter, License, open_sealed
from server_core.tests.center.helpers import SHELL, make_request
from server_core.tests.center.postgresql import running_cluster
from server_core.tests.center.running import serving, strict_context

CONNECTIONS = 16
_BARE_TABLE = "CREATE TABLE bare (request TEXT NOT NULL, answer TEXT NOT NULL)"
_PIN = "1111-1111"
_PRODUCT = Product(product="retail", name="Retail 8", counters=(Counter(name="main", type="session", limit=5),))


@dataclass
class Load:
    """A center in one or two processes, and as many bare endpoints over the same kind of database."""

    center: Center
    ports: Sequence[int]
    bare_ports: Sequence[int]
    context: ssl.SSLContext
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def activations(self, number: int) -> float:
        """How many activations are carried out in a second, each of another key."""
        requests = self._sell(number)
        seconds, answers = self._send(self.ports, requests)
        for answer in answers[::100]:
            open_sealed(answer, License, self.center.authority.vendor.public_key())
        return number / seconds

    def bare(self, number: int) -> float:
        """How many requests of the same length the bare endpoint signs and stores in a second."""
        request = make_request(self.center.authority.exchange.public_key(), _PIN, key_number="100-000000")
        return number / self._send(self.bare_ports, [request] * number)[0]

    def _sell(self, number: int) -> list[str]:
        numbers = [f"100-{next(self._numbers):06}" for _ in range(number)]
        keys = tuple(CatalogKey(key_number=one, product="retail", pins=(_PIN,)) for one in numbers)
        with self.center.database.writing() as connection:
            catalog = Catalog(products=(_PRODUCT,), keys=keys)
            apply_catalog(connection, catalog, pepper=self.center.authority.pepper, act=Act(int(time.time()), SHELL))
        exchange = self.center.authority.exchange.public_key()
        return [make_request(exchange, _PIN, key_number=one) for one in numbers]

    def _send(self, ports: Sequence[int], requests: Sequence[str]) -> tuple[float, list[str]]:
        """Seconds for all of them over kept connections, and the answers."""
        answers: list[str] = []
        begin, end = threading.Barrier(CONNECTIONS + 1), threading.Barrier(CONNECTIONS + 1)

        def work(number: int) -> None:
            with self._connect(ports[number % len(ports)]) as line:
                begin.wait()
                answers.extend(_ask(line, request) for request in requests[number::CONNECTIONS])
                end.wait()

        workers = [threading.Thread(target=work, args=(number,)) for number in range(CONNECTIONS)]
        for worker in workers:
            worker.start()
        begin.wait()
        started = time.perf_counter()
        end.wait()
        seconds = time.perf_counter() - started
        for worker in workers:
            worker.join()
        return seconds, answers

    def _connect(self, port: int) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", port), 60)
        return self.context.wrap_socket(plain, server_hostname="127.0.0.1")


def _ask(line: ssl.SSLSocket, request: str) -> str:
    """One request and its answer, by hand: what the clients cost is taken from the server."""
    head = f"POST {ACTIVATIONS_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(request)}\r\n\r\n"
    line.sendall((head + request).encode())
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += line.recv(65536)
    told, _, body = heard.partition(b"\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 200 "), heard
    length = int(told.lower().partition(b"content-length:")[2].split()[0])
    while len(body) < length:
        body += line.recv(65536)
    return body.decode()


@contextlib.contextmanager
def on_sqlite() -> Iterator[Load]:
    """One center over a file, and one bare endpoint over another."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        directory, bare = Path(name, "center"), str(Path(name, "bare.sqlite"))
        with contextlib.closing(sqlite3.connect(bare)) as database:
            database.execute(_BARE_TABLE)
        yield _load(stack, [directory], None, bare)


@contextlib.contextmanager
def on_postgresql() -> Iterator[Load]:
    """Two centers over one PostgreSQL that forgets nothing, and two bare endpoints beside them."""
    with running_cluster(settings=()) as cluster, tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        database = cluster.new_database()
        cluster.execute(_BARE_TABLE, database)
        directories = [Path(name, "first"), Path(name, "second")]
        yield _load(stack, directories, cluster.url(database), cluster.address(database))


def _load(stack: ExitStack, directories: Sequence[Path], url: str | None, bare: str) -> Load:
    first, *others = directories
    settings = Settings(name="Vendor", url="https://127.0.0.1:15443", database=url)
    initialize(first, settings, None, now=int(time.time()))
    for other in others:
        shutil.copytree(first, other)
    center = stack.enter_context(open_center(first))
    running = [stack.enter_context(serving(one, "--requests-per-minute", "0")) for one in directories]
    bare_ports = [stack.enter_context(_bare_endpoint(first / TLS_FILE, bare)) for _ in directories]
    ports = [urlsplit(one.url()).port or 0 for one in running]
    return Load(center, ports, bare_ports, strict_context(center.authority.kit(settings)))


@contextlib.contextmanager
def _bare_endpoint(certificate: Path, database: str) -> Iterator[int]:
    command = [sys.executable, "-m", "benchmarks._load.bare_center", str(certificate), database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()

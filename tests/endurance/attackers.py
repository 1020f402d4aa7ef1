# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attackers, each in a process of its own. All of them are nice and paced: on two processors they would otherwise
take from the server what no network takes, its processor."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from multiprocessing.synchronize import Event
from typing import TypeVar

from benchmarks._load.instances import HELLO, foreign_welcome, unheard
from server_core.tests.running import believing_tls
from tests.endurance import fuzz

ALL_BUT_A_HELLO = HELLO[:-1]
NICE = 5
"""A third of the processor that the server and the honest client get when all of them want it."""
BURST_SECONDS = 0.02
LINES_OF_A_CONNECTION = 14
"""Of lines that are no request the sixteenth ends a connection."""
LOITERERS_AT_ONCE = 500
CONNECT_SECONDS = 10.0
IP_BIND_ADDRESS_NO_PORT = 24
"""See ip(7); not every Python has a name for it."""
BYTE_SECONDS = 0.5

Item = TypeVar("Item")


def send_datagrams(host: str, port: int, source: str, count: int, per_second: float) -> int:
    """Send so many hostile datagrams; how many left."""
    os.nice(NICE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.bind((source, 0))
        for datagram in _paced(itertools.islice(fuzz.datagrams(1), count), per_second):
            sending.sendto(datagram, (host, port))
    return count


def send_lines(address: tuple[str, int], source: str, count: int, per_second: float) -> int:
    """Send so many hostile lines, or as much of them as the server takes, on one connection after the other, half of
    them after a hello; how many."""
    os.nice(NICE)
    sent = 0
    hostile = _paced(itertools.islice(fuzz.lines(2), count), per_second)
    for number in itertools.count():
        part = list(itertools.islice(hostile, LINES_OF_A_CONNECTION if number % 2 else 1))
        if not part:
            return sent
        with contextlib.suppress(OSError), _connect(address, source) as connection:
            sent += len(part)
            connection.sendall((HELLO if number % 2 else b"") + b"\n".join(part) + b"\n"[: random.randint(0, 1)])
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
    raise AssertionError


def flood(address: tuple[str, int], source: str, connections: int, per_second: float, stop: Event, *, tls: bool) -> int:
    """Well-formed requests from one address until ``stop``; answers are taken only now and then."""
    os.nice(NICE)
    instance = unheard()
    login = instance.login_line(foreign_welcome())
    requests = HELLO + b"".join(instance.renewal() for _ in range(20)) + login * 2
    flooding = [_open(address, source, tls=tls) for _ in range(connections)]
    rounds = 0
    for number in _paced(itertools.count(), per_second / 23):
        if stop.is_set():
            return rounds * 23
        one = flooding[number % connections]
        with contextlib.suppress(OSError):
            if number % 3 == 0:
                one.recv(2**20)
            one.send(requests)
            rounds += 1
    raise AssertionError


def loiter(address: tuple[str, int], source: str, connections: int, said: bytes, stop: Event) -> tuple[int, int]:
    """Keep so many connections open that say a byte of what is to be said now and then; those that the server ends are
    opened anew. How many were opened, and how many were open at once."""
    os.nice(NICE)
    opened = at_once = 0
    waiting: list[tuple[socket.socket, Iterator[int]]] = []
    while not stop.is_set():
        for _ in range(min(LOITERERS_AT_ONCE, connections - len(waiting))):
            waiting.append((_open(address, source), iter(said)))
            opened += 1
        waiting = [(one, rest) for one, rest in waiting if _still_open(one, rest)]
        at_once = max(at_once, len(waiting))
        stop.wait(BYTE_SECONDS)
    for one, _ in waiting:
        one.close()
    return opened, at_once


def greet_with_garbage(address: tuple[str, int], source: str, count: int, per_second: float) -> int:
    """Begin so many TLS handshakes, altered; how many."""
    os.nice(NICE)
    chance, greeting = random.Random(3), _client_hello()
    for _ in _paced(range(count), per_second):
        altered = bytearray(greeting[: chance.randint(1, len(greeting))])
        for _ in range(chance.randint(0, 5)):
            altered[chance.randrange(len(altered))] = chance.randrange(256)
        with contextlib.suppress(OSError), _open(address, source) as connection:
            connection.sendall(altered)
    return count


def _client_hello() -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname="license-server").do_handshake()
    return outgoing.read()


def _open(address: tuple[str, int], source: str, *, tls: bool = False) -> socket.socket:
    connection = _connect(address, source)
    if tls:
        connection = believing_tls().wrap_socket(connection)
    connection.setblocking(False)
    return connection


def _connect(address: tuple[str, int], source: str) -> socket.socket:
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        connection.settimeout(CONNECT_SECONDS)
        # or the system looks for a port that is free for every server, which takes a millisecond after many connections
        connection.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        connection.bind((source, 0))
        connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


def _still_open(one: socket.socket, rest: Iterator[int]) -> bool:
    try:
        one.send(bytes(itertools.islice(rest, 1)))
        is_open = bool(one.recv(1))
    except BlockingIOError:
        is_open = True
    except OSError:
        is_open = False
    if not is_open:
        one.close()
    return is_open


def _paced(items: Iterable[Item], per_second: float) -> Iterator[Item]:
    """The items, no faster than that; what the computer was too busy for is not caught up with."""
    due = time.monotonic()
    for item in items:
        now = time.monotonic()
        if due - now > BURST_SECONDS:
            time.sleep(due - now)
        due = max(due, now - BURST_SECONDS) + 1 / per_second
        yield item

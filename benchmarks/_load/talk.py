# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many clients in one process, at the least cost: each sends a line, waits for the line that answers, and goes on.

The same loop drives the license server and the echo, so that what the clients themselves cost is in both figures.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Generator, Iterable, Sequence

Talk = Generator[bytes, bytes, None]
"""Yields what is to be sent; is sent the line that answers."""

PATIENCE_SECONDS = 30.0


def recite(lines: Iterable[bytes], answers: list[bytes]) -> Talk:
    """Say these lines, one after the answer to the other."""
    for line in lines:
        answers.append((yield line))


def connect(addresses: Sequence[tuple[str, int]], source: str = "") -> list[socket.socket]:
    """One connection to each address."""
    connected = []
    for address in addresses:
        one = socket.create_connection(
            address, timeout=PATIENCE_SECONDS, source_address=(source, 0) if source else None
        )
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.append(one)
    return connected


def converse(sockets: Sequence[socket.socket], talks: Sequence[Talk]) -> float:
    """Carry out one talk on each connection, all at the same time; how many seconds it took.

    :raises ConnectionError: somebody hung up, or gave no answer in time.
    """
    at_work = {one.fileno(): (one, talk) for one, talk in zip(sockets, talks, strict=True)}
    cut = dict.fromkeys(at_work, b"")
    with select.epoll() as readable:
        for number in at_work:
            readable.register(number, select.EPOLLIN)
        started = time.perf_counter()
        for one, talk in at_work.values():
            one.sendall(next(talk))
        while at_work:
            ready = readable.poll(PATIENCE_SECONDS)
            if not ready:
                raise ConnectionError(f"{len(at_work)} clients got no answer")
            for number, _ in ready:
                one, talk = at_work[number]
                data = one.recv(65536)
                if not data:
                    raise ConnectionError("the server hung up")
                if not data.endswith(b"\n"):
                    cut[number] += data
                    continue
                if cut[number]:
                    data, cut[number] = cut[number] + data, b""
                try:
                    one.sendall(talk.send(data))
                except StopIteration:
                    del at_work[number]
                    readable.unregister(number)
        return time.perf_counter() - started

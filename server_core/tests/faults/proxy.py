# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A way between two programs that breaks."""

import contextlib
import socket
from collections.abc import Iterator
from threading import Thread
from typing import Literal, NamedTuple

Way = Literal["there", "back"]


class Cut(NamedTuple):
    """Where a connection breaks: after so many bytes on their way there or back."""

    way: Way
    after: int


class Proxy:
    """Passes on what comes to a port of its own, until it cuts the connection.

    :ivar cut: where; ``None``: nowhere.
    :ivar passed: all that went there and back on the last connection.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.cut: Cut | None = None
        self.passed: dict[Way, bytes] = {"there": b"", "back": b""}
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()

    def places(self) -> Iterator[Cut]:
        """Where the last connection could have been cut: at both ends and at the end of the heads of both messages, a
        byte beside each, and in the middle."""
        for way, data in self.passed.items():
            head = data.find(b"\r\n\r\n") + 4
            places = {0, 1, data.find(b"\r\n"), head - 1, head, head + 1, (head + len(data)) // 2, len(data) - 1}
            yield from (Cut(way, place) for place in sorted(places))

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            self._threads.append(Thread(target=self._serve, args=(near,)))
            self._threads[-1].start()

    def _serve(self, near: socket.socket) -> None:
        with near, socket.create_connection(self._target) as far:
            self.passed = {"there": b"", "back": b""}
            there = Thread(target=self._pass_on, args=("there", near, far))
            there.start()
            self._pass_on("back", far, near)
            there.join()

    def _pass_on(self, way: Way, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(self._room(way)):
                self.passed[way] += data
                target.sendall(data)
        if self.cut is not None and self.cut.way == way:
            _hang_up(source)
        _hang_up(target)

    def _room(self, way: Way) -> int:
        """How many bytes may pass before the next look; none where the connection is to be cut."""
        if self.cut is None or self.cut.way != way:
            return 65536
        return max(0, self.cut.after - len(self.passed[way]))


def _hang_up(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def proxy_to(target: tuple[str, int]) -> Iterator[Proxy]:
    """A proxy for as long as it is used."""
    made = Proxy(target)
    try:
        yield made
    finally:
        made.close()

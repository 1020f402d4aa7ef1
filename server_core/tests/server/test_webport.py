# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server: nobody keeps its connections for himself."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from licserver.system import this_system
from server_core.tests.running import DEADLINE_SECONDS, WEB_PORT, ServerThread, eventually, web_answers

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextlib.contextmanager
def browser(server: ServerThread) -> Iterator[socket.socket]:
    with socket.create_connection((server.address, WEB_PORT), timeout=DEADLINE_SECONDS) as connection:
        yield connection


def everything(connection: socket.socket) -> bytes:
    """All that comes until the server hangs up."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while data := connection.recv(65536):
            received += data
    return received


@pytest.mark.parametrize(("sent", "answers"), [(b"", 0), (b"GET / HT", 0), (REQUEST + b"GET / HT", 1)])
def test_a_browser_that_sends_no_whole_request_is_hung_up_on(
    server: ServerThread, monkeypatch: pytest.MonkeyPatch, sent: bytes, answers: int
) -> None:
    monkeypatch.setattr("licserver.server.webport.STUCK_SECONDS", 0.05)
    with browser(server) as connection:
        connection.sendall(sent)

        assert everything(connection).count(b"200 OK") == answers


def test_one_address_gets_a_part_of_the_connections(
    make_server: Callable[..., ServerThread], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(this_system()), "raise_open_files", lambda _: 128)
    server = make_server().start()
    with browser(server), browser(server), browser(server) as third, browser(server) as fourth:
        fourth.sendall(REQUEST)
        assert everything(fourth) == b""
        third.sendall(REQUEST)
        told = everything(third)

    assert told.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nRetry-After: 10\r\n" in told
    assert web_answers(server.address)


def test_who_takes_no_answers_loses_his_place(
    make_server: Callable[..., ServerThread], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(this_system()), "raise_open_files", lambda _: 128)
    monkeypatch.setattr("licserver.server.webport.STUCK_SECONDS", 0.2)
    server = make_server().start()
    with browser(server) as one, browser(server) as other:
        for connection in (one, other):
            connection.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200)

        eventually(lambda: web_answers(server.address), "two places of one address are free again")


def test_a_large_answer_comes_whole_over_a_slow_line(server: ServerThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("licserver.server.webport.STUCK_SECONDS", 0.2)
    long = "x" * 12_000_000
    monkeypatch.setattr("licserver.server.reports.Reports.connections", lambda *_: [{"user": long}])
    with browser(server) as connection:
        connection.sendall(b"GET /api/v1/connections HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = 0
        while data := connection.recv(2**18):
            received += len(data)
            time.sleep(0.02)  # the line is slow

    assert received > len(long)

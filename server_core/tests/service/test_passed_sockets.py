# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets that a service manager keeps open for a server."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from licserver.service.passed_sockets import passed_sockets
from server_core.tests.processes import ServerProcess, server_process, words
from server_core.tests.running import PORT, WEB_PORT, Client, eventually, http_request

MANAGER = """
import os, sys
for number, descriptor in enumerate(map(int, sys.argv[1].split(",")), 3):
    os.dup2(descriptor, number)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(sys.argv[1].count(",") + 1)}
os.execv(sys.argv[2], sys.argv[2:])
"""


def start_with(server: ServerProcess, *passed: socket.socket) -> "subprocess.Popen[bytes]":
    """Start a server as systemd does; its sockets come as the descriptors 3 and up."""
    descriptors = [os.dup(one.fileno()) for one in passed]
    high = [os.dup2(one, one + 100, inheritable=True) for one in descriptors]
    with server.log.open("ab") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", MANAGER, ",".join(map(str, high))),
                *(*words("licserver"), "run", "--ini", str(server.ini), "--state", str(server.state)),
            ],
            pass_fds=high,
            stderr=log,
        )
    for one in (*descriptors, *high):
        os.close(one)
    server.process = process
    return process


def listen(address: str, port: int) -> socket.socket:
    return socket.create_server((address, port))


def test_a_client_that_connects_while_the_server_is_away_waits_for_it(tmp_path: Path) -> None:
    with (
        server_process(tmp_path) as server,
        listen(server.address, PORT) as licenses,
        listen(server.address, WEB_PORT) as web,
    ):
        for _ in range(2):
            with Client(server.address) as early:
                process = start_with(server, web, licenses)
                early.hello()
                assert http_request(server.address, "GET", "/healthz") == (200, "ok\n")

                process.send_signal(signal.SIGTERM)
                assert process.wait(10) == 0


def test_sockets_that_the_ini_does_not_ask_for_are_not_used_and_named(tmp_path: Path) -> None:
    with server_process(tmp_path) as server, listen(server.address, 15300) as other:
        start_with(server, other)

        eventually(lambda: "port 15300, which the ini does not ask for" in server.log.read_text(), "it says so")
        eventually(lambda: "listens on" in server.log.read_text(), "the server binds for itself")
        with Client(server.address) as client:
            client.hello()


@pytest.mark.parametrize("environment", [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_FDS": "1"}])
def test_what_was_passed_to_another_process_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert passed_sockets() == []
    assert "LISTEN_FDS" not in os.environ

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that begins anew in its own process."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from licserver.cli import licctl
from licserver.errors import LicensingError
from licserver.server.control import control_path
from licserver.service import ProcessHost
from licserver.wire.messages import Renewed
from server_core.tests.processes import command
from server_core.tests.running import PORT, Client, ServerThread, eventually, free_ports, loopback_address, write_ini
from server_core.tests.server.helpers import bearer


def run_of(server: ServerThread) -> Any:
    try:
        return server.http("GET", "/api/v1/info")[1]["server"]["run"]
    except OSError:
        return None


def restart(server: ServerThread) -> Any:
    """Restart over the JSON API, and wait until another run answers."""
    before = run_of(server)
    status, answer = server.http("POST", "/api/v1/restart", {}, **bearer(server))
    assert status == 200, answer
    eventually(lambda: run_of(server) not in (None, before), "the next run answers")
    return answer


def test_licenses_stay_with_their_holders(server: ServerThread) -> None:
    with server.client() as client:
        granted = client.take()
        restart(server)

    with server.client(private=client.private) as again:
        assert again.take().lease == granted.lease
        assert isinstance(again.renew(), Renewed)
    assert len(server.http("GET", "/api/v1/connections")[1]["connections"]) == 1


def test_what_only_a_restart_puts_in_force_is_in_force(server: ServerThread) -> None:
    port, _ = free_ports()
    server.http("PATCH", "/api/v1/settings", {"port": port}, **bearer(server))
    answer = restart(server)

    assert answer["server"]["web_port"] == 15201
    assert server.http("GET", "/api/v1/settings")[1]["restart_needed"] == []
    with Client(server.address, port) as client:
        client.hello()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((server.address, PORT)).close()


@pytest.mark.parametrize("ini", [b"port=x\n", b"TLS=1\nTLSCertificate=/nowhere\nTLSKey=/nowhere\n"])
def test_what_would_keep_it_from_starting_keeps_it_from_stopping(server: ServerThread, ini: bytes) -> None:
    before = run_of(server)
    server.ini.write_bytes(ini)

    assert server.http("POST", "/api/v1/restart", {}, **bearer(server))[0] == 409
    assert run_of(server) == before


def test_a_port_that_somebody_else_has_keeps_it_from_stopping(server: ServerThread) -> None:
    with socket.create_server((server.address, 0)) as taken:
        write_ini(server.ini, server.address, port=taken.getsockname()[1])
        status, answer = server.http("POST", "/api/v1/restart", {}, **bearer(server))

    assert (status, answer["error"]["code"]) == (409, "port_unavailable")
    assert run_of(server)


def test_an_address_that_is_none_of_its_own_keeps_it_from_stopping(server: ServerThread) -> None:
    write_ini(server.ini, "192.0.2.7", Local=0)
    status, answer = server.http("POST", "/api/v1/restart", {}, **bearer(server))

    assert (status, answer["error"]["code"]) == (409, "address_unavailable")
    assert run_of(server)


def test_a_port_that_somebody_has_at_the_next_address_keeps_it_from_stopping(server: ServerThread) -> None:
    next_address = loopback_address()
    server.http("PATCH", "/api/v1/settings", {"bind_address": next_address}, **bearer(server))
    with socket.create_server((next_address, PORT)):
        status, answer = server.http("POST", "/api/v1/restart", {}, **bearer(server))

    assert (status, answer["error"]["code"]) == (409, "port_unavailable")
    assert run_of(server)


def test_nobody_restarts_it_without_credentials(server: ServerThread) -> None:
    assert server.http("POST", "/api/v1/restart", {})[0] == 401


@pytest.mark.skipif(os.name == "nt", reason="Windows passes no sockets")
def test_sockets_that_were_passed_once_serve_every_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = ProcessHost()
    with socket.create_server(("127.0.0.1", 0)) as passed:
        monkeypatch.setattr("licserver.service.passed_sockets", iter([[passed.dup()], []]).__next__)
        for _ in range(2):
            (mine,) = host.passed_sockets()
            with mine:
                assert mine.getsockname() == passed.getsockname()
    for one in host._passed:
        one.close()


def test_the_command_waits_until_it_serves_again(server: ServerThread) -> None:
    before = run_of(server)

    done = command("licctl", "--ini", server.ini, "--state", server.state, "restart")

    assert (done.returncode, done.stdout) == (0, "The server was restarted and serves.\n")
    assert run_of(server) not in (None, before)


def test_the_command_gives_up_where_nothing_answers_any_more(
    server: ServerThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(licctl, "RESTART_SECONDS", 0)
    options = ["--ini", str(server.ini), "--state", str(server.state), "restart"]

    with pytest.raises(LicensingError, match="has not answered for 0 seconds"):
        licctl._licctl(options)


def test_a_stop_counts_more_than_a_restart(server: ServerThread) -> None:
    server.http("POST", "/api/v1/restart", {}, **bearer(server))
    server.stop()

    assert run_of(server) is None


def test_the_command_is_not_kept_by_a_port_on_which_nobody_answers_any_more(
    server: ServerThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(licctl, "RESTART_SECONDS", 0.3)
    monkeypatch.setattr(licctl, "ASK_AGAIN_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:

        async def point_elsewhere() -> Any:
            control = json.loads(control_path(server.state).read_bytes())
            elsewhere = {**control, "host": "127.0.0.1", "port": silent.getsockname()[1]}
            control_path(server.state).write_text(json.dumps(elsewhere))
            return {"server": {}}

        monkeypatch.setattr(server.server.restarter, "restart", point_elsewhere)
        with pytest.raises(LicensingError, match="has not answered"):
            licctl._licctl(["--ini", str(server.ini), "--state", str(server.state), "restart"])

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running server takes over what its ini says by now. docs/protocol.md, "Reload"."""

import socket
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from licserver.ini_text import seal_credential
from licserver.server.certificate import self_signed
from licserver.wire.messages import Granted, Renewed
from server_core.tests.helpers import Computer, Vendor
from server_core.tests.running import DEADLINE_SECONDS, PORT, ServerThread, believing_tls, write_ini
from server_core.tests.server.helpers import basic, bearer

MakeServer = Callable[..., ServerThread]


def reload(server: ServerThread, **ini: object) -> Any:
    """Write another ini and have the server take it over, by its JSON API."""
    write_ini(server.ini, server.address, **ini)
    return server.http("POST", "/api/v1/reload", {}, **bearer(server))


def shown(server: ServerThread) -> str:
    """SHA-256 of the certificate that new connections see."""
    with (
        socket.create_connection((server.address, PORT), timeout=DEADLINE_SECONDS) as plain,
        believing_tls().wrap_socket(plain) as encrypted,
    ):
        return sha256(encrypted.getpeercert(binary_form=True) or b"").hexdigest()


def test_nothing_new_is_nothing_done(server: ServerThread) -> None:
    assert reload(server) == (200, {"changed": False, "applied": [], "restart_needed": []})


def test_a_new_idle_time_is_in_force_at_once(server: ServerThread) -> None:
    answer = reload(server, IdleTime=33)

    assert answer == (200, {"changed": True, "applied": ["IdleTime"], "restart_needed": []})
    assert server.server.desk.book.idle_seconds == 33 * 60


def test_connections_and_their_licenses_go_on(server: ServerThread) -> None:
    with server.client() as client:
        client.take()

        reload(server, IdleTime=33)

        assert isinstance(client.renew(), Renewed)


def test_a_new_password_is_asked_for_at_once_and_the_old_one_not_known_any_more(
    closed: ServerThread, credentials: dict[str, str]
) -> None:
    assert closed.http("GET", "/", **basic("Админ", "пароль"))[0] == 200

    _, done = reload(closed, **credentials | {"password": seal_credential("другой")})

    assert done["applied"] == ["password"]
    assert closed.http("GET", "/", **basic("Админ", "пароль"))[0] == 401
    assert closed.http("GET", "/", **basic("Админ", "другой"))[0] == 200


def test_what_a_running_server_cannot_take_over_is_named_and_stays(server: ServerThread) -> None:
    status, done = reload(server, port=15900, WebPort=15901, Local=0, TLS=1, IdleTime=33)

    assert (status, done["applied"]) == (200, ["IdleTime"])
    assert done["restart_needed"] == ["port", "WebPort", "Local", "TLS"]
    described = server.server.reports.server()
    assert (described["port"], described["web_port"], described["local"], described["tls"]) == (
        15200,
        15201,
        True,
        None,
    )


@pytest.mark.parametrize("same_file", [True, False])
def test_a_new_certificate_is_shown_to_new_connections(
    make_server: MakeServer, vendor: Vendor, computer: Computer, tmp_path: Path, same_file: bool
) -> None:
    old, new = tmp_path / "old.pem", tmp_path / ("old.pem" if same_file else "new.pem")
    old.write_bytes(self_signed("old"))
    server = make_server(TLS=1, TLSCertificate=old, TLSKey=old)
    vendor.install(server.state, computer)
    server.start()
    before = shown(server)
    with server.client() as client:
        client.take()
        new.write_bytes(self_signed("new"))

        _, done = reload(server, TLS=1, TLSCertificate=new, TLSKey=new)

        assert isinstance(client.renew(), Renewed)
    assert done["applied"] == (["TLSCertificate"] if same_file else ["TLSCertificate", "TLSKey"])
    assert shown(server) == server.server.reports.server()["tls"]["certificate_sha256"] != before
    assert server.server.reports.server()["tls"]["certificate_sha256"] in (server.state / "control.json").read_text()


def test_an_ini_that_cannot_be_used_is_refused_and_all_stays(server: ServerThread) -> None:
    status, answer = reload(server, IdleTime="long")

    assert (status, answer["error"]["code"]) == (409, "bad_ini")
    problem = f"{server.ini}: line 5: IdleTime=long: not a number from 0 to 1440"
    assert answer["error"]["message"] == problem
    assert server.server.desk.book.idle_seconds == 600
    with server.client() as client:
        assert isinstance(client.take(), Granted)


def test_a_certificate_that_cannot_be_used_is_refused_and_all_stays(server: ServerThread, tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"

    status, answer = reload(server, IdleTime=33, TLS=1, TLSCertificate=missing, TLSKey=missing)

    assert (status, answer["error"]["code"]) == (409, "bad_certificate")
    assert f"{missing}: No such file" in answer["error"]["message"]
    assert server.server.desk.book.idle_seconds == 600


def test_who_may_not_change_anything_may_not_reload(server: ServerThread) -> None:
    assert server.http("POST", "/api/v1/reload", {})[0] == 401

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a command reaches the running server, and tells it from everything else."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from licserver.cli._server import ServerNotRunningError, ask_server
from licserver.errors import LicensingError
from licserver.server.control import control_path, control_proof, control_text
from server_core.tests.running import ServerThread


class Page(BaseHTTPRequestHandler):
    """A server that knows the token, or one that does not; otherwise it answers everything alike."""

    protocol_version = "HTTP/1.1"
    knows = True
    hangs_up = False
    status, body = 200, b""
    told: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        """Called by the HTTP server."""
        self.told.append(self.headers["Authorization"])
        asked_for_proof = self.path.startswith("/api/v1/proof/")
        if asked_for_proof and self.knows:
            self.answer(200, json.dumps({"proof": control_proof("t", self.path.rpartition("/")[2])}).encode())
        else:
            self.answer(self.status, self.body)

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if self.hangs_up:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Page]]:
    """Whatever listens where the control file points to."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as http:
        write_control(tmp_path, host="127.0.0.1", port=http.server_port, token="t")
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        Page.told.clear()
        yield Page
        http.shutdown()
        thread.join()


def write_control(state: Path, **content: object) -> None:
    (state / "control.json").write_text(json.dumps(content))


def ask(state: Path) -> Any:
    return ask_server(state, "GET", "/info", field="server")


def test_the_servers_answer_comes_back(tmp_path: Path, page: type[Page], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "body", b'{"server":{"name":"host"}}')

    assert ask(tmp_path) == {"server": {"name": "host"}}


def test_the_servers_refusal_comes_back(tmp_path: Path, page: type[Page], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "status", 409)
    monkeypatch.setattr(page, "body", b'{"error":{"code":"wrong_pin","message":"no","hint":"Type it again"}}')

    with pytest.raises(LicensingError) as error:
        ask(tmp_path)

    assert (error.value.code, error.value.message, error.value.hint) == ("wrong_pin", "no", "Type it again")


@pytest.mark.parametrize("knows", [True, False])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, b"\xff"),
        (200, b"[]"),
        (200, b"[" * 100_000),
        (200, b'"server"'),
        (200, b'{"hello":"world"}'),
        (200, b'{"proof":1}'),
        (200, '{"proof":"é"}'.encode()),
        (401, b"{}"),
        (404, b'{"detail":"Not Found"}'),
        (500, b"[]"),
        (500, b'{"error":"none"}'),
    ],
)
def test_an_answer_that_makes_no_sense_is_no_running_server(
    tmp_path: Path, page: type[Page], monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, knows: bool
) -> None:
    monkeypatch.setattr(page, "knows", knows)
    monkeypatch.setattr(page, "status", status)
    monkeypatch.setattr(page, "body", body)

    with pytest.raises(ServerNotRunningError):
        ask(tmp_path)


@pytest.mark.parametrize(("knows", "hangs_up"), [(False, False), (True, True)])
def test_who_has_not_proved_to_be_the_server_is_not_told_the_token(
    tmp_path: Path, page: type[Page], monkeypatch: pytest.MonkeyPatch, knows: bool, hangs_up: bool
) -> None:
    monkeypatch.setattr(page, "knows", knows)
    monkeypatch.setattr(page, "hangs_up", hangs_up)
    monkeypatch.setattr(page, "body", b'{"server":{},"proof":"0"}')

    with pytest.raises(ServerNotRunningError):
        ask(tmp_path)

    assert page.told == [None]


@pytest.mark.parametrize(
    ("listens_on", "host"),
    [("", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.0.2.7", "192.0.2.7"), ("::1", "::1")],
)
def test_a_server_on_all_addresses_is_asked_by_loopback(tmp_path: Path, listens_on: str, host: str) -> None:
    control_path(tmp_path).write_bytes(control_text(listen_address=listens_on, port=9, token="t"))

    assert json.loads(control_path(tmp_path).read_bytes()) == {
        "host": host,
        "port": 9,
        "token": "t",
        "certificate_sha256": None,
    }


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"host":"127.0.0.1"}', '{"host":"127.0.0.1","port":"x","token":""}', "\0"],
)
def test_a_control_file_that_makes_no_sense_is_no_running_server(tmp_path: Path, text: str) -> None:
    (tmp_path / "control.json").write_text(text)

    with pytest.raises(ServerNotRunningError, match=r"control\.json was cut or altered"):
        ask(tmp_path)


def test_a_server_with_another_certificate_than_the_control_file_names_is_told_nothing(
    make_server: Callable[..., ServerThread],
) -> None:
    server = make_server(TLS=1).start()
    control = json.loads(control_path(server.state).read_bytes())
    write_control(server.state, **control | {"certificate_sha256": "0" * 64})

    with pytest.raises(ServerNotRunningError, match="another program answers on its port, with another certificate"):
        ask(server.state)


def test_without_a_control_file_no_server_runs(tmp_path: Path) -> None:
    with pytest.raises(ServerNotRunningError, match=r"it has left no .*control\.json"):
        ask(tmp_path)


def test_where_nothing_listens_no_server_runs(tmp_path: Path) -> None:
    write_control(tmp_path, host="127.0.0.1", port=9, token="t")

    with pytest.raises(ServerNotRunningError, match=r"127\.0\.0\.1 port 9: .*Connection refused"):
        ask(tmp_path)


def test_a_control_file_that_may_not_be_read_says_as_whom_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", forbidden)

    with pytest.raises(LicensingError, match="may not be read") as error:
        ask(tmp_path)

    assert error.value.code == "forbidden"
    assert "as the administrator" in error.value.hint

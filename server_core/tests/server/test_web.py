# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP 15201: the web page and the JSON API."""

import base64
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from licserver.documents import MAX_DOCUMENT_CHARS
from licserver.ini_text import seal_credential
from licserver.wire.messages import Granted
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.running import ServerThread, refusal


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(server: ServerThread) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.token}"}


@pytest.fixture(scope="module")
def credentials() -> dict[str, str]:
    """The ini's lines for the user Админ with the password пароль."""
    return {"user": seal_credential("Админ"), "password": seal_credential("пароль")}


@pytest.fixture
def closed(make_server: Callable[..., ServerThread], credentials: dict[str, str]) -> ServerThread:
    """A running server on which user and password are set."""
    return make_server("closed", **credentials).start()


class TestPage:
    def test_it_says_what_the_server_is(self, server: ServerThread) -> None:
        status, text = server.http("GET", "/")

        assert status == 200
        assert "<h1>License server" in text
        assert "Nobody holds a license now." in text

    def test_it_shows_who_holds_which_license(self, server: ServerThread) -> None:
        with server.client() as client:
            client.take("Анна Каренина")
            _, text = server.http("GET", "/")

        row = text.split("<tbody>", 1)[1].split("</tr>", 1)[0]
        for shown in ("session", "Анна Каренина", "pc1", "retail", KEY, "active", "0:00:0"):
            assert shown in row

    def test_it_shows_keys_and_their_problems(
        self, make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer
    ) -> None:
        made = make_server()
        vendor.install(made.state, Computer({**computer.facts, "disk": "another"}))

        _, text = made.start().http("GET", "/")

        assert '<span class="broken">broken</span>' in text
        assert "the system disk differs" in text

    def test_a_key_file_that_was_cut_does_not_keep_the_page_from_being_shown(
        self, make_server: Callable[..., ServerThread]
    ) -> None:
        made = make_server()
        (made.state / "softkeys").mkdir()
        (made.state / "softkeys" / "100-0009.dongle").write_text("cut")

        status, text = made.start().http("GET", "/")

        assert status == 200
        assert "100-0009" in text

    def test_what_a_client_says_of_itself_stays_text(self, server: ServerThread) -> None:
        with server.client() as client:
            client.take("<script>alert(1)</script>")
            _, text = server.http("GET", "/")

        assert "<script>" not in text
        assert "&lt;script&gt;" in text


class TestAccess:
    def test_without_credentials_in_the_ini_everybody_may_read(self, server: ServerThread) -> None:
        assert [server.http("GET", path)[0] for path in ("/", "/api/v1/info", "/api/v1/connections")] == [200] * 3

    def test_with_credentials_nobody_reads_without_them(self, closed: ServerThread) -> None:
        assert [closed.http("GET", path)[0] for path in ("/", "/api/v1/info", "/api/v1/connections")] == [401] * 3

    def test_a_browser_is_asked_to_log_in(self, closed: ServerThread) -> None:
        _, answer = closed.http("GET", "/")

        assert answer["error"]["code"] == "http_error"

    def test_user_and_password_open_the_page(self, closed: ServerThread) -> None:
        assert closed.http("GET", "/", **basic("Админ", "пароль"))[0] == 200

    @pytest.mark.parametrize(
        "authorization",
        [
            "Basic",
            "Basic ",
            "Basic not base64!",
            "Basic \xe9\xe8",
            "Basic " + base64.b64encode(b"\xff:\xff").decode(),
            "Basic " + base64.b64encode("Админ".encode()).decode(),
            basic("Админ", "Пароль")["Authorization"],
            basic("admin", "пароль")["Authorization"],
            basic("", "")["Authorization"],
            "Bearer",
            "Bearer \xe9",
            "Bearer wrong",
            "Digest x",
        ],
    )
    def test_anything_else_does_not(
        self, closed: ServerThread, caplog: pytest.LogCaptureFixture, authorization: str
    ) -> None:
        assert closed.http("GET", "/", Authorization=authorization)[0] == 401
        assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []

    def test_the_command_line_reads_with_its_token(self, closed: ServerThread) -> None:
        assert closed.http("GET", "/api/v1/info", **bearer(closed))[0] == 200

    def test_a_monitor_needs_no_credentials(self, closed: ServerThread) -> None:
        assert closed.http("GET", "/healthz") == (200, "ok\n")

    @pytest.mark.parametrize(("method", "path"), [("POST", "/api/v1/activations"), ("PATCH", f"/api/v1/keys/{KEY}")])
    @pytest.mark.parametrize("headers", [{}, basic("", ""), {"Authorization": "Bearer wrong"}])
    def test_nothing_is_changed_without_a_token(
        self, server: ServerThread, method: str, path: str, headers: dict[str, str]
    ) -> None:
        assert server.http(method, path, {"use": False}, **headers)[0] == 401

    def test_with_user_and_password_something_may_be_changed(
        self, make_server: Callable[..., ServerThread], credentials: dict[str, str], vendor: Vendor, computer: Computer
    ) -> None:
        made = make_server(**credentials)
        vendor.install(made.state, computer)
        made.start()

        status, answer = made.http("PATCH", f"/api/v1/keys/{KEY}", {"use": False}, **basic("Админ", "пароль"))

        assert (status, answer["changed"], answer["key"]["use"]) == (200, True, False)

    def test_every_start_has_a_new_token(self, server: ServerThread) -> None:
        before = bearer(server)
        server.restart()

        assert server.http("PATCH", f"/api/v1/keys/{KEY}", {"use": False}, **before)[0] == 401

    def test_the_token_is_readable_for_the_servers_user_only(self, server: ServerThread) -> None:
        assert (server.state / "control.json").stat().st_mode & 0o777 == 0o600


class TestBadRequests:
    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"[]", b"null", b'"\xff"', b'{"pin":"\xff"}', b"[" * 40_000, b'{"x":' + b"[" * 40_000],
    )
    @pytest.mark.parametrize(("method", "path"), [("POST", "/api/v1/activations"), ("PATCH", f"/api/v1/keys/{KEY}")])
    def test_a_body_that_makes_no_sense_is_refused(
        self, server: ServerThread, caplog: pytest.LogCaptureFixture, method: str, path: str, body: bytes
    ) -> None:
        status, answer = server.http(method, path, body, **bearer(server))

        assert (status, answer["error"]["code"]) == (400, "bad_request")
        assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []

    def test_a_body_that_is_too_large_is_refused(self, server: ServerThread) -> None:
        status, answer = server.http("POST", "/api/v1/activations", b" " * (MAX_DOCUMENT_CHARS + 1), **bearer(server))

        assert status == 413
        assert answer["error"]["message"] == "the request is too large"

    @pytest.mark.parametrize(
        ("method", "path", "expected"),
        [("GET", "/nowhere", 404), ("POST", "/", 405), ("GET", "/api/v1/activations", 405), ("GET", "/../etc", 404)],
    )
    def test_another_path_or_method_is_one_clear_answer(
        self, server: ServerThread, method: str, path: str, expected: int
    ) -> None:
        status, answer = server.http(method, path)

        assert status == expected
        assert set(answer["error"]) == {"code", "message", "hint"}


class TestKeyOptions:
    def set(self, server: ServerThread, number: str = KEY, **options: Any) -> tuple[int, Any]:
        return server.http("PATCH", f"/api/v1/keys/{number}", options, **bearer(server))

    def test_a_key_that_is_switched_off_serves_no_more(self, server: ServerThread) -> None:
        self.set(server, use=False)

        with server.client() as client:
            client.hello()
            assert refusal(client.login()) == "no_key"

    def test_options_outlive_a_restart(self, server: ServerThread) -> None:
        self.set(server, use=False, access_code="код")
        server.restart()

        _, info = server.http("GET", "/api/v1/info")
        assert (info["keys"][0]["use"], info["keys"][0]["access_code_set"]) == (False, True)

    def test_an_access_code_is_asked_for_at_once(self, server: ServerThread) -> None:
        self.set(server, access_code="код")

        with server.client() as without, server.client() as wrong, server.client() as right:
            for client in (without, wrong, right):
                client.hello()
            assert refusal(without.login()) == "no_key"
            assert refusal(wrong.login(access_code="Код")) == "no_key"
            assert isinstance(right.login(access_code="код"), Granted)

    def test_changes_that_come_together_are_all_kept(
        self, make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer
    ) -> None:
        made = make_server()
        numbers = [f"100-000{number}" for number in range(6)]
        for number in numbers:
            vendor.install(made.state, computer, number)
        made.start()

        with ThreadPoolExecutor(len(numbers)) as pool:
            list(pool.map(lambda number: self.set(made, number, access_code="код"), numbers))

        made.restart()
        _, info = made.http("GET", "/api/v1/info")
        assert [key["access_code_set"] for key in info["keys"]] == [True] * len(numbers)

    def test_an_access_code_is_never_told(self, server: ServerThread) -> None:
        _, answer = self.set(server, access_code="swordfish")

        assert "swordfish" not in json.dumps(answer) + json.dumps(server.http("GET", "/api/v1/info")[1])

    def test_an_access_code_can_be_taken_away(self, server: ServerThread) -> None:
        self.set(server, access_code="код")
        _, answer = self.set(server, access_code="")

        assert (answer["changed"], answer["key"]["access_code_set"]) == (True, False)

    @pytest.mark.parametrize("options", [{}, {"use": True}, {"access_code": ""}, {"use": True, "access_code": ""}])
    def test_what_is_so_already_is_no_change(self, server: ServerThread, options: dict[str, Any]) -> None:
        status, answer = self.set(server, **options)

        assert (status, answer["changed"]) == (200, False)
        assert not (server.state / "keys.json").exists()

    def test_the_same_access_code_again_is_no_change(self, server: ServerThread) -> None:
        self.set(server, access_code="код")

        assert self.set(server, access_code="код")[1]["changed"] is False

    def test_a_key_that_is_not_there_is_named(self, server: ServerThread) -> None:
        status, answer = self.set(server, "100-0009", use=False)

        assert (status, answer["error"]["code"]) == (409, "unknown_key")
        assert "100-0009" in answer["error"]["message"]

    @pytest.mark.parametrize("options", [{"use": 1}, {"access_code": None}, {"color": "blue"}])
    def test_an_option_of_another_kind_is_named_and_nothing_changed(
        self, server: ServerThread, options: dict[str, Any]
    ) -> None:
        status, answer = self.set(server, **options)

        assert (status, answer["error"]["code"]) == (409, "bad_request")
        assert next(iter(options)) in answer["error"]["message"]
        assert not (server.state / "keys.json").exists()

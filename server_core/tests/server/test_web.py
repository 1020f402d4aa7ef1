# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP 15201: the web page and the JSON API."""

import json
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from licserver.documents import MAX_DOCUMENT_CHARS
from licserver.seats.ledger import LedgerError
from licserver.server.reports import Reports
from licserver.server.selection import EVERY, Filter
from licserver.system import this_system
from licserver.wire.messages import Granted
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.running import DEADLINE_SECONDS, WEB_PORT, ServerThread, refusal, web_answers
from server_core.tests.server.helpers import bearer


class TestPage:
    def test_it_says_what_the_server_is(self, server: ServerThread) -> None:
        status, text = server.http("GET", "/")

        assert status == 200
        assert "<h1>License server" in text

    def test_it_shows_who_holds_which_license(self, server: ServerThread) -> None:
        with server.client() as client:
            client.take("Анна Каренина")
            _, text = server.http("GET", "/connections")

        row = text.split('<tbody id="rows">', 1)[1].split("</tr>", 1)[0]
        for shown in ("session", "Анна Каренина", "pc1", "Retail 8", KEY, "active", "0:00:0"):
            assert shown in row

    def test_it_shows_keys_and_their_problems(
        self, make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer
    ) -> None:
        made = make_server()
        vendor.install(made.state, Computer({**computer.facts, "disk": "another"}))

        _, text = made.start().http("GET", "/keys")

        assert '<span class="tag bad">does not work</span>' in text
        assert "What differs: the system disk." in text

    @pytest.mark.parametrize("path", ["/", "/keys", "/keys/of/100-0009"])
    def test_a_key_file_that_was_cut_does_not_keep_pages_from_being_shown(
        self, make_server: Callable[..., ServerThread], path: str
    ) -> None:
        made = make_server()
        keys = this_system().key_folder(made.state)
        keys.mkdir()
        (keys / "100-0009.dongle").write_text("cut")

        status, text = made.start().http("GET", path)

        assert status == 200
        assert "100-0009" in text

    @pytest.mark.parametrize(
        "path", ["/connections", "/connections?text=%3Cscript%3E", "/connections/disconnect-all", "/events"]
    )
    def test_what_a_client_says_of_itself_stays_text(self, server: ServerThread, path: str) -> None:
        with server.client() as client:
            client.take("<script>alert(1)</script>")
            _, text = server.http("GET", path)

        assert "<script>" not in text
        assert "&lt;script&gt;" in text

    def test_clients_are_served_while_a_long_answer_is_written(
        self, server: ServerThread, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        writing, go_on = threading.Event(), threading.Event()

        def slow(self: Reports, wanted: Filter = EVERY, most: int | None = None) -> list[dict[str, Any]]:
            writing.set()
            assert go_on.wait(DEADLINE_SECONDS)
            return []

        monkeypatch.setattr(Reports, "connections", slow)
        with ThreadPoolExecutor(1) as pool, server.client() as client:
            answer = pool.submit(server.http, "GET", "/api/v1/connections")
            assert writing.wait(DEADLINE_SECONDS)

            assert isinstance(client.take(), Granted)
            go_on.set()
            assert answer.result()[0] == 200


class TestHealth:
    def test_a_server_that_can_grant_licenses_is_ready(self, server: ServerThread) -> None:
        assert server.http("GET", "/readyz") == (200, "ready\n")

    def test_one_whose_ledger_cannot_be_written_lives_and_is_not_ready(
        self, server: ServerThread, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(server.server.reports.journal, "problem", LedgerError(Path("ledger"), "disk full"))

        assert server.http("GET", "/readyz")[0] == 503
        assert server.http("GET", "/healthz")[0] == 200


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

    @pytest.mark.parametrize("kind", ["text/plain", "", "application/x-www-form-urlencoded", "application/jsonx"])
    def test_what_a_form_of_another_page_could_send_is_refused(self, server: ServerThread, kind: str) -> None:
        status, _ = server.http("PATCH", f"/api/v1/keys/{KEY}", b"{}", **bearer(server), **{"Content-Type": kind})

        assert status == 415

    def test_json_may_name_its_letters(self, server: ServerThread) -> None:
        kind = {"Content-Type": "Application/JSON; charset=utf-8"}

        assert server.http("PATCH", f"/api/v1/keys/{KEY}", b"{}", **bearer(server), **kind)[0] == 200

    def test_a_body_that_does_not_come_is_not_waited_for(
        self, server: ServerThread, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("licserver.server.web.bodies.BODY_SECONDS", 0.05)
        with self.half_a_request(server) as sender:
            assert b" 408 " in sender.recv(65536).splitlines()[0]

    def test_who_leaves_in_the_middle_of_a_request_leaves_no_traceback(
        self, server: ServerThread, caplog: pytest.LogCaptureFixture
    ) -> None:
        with self.half_a_request(server):
            assert web_answers(server.address)
        server.stop()

        assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []

    def half_a_request(self, server: ServerThread) -> socket.socket:
        sender = socket.create_connection((server.address, WEB_PORT), timeout=DEADLINE_SECONDS)
        sender.sendall(
            b"POST /api/v1/activations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Authorization: " + bearer(server)["Authorization"].encode() + b"\r\nContent-Length: 9\r\n\r\n{"
        )
        return sender

    @pytest.mark.parametrize(
        ("accident", "told"),
        [
            (
                OSError(28, "No space left on device", "/state/x"),
                "the server failed: /state/x: No space left on device",
            ),
            (ZeroDivisionError("secret"), "the server failed: ZeroDivisionError"),
        ],
    )
    def test_an_accident_is_told_like_every_refusal_and_logged_once(
        self,
        make_server: Callable[..., ServerThread],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        accident: Exception,
        told: str,
    ) -> None:
        async def fail(*_: object) -> None:
            raise accident

        monkeypatch.setattr("licserver.server.key_keeper.KeyKeeper.set_options", fail)
        server = make_server().start()

        status, answer = server.http("PATCH", f"/api/v1/keys/{KEY}", {}, **bearer(server))

        server.stop()
        assert (status, answer["error"]["code"], answer["error"]["message"]) == (500, "internal_error", told)
        assert [record.levelno for record in caplog.records if record.exc_info] == [logging.ERROR]

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

    @pytest.mark.parametrize("code", [" code", "two\nlines"])
    def test_an_access_code_that_no_client_could_have_is_refused(self, server: ServerThread, code: str) -> None:
        status, answer = self.set(server, access_code=code)

        assert (status, answer["error"]["message"].partition(":")[0]) == (
            409,
            "an access code is one line without blanks at its ends",
        )

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

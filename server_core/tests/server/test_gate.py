# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may read the web page and the JSON API, and who may change something."""

import base64
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from licserver.server.gate import MAX_WAITING, TRIES
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.portable import mode_bits
from server_core.tests.running import ServerThread
from server_core.tests.server.helpers import basic, bearer


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
        assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []

    def test_whoever_guesses_passwords_is_in_the_log(
        self, closed: ServerThread, caplog: pytest.LogCaptureFixture
    ) -> None:
        closed.http("GET", "/api/v1/info", **basic("Админ", "guessed"))

        assert "a wrong user or password, from 127." in caplog.text
        assert "guessed" not in caplog.text

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

    @mode_bits
    def test_the_token_is_readable_for_the_servers_user_only(self, server: ServerThread) -> None:
        assert (server.state / "control.json").stat().st_mode & 0o777 == 0o600


class TestManyPasswords:
    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            "licserver.server.gate.verify_credential", lambda sealed, secret: secret in ("Админ", "пароль")
        )

    def guess(self, server: ServerThread, number: int) -> int:
        return server.http("GET", "/", **basic("Админ", str(number)))[0]

    def test_who_tries_many_is_kept_from_trying_more(self, closed: ServerThread) -> None:
        answers = [self.guess(closed, number) for number in range(TRIES + 5)]

        assert answers[:TRIES] == [401] * TRIES
        assert answers[-4:] == [429] * 4
        assert closed.http("GET", "/", **basic("Админ", "пароль"))[0] == 429

    def test_who_is_let_in_again_and_again_spends_no_try(self, closed: ServerThread) -> None:
        answers = [closed.http("GET", "/", **basic("Админ", "пароль"))[0] for _ in range(TRIES + 5)]

        assert answers == [200] * (TRIES + 5)

    def test_who_tried_too_many_does_not_find_the_one_that_was_right_before(self, closed: ServerThread) -> None:
        closed.http("GET", "/", **basic("Админ", "пароль"))
        for number in range(TRIES + 5):
            self.guess(closed, number)

        assert closed.http("GET", "/", **basic("Админ", "пароль"))[0] == 429
        assert closed.http("GET", "/", **bearer(closed))[0] == 200

    def test_one_is_verified_at_a_time_and_few_wait(
        self, closed: ServerThread, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at_work, most = threading.Semaphore(1), 2 * (MAX_WAITING + 1)

        def slow(sealed: str, secret: str) -> bool:
            assert at_work.acquire(blocking=False), "another one is being verified"
            time.sleep(0.02)  # what scrypt takes
            at_work.release()
            return False

        monkeypatch.setattr("licserver.server.gate.verify_credential", slow)
        monkeypatch.setattr("licserver.limits.Allowance.take", lambda *_: True)
        with ThreadPoolExecutor(most) as pool:
            answers = list(pool.map(lambda number: self.guess(closed, number), range(most)))

        assert set(answers) == {401, 429}

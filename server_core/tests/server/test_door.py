# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets in to the pages, and what a session is worth."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request

from licserver.ini_text import seal_credential
from licserver.pages.sessions import form_token
from licserver.server.browsers import is_this_computer
from licserver.server.gate import TRIES
from licserver.server.signed_in import MOST, SESSION_SECONDS, SignedIn
from server_core.tests.helpers import KEY, NOW
from server_core.tests.running import WEB_PORT, ServerThread, believing_tls, write_ini
from server_core.tests.server.helpers import basic

PAGE = {"Accept": "text/html,*/*;q=0.8"}


def visitor(server: ServerThread) -> httpx.Client:
    """A browser that keeps cookies and follows nothing by itself."""
    scheme = "https" if server.settings.tls else "http"
    return httpx.Client(base_url=f"{scheme}://{server.address}:{WEB_PORT}", headers=PAGE, verify=believing_tls())


@pytest.fixture
def browser(closed: ServerThread) -> Iterator[httpx.Client]:
    with visitor(closed) as made:
        yield made


def token_in(page: httpx.Response) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    return found[1]


def sign_in(browser: httpx.Client, user: str = "Админ", password: str = "пароль", **more: str) -> httpx.Response:
    form = {"user": user, "password": password, "token": token_in(browser.get("/sign-in")), **more}
    return browser.post("/sign-in", data=form)


class TestSigningIn:
    def test_who_is_not_signed_in_is_led_to_the_form_and_back(self, browser: httpx.Client) -> None:
        asked = browser.get("/?x=1")

        assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?back=%2F%3Fx%3D1")
        assert sign_in(browser, back="/?x=1").headers["location"] == "/?x=1"
        assert browser.get("/?x=1").status_code == 200

    def test_an_address_that_leads_nowhere_shows_the_way_to_who_is_signed_in_alone(self, browser: httpx.Client) -> None:
        before = browser.get("/nothing")
        sign_in(browser)
        after = browser.get("/nothing")

        assert [page.status_code for page in (before, after)] == [404, 404]
        assert ['class="sections"' in page.text for page in (before, after)] == [False, True]
        signed_out = browser.post("/sign-out", data={"token": token_in(after)})
        assert (signed_out.status_code, browser.get("/").status_code) == (303, 303)

    def test_a_wrong_password_shows_the_form_again_with_what_to_do(self, browser: httpx.Client) -> None:
        answer = sign_in(browser, password="wrong")

        assert answer.status_code == 403
        assert "do not belong together" in answer.text
        assert 'value="Админ"' in answer.text
        assert browser.get("/").status_code == 303

    def test_many_wrong_passwords_lock_their_address_out(
        self, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("licserver.server.gate.verify_credential", lambda sealed, secret: False)

        answers = [sign_in(browser, password=str(number)) for number in range(TRIES + 1)]

        assert [answer.status_code for answer in answers] == [403] * TRIES + [429]
        assert answers[-1].headers["retry-after"] == "10"

    @pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
    def test_nobody_is_led_to_another_server(self, browser: httpx.Client, back: str) -> None:
        assert sign_in(browser, back=back).headers["location"] == "/"

    def test_the_session_gets_another_name_when_it_is_signed_in(self, browser: httpx.Client) -> None:
        browser.get("/sign-in")
        before = dict(browser.cookies)
        sign_in(browser)

        assert browser.cookies.keys() == before.keys()
        assert dict(browser.cookies) != before

    def test_who_signs_out_is_out_also_with_the_old_cookie(self, browser: httpx.Client) -> None:
        sign_in(browser)
        cookies = dict(browser.cookies)
        browser.post("/sign-out", data={"token": form_token(next(iter(browser.cookies.values())))})

        assert browser.get("/").status_code == 303
        browser.cookies.clear()
        browser.cookies.update(cookies)
        assert browser.get("/").status_code == 303

    @pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
    @pytest.mark.parametrize("token", [{}, {"token": "0" * 64}, {"token": "ж"}])
    def test_a_form_without_the_token_of_its_session_is_refused(
        self, browser: httpx.Client, path: str, token: Mapping[str, str]
    ) -> None:
        sign_in(browser)

        assert browser.post(path, data={"user": "Админ", "password": "пароль", **token}).status_code == 403
        assert browser.get("/").status_code == 200

    def test_a_page_of_another_site_signs_nobody_in(self, browser: httpx.Client) -> None:
        form = {"user": "Админ", "password": "пароль", "token": token_in(browser.get("/sign-in"))}

        assert browser.post("/sign-in", data=form, headers={"Origin": "http://evil.example"}).status_code == 403

    def test_a_program_is_asked_for_user_and_password(self, closed: ServerThread, browser: httpx.Client) -> None:
        for headers in ({"Accept": "*/*"}, basic("Админ", "wrong")):
            answer = browser.get("/", headers=headers)
            assert (answer.status_code, answer.headers["www-authenticate"][:5]) == (401, "Basic")

        assert browser.get("/", headers=basic("Админ", "пароль")).status_code == 200

    @pytest.mark.parametrize("charset", ["undefined", "unicode_escape", "raw_unicode_escape"])
    def test_a_form_in_what_is_no_character_set_for_text_is_damaged(self, browser: httpx.Client, charset: str) -> None:
        body = b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n\\ud800\r\n--x--\r\n'
        headers = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}

        assert browser.post("/sign-in", content=body, headers=headers).status_code == 400

    def test_an_open_page_learns_that_its_session_has_ended_and_no_password_is_asked_for_beside_it(
        self, browser: httpx.Client
    ) -> None:
        answer = browser.get("/live/keys", headers={"Accept": "text/event-stream"})

        assert answer.text == "event: signed-out\ndata:\n\n"
        assert "www-authenticate" not in answer.headers


class TestSession:
    def test_it_outlives_a_restart(self, closed: ServerThread, browser: httpx.Client) -> None:
        sign_in(browser)
        closed.restart()

        assert browser.get("/").status_code == 200

    def test_it_ends_with_the_password_that_opened_it(self, closed: ServerThread, browser: httpx.Client) -> None:
        sign_in(browser)
        write_ini(closed.ini, closed.address, user=seal_credential("Админ"), password=seal_credential("new"))
        closed.call(closed.server.reloader.reload())

        assert browser.get("/").status_code == 303

    def test_its_cookie_is_for_this_server_only_and_for_no_script(self, browser: httpx.Client) -> None:
        cookie = browser.get("/sign-in").headers["set-cookie"]

        assert cookie.startswith(f"session-{WEB_PORT}=")
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))

    def test_over_tls_its_cookie_crosses_no_network_readable(
        self, make_server: Callable[..., ServerThread], credentials: dict[str, str]
    ) -> None:
        server = make_server(TLS=1, **credentials).start()
        with visitor(server) as browser:
            cookie = browser.get("/sign-in").headers["set-cookie"]

        assert cookie.startswith(f"__Host-session-{WEB_PORT}=")
        assert "Secure" in cookie.split("; ")

    def test_no_page_may_be_framed_or_kept(self, browser: httpx.Client) -> None:
        headers = browser.get("/sign-in").headers

        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]


class TestWithoutCredentials:
    @pytest.mark.parametrize("form", ["use", "access-code", "shown-access-code"])
    def test_who_changes_the_language_after_he_sent_a_form_comes_back_to_its_page(
        self, server: ServerThread, form: str
    ) -> None:
        with visitor(server) as browser:
            assert browser.get(f"/keys/of/{KEY}/{form}").headers["location"] == f"/keys/of/{KEY}"

    @pytest.mark.parametrize(
        ("method", "path", "words"), [("PUT", "/keys", "Такой страницы нет"), ("POST", "/settings", "Запрос непонятен")]
    )
    def test_what_is_no_request_is_told_in_the_readers_language(
        self, server: ServerThread, method: str, path: str, words: str
    ) -> None:
        headers = {"Accept-Language": "ru", "Content-Type": "multipart/form-data; boundary="}
        with visitor(server) as browser:
            assert words in browser.request(method, path, headers=headers, content=b"x").text

    def test_there_is_nothing_to_sign_in_with(self, server: ServerThread) -> None:
        with visitor(server) as browser:
            assert browser.get("/").status_code == 200
            assert browser.get("/sign-in").headers["location"] == "/"

    @pytest.mark.parametrize(
        ("client", "server", "headers", "expected"),
        [
            ("127.0.0.1", "127.0.0.1", {}, True),
            ("127.3.2.1", "127.9.9.9", {}, True),
            ("::1", "::1", {}, True),
            ("::ffff:127.0.0.1", "::ffff:127.0.0.1", {}, True),
            ("192.0.2.7", "192.0.2.7", {}, True),
            ("fe80::1%eth0", "fe80::1%eth0", {}, True),
            ("192.0.2.8", "192.0.2.7", {}, False),
            ("::ffff:192.0.2.8", "::ffff:192.0.2.7", {}, False),
            ("127.0.0.1", "127.0.0.1", {"x-forwarded-for": "192.0.2.8"}, False),
            ("127.0.0.1", "127.0.0.1", {"forwarded": "for=192.0.2.8"}, False),
            ("127.0.0.1", "127.0.0.1", {"via": "1.1 proxy"}, False),
        ],
    )
    def test_only_who_sits_at_the_servers_computer_is_one_of_it(
        self, client: str, server: str, headers: Mapping[str, str], expected: bool
    ) -> None:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        request = Request({"type": "http", "client": (client, 40000), "server": (server, WEB_PORT), "headers": raw})

        assert is_this_computer(request) is expected


class TestSignedIn:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "signed_in.json"

    def test_it_says_nothing_that_opens_a_session(self, path: Path) -> None:
        SignedIn(path).add("cookie", "credentials")

        assert "cookie" not in path.read_text()

    def test_a_session_ends_with_the_day_and_when_the_clock_is_set_back(self, path: Path) -> None:
        SignedIn(path, clock=lambda: NOW).add("cookie", "credentials")

        def lasts(at: float) -> bool:
            return SignedIn(path, clock=lambda: at).has("cookie", "credentials")

        later = (NOW, NOW + SESSION_SECONDS - 1, NOW + SESSION_SECONDS, NOW - 1)
        assert [lasts(at) for at in later] == [True, True, False, False]

    def test_only_so_many_are_kept(self, path: Path) -> None:
        signed_in = SignedIn(path)
        for number in range(MOST + 1):
            signed_in.add(str(number), "credentials")

        assert [signed_in.has(name, "credentials") for name in ("0", "1", str(MOST))] == [False, True, True]

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"x":{"until":1}}', b"\xff"])
    def test_a_damaged_file_has_everybody_sign_in_again(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        signed_in = SignedIn(path)

        assert not signed_in.has("cookie", "credentials")
        signed_in.add("cookie", "credentials")
        assert SignedIn(path).has("cookie", "credentials")

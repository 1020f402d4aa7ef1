# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP API, whoever speaks to it."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from licserver.activation.carried import read_answer
from licserver.activation.requests import REQUEST_TITLE, request_head
from licserver.armor import armor
from licserver.center.app import ACTIVATIONS_PATH, create_app
from licserver.center.database import DatabaseError
from licserver.center.settings import Settings
from licserver.documents import MAX_DOCUMENT_CHARS, ActivationRequest, read_unchecked
from server_core.tests.center.helpers import PINS, Office


class Client:
    """Speaks HTTP to the application without a socket."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def request(self, method: str, path: str, content: bytes | str | None = None) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="https://center") as client:
                return await client.request(method, path, content=content)

        return asyncio.run(send())

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)

    def post(self, path: str, *, content: bytes | str) -> httpx.Response:
        return self.request("POST", path, content)


@pytest.fixture
def client(office: Office) -> Client:
    shown = Settings(name="<Vendor>", url="https://127.0.0.1:15443", mail="help@vendor.example", phone="+7 800 000")
    return Client(create_app(replace(office.center, settings=shown), office.issuer))


def request_file(office: Office) -> str:
    token = office.request(PINS[0])
    return armor(REQUEST_TITLE, request_head(read_unchecked(token, ActivationRequest)), {"REQUEST": token})


def post(client: Client, body: bytes | str) -> tuple[int, str]:
    answer = client.post(ACTIVATIONS_PATH, content=body)
    return answer.status_code, answer.json()["error"]["code"]


def test_a_request_gets_a_license_as_text(office: Office, client: Client) -> None:
    answer = client.post(ACTIVATIONS_PATH, content=office.request(PINS[0]) + "\r\n")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert office.open(answer.text).activation == 1


def test_the_history_tells_the_address_that_asked_and_by_which_way(office: Office, client: Client) -> None:
    client.post(ACTIVATIONS_PATH, content=office.request("0000"))
    client.post("/exchange", content=request_file(office))

    assert office.actors()[:2] == [("activated", "exchange", "127.0.0.1"), ("refused", "api", "127.0.0.1")]


def test_refusals_have_a_status_a_code_and_a_hint(office: Office, client: Client) -> None:
    assert post(client, office.request(PINS[0], key_number="999")) == (404, "unknown_key")
    assert post(client, office.request("0000")) == (403, "wrong_pin")
    office.activate(PINS[0])
    answer = client.post(ACTIVATIONS_PATH, content=office.request(PINS[0]))
    assert answer.status_code == 409
    assert answer.json()["error"]["hint"] == "Use the next PIN of the key"


def test_too_many_wrong_pins(office: Office, client: Client) -> None:
    statuses = [post(client, office.request("0000"))[0] for _ in range(11)]

    assert statuses == [403] * 10 + [429]


@pytest.mark.parametrize("length", [MAX_DOCUMENT_CHARS + 1, 3_000_000])
def test_a_body_that_is_too_long(client: Client, length: int) -> None:
    assert post(client, b"a" * length) == (413, "too_large")


@pytest.mark.parametrize("body", [b"", b"..", b"\xff\xfe", b"a.b.c", b"{}", b"a" * MAX_DOCUMENT_CHARS, "ж".encode()])
def test_what_is_no_request(client: Client, body: bytes) -> None:
    assert post(client, body) == (400, "bad_document")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(data=st.data())
def test_a_damaged_request_is_refused_and_spends_nothing(office: Office, client: Client, data: st.DataObject) -> None:
    request = bytearray(office.request(PINS[0]).encode())
    position = data.draw(st.integers(0, len(request) - 1))
    request[position] ^= data.draw(st.integers(1, 255))

    status, code = post(client, bytes(request))

    assert (status, code) == (400, "bad_document")
    assert office.pins_spent() == 0


@pytest.mark.parametrize(("method", "path", "status"), [("GET", ACTIVATIONS_PATH, 405), ("POST", "/nothing", 404)])
def test_other_addresses_and_methods(client: Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)

    assert answer.status_code == status
    assert ACTIVATIONS_PATH in answer.json()["error"]["hint"]


def test_a_fault_of_the_center_is_an_apology_without_details(
    client: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(office.issuer, "answer", fail)

    answer = client.post(ACTIVATIONS_PATH, content=b"x")

    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    assert "secret" not in answer.text


def test_a_database_that_is_gone(client: Client, office: Office, caplog: pytest.LogCaptureFixture) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    office.center.database.close()
    for path in office.directory.glob("center.sqlite*"):
        path.unlink()

    assert client.get("/healthz").status_code == 503
    assert post(client, office.request(PINS[0])) == (503, "database_unavailable")
    assert "no such table" in caplog.text


@pytest.mark.parametrize("path", [ACTIVATIONS_PATH, "/exchange"])
def test_what_is_wrong_with_the_database_is_told_to_nobody_outside(
    client: Client, office: Office, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def fail(*_: object) -> str:
        raise DatabaseError('connection to "db.internal" failed for user "center"')

    monkeypatch.setattr(office.issuer, "answer", fail)
    answer = client.post(path, content=request_file(office))

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")
    assert "internal" not in answer.text


def test_the_page_says_what_this_is(client: Client) -> None:
    page = client.get("/")

    assert page.headers["content-type"].startswith("text/html")
    assert "&lt;Vendor&gt;" in page.text
    assert "<Vendor>" not in page.text
    assert "help@vendor.example" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_one_address_may_ask_only_so_often(office: Office) -> None:
    client = Client(create_app(office.center, office.issuer, requests_per_minute=2))

    answers = [client.post(ACTIVATIONS_PATH, content=b"x") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert answers[2].json()["error"]["code"] == "too_many_requests"
    assert answers[2].headers["retry-after"] == "30"


@pytest.mark.parametrize("path", ["/healthz", "/", "/staff", "/staff/sign-in", "/staff/keys", "/api/v1/openapi.json"])
def test_whatever_one_address_asks_for_is_counted(office: Office, path: str) -> None:
    client = Client(create_app(office.center, office.issuer, requests_per_minute=2))

    statuses = [client.get(path).status_code for _ in range(3)]

    assert statuses[2] == 429
    assert 429 not in statuses[:2]


def test_the_exchange_page_serves_programs_too(office: Office, client: Client) -> None:
    answer = client.post("/exchange", content=request_file(office))

    assert answer.status_code == 200
    assert 'filename="100-0001.answer"' in answer.headers["content-disposition"]
    assert office.open(read_answer(answer.text)[0]).activation == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_request_file_may_be_saved_by_any_editor(office: Office, client: Client, encoding: str) -> None:
    answer = client.post("/exchange", content=request_file(office).replace("\n", "\r\n").encode(encoding))

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 409, "nothing_given"),
        (b"\xff\xfe", 409, "nothing_given"),
        (b"x", 400, "bad_document"),
        (b"x" * 300_000, 413, "too_large"),
    ],
)
def test_a_program_is_refused_in_json(client: Client, content: bytes, status: int, code: str) -> None:
    answer = client.post("/exchange", content=content)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_every_answer_says_what_a_browser_must_not_do(client: Client) -> None:
    for path in ("/", "/healthz", "/nothing", ACTIVATIONS_PATH):
        headers = client.get(path).headers
        assert "script-src" not in headers["content-security-policy"]
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"

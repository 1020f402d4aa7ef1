# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests and answers over HTTPS, with real sockets: a center, a proxy, and what can go wrong on the way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._exchange import (
    Center,
    CenterError,
    center_of,
    exchange,
)


class Handler(BaseHTTPRequestHandler):
    """Gives the server's prepared answer, and notes what came."""

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.seen.append((self.path, self.headers["Accept"], text))
        status, body = self.server.answer
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class PlayedCenter(HTTPServer):
    answer: tuple[int, bytes] = (200, "ответ".encode())

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def center() -> Iterator[PlayedCenter]:
    with PlayedCenter() as center:
        thread = threading.Thread(target=center.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield center
        center.shutdown()
        thread.join()


def test_a_request_gets_its_answer(center: PlayedCenter) -> None:
    assert exchange(Center(f"{center.url}/"), "запрос") == "ответ"
    assert center.seen == [("/exchange", "text/plain", "запрос")]


@pytest.mark.parametrize(
    ("status", "body", "code", "words"),
    [
        (403, {"error": {"code": "wrong_pin", "message": "the PIN is wrong"}}, "wrong_pin", "the PIN is wrong"),
        (500, {"error": {"code": "internal_error", "message": "the center failed"}}, "center_unreachable", "failed"),
        (404, [], "center_unreachable", "HTTP status 404"),
        (502, "bad gateway", "center_unreachable", "HTTP status 502"),
        (302, "", "center_unreachable", "HTTP status 302"),
    ],
)
def test_a_refusal_has_a_code_and_words(center: PlayedCenter, status: int, body: Any, code: str, words: str) -> None:
    center.answer = (status, json.dumps(body).encode())
    with pytest.raises(CenterError, match=words) as caught:
        exchange(Center(center.url), "request")
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://center.example", "must begin with https://"),
        ("https://127.0.0.1:1", "gave no answer"),
        ("https://127.0.0.1:99999", "gave no answer"),
        ("center.example", "must begin with https://"),
        ("https://a b", "gave no answer"),
    ],
)
def test_a_center_that_cannot_be_reached_is_said(url: str, words: str) -> None:
    with pytest.raises(CenterError, match=words) as caught:
        exchange(Center(url), "request")
    assert caught.value.code == "center_unreachable"


def test_nobody_is_believed_where_the_kit_has_no_whole_authority(center: PlayedCenter) -> None:
    with pytest.raises(CenterError, match="gave no answer") as caught:
        exchange(Center(center.url.replace("http:", "https:"), "no certificate"), "request")
    assert (caught.value.code, center.seen) == ("center_unreachable", [])


def test_what_is_no_text_is_no_answer(center: PlayedCenter) -> None:
    center.answer = (200, b"\xff\xfe")
    with pytest.raises(CenterError, match="gave no answer"):
        exchange(Center(center.url), "request")


def test_the_proxy_of_the_environment_is_asked(center: PlayedCenter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", center.url)
    monkeypatch.delenv("no_proxy", raising=False)
    assert exchange(Center("http://localhost:1"), "request") == "ответ"
    assert center.seen[0][0] == "http://localhost:1/exchange"


def test_the_kit_says_where_the_center_is_and_whom_to_believe() -> None:
    kit = {"center_url": "https://center.example", "center_ca": "PEM"}
    assert center_of(kit, None) == Center("https://center.example", "PEM")
    assert center_of(kit, "https://mirror.example") == Center("https://mirror.example", "PEM")

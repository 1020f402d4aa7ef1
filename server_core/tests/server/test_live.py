# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams that tell pages what has changed."""

import asyncio
import contextlib
import http.client
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse

from licserver.pages.languages import language_of
from licserver.server.visitors import Room
from licserver.server.web.pages import live as module
from licserver.server.web.pages.live import Live, View
from licserver.system import this_system
from server_core.tests.running import DEADLINE_SECONDS, WEB_PORT, ServerThread

ROOM = Room(licenses=1, web=32, at_once=1)
"""For sixteen streams, four of them from one address."""


class Screens:
    """Counts what is rendered."""

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()

    def language(self, request: Request) -> str:
        return language_of(request)

    async def part(self, language: str, template: str, content: Mapping[str, Any]) -> str:
        self.made[language] += 1
        return f"{language} {content}"


class Something:
    """What can be looked at; it counts who does."""

    def __init__(self) -> None:
        self.looks, self.number = 0, 1

    async def look(self) -> Mapping[str, Any]:
        self.looks += 1
        return {"number": self.number}

    def view(self, address: str = "/live") -> View:
        return View(address, "x.html", self.look)


def asked(address: str = "192.0.2.1", *, session: str = "", language: str = "en") -> Request:
    headers = [(b"accept-language", language.encode()), (b"cookie", f"session-80={session}".encode())]
    scope = {"type": "http", "path": "/live", "query_string": b"", "server": ("x", 80), "scheme": "http"}
    return Request({**scope, "headers": headers if session else headers[:1], "client": (address, 1)})


def told(live: Live, request: Request, view: View) -> AsyncIterator[str]:
    response = live.stream(request, view)
    assert isinstance(response, StreamingResponse)
    return response.body_iterator  # type: ignore[return-value] # of text, as made


def make(screens: Screens) -> Live:
    return Live(screens, ROOM)  # type: ignore[arg-type] # all that it asks of screens


@contextlib.asynccontextmanager
async def following(*streams: AsyncIterator[str]) -> AsyncIterator[list[str]]:
    """Streams that have begun, with what each of them said first."""
    try:
        yield [await anext(stream) for stream in streams]
    finally:
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined] # it is a generator


def test_who_asks_and_goes_at_once_leaves_nothing_behind() -> None:
    live = make(Screens())
    for _ in range(3):
        live.stream(asked(), Something().view())

    assert live._channels == {}


def test_all_who_follow_the_same_share_one_look_and_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PERIOD", 0.01)
    screens, something = Screens(), Something()

    async def follow() -> None:
        live = make(screens)
        streams = [told(live, asked(f"192.0.2.{n}", language=("en", "ru")[n % 2]), something.view()) for n in range(8)]
        monkeypatch.setattr(module, "PERIOD", 60.0)
        async with following(*streams) as messages:
            assert len(set(messages)) == 2
        assert (live._channels, live._browsers, list(live._streams)) == ({}, {}, [])

    asyncio.run(follow())

    assert (something.looks, screens.made) == (1, {"en": 1, "ru": 1})


def test_a_stream_ends_in_good_order_after_its_time_and_at_once_when_the_server_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PERIOD", 0.001)

    async def follow() -> None:
        monkeypatch.setattr(module, "STREAM_SECONDS", 0.01)
        live = make(Screens())
        assert [message async for message in told(live, asked(), Something().view())][1:] == ["event: later\ndata:\n\n"]
        monkeypatch.setattr(module, "STREAM_SECONDS", 60.0)
        asyncio.get_running_loop().call_later(0.01, live.end)
        assert len([message async for message in told(live, asked(), Something().view())]) == 1

    asyncio.run(follow())


def test_nothing_is_written_anew_until_something_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PERIOD", 0.001)
    screens, something = Screens(), Something()

    async def follow() -> None:
        stream = told(make(screens), asked(), something.view())
        async with following(stream):
            change = asyncio.get_running_loop().call_later(0.05, setattr, something, "number", 2)
            assert "2" in await anext(stream)
            assert change.when() <= asyncio.get_running_loop().time()

    asyncio.run(follow())

    assert something.looks > 2
    assert screens.made == {"en": 2}


@pytest.mark.parametrize(
    ("requests", "streams"),
    [
        ([asked(session="a")] * 5, 3),
        ([asked(session=name) for name in "abcdef"], 4),
        ([asked()] * 6, 4),
        ([asked(f"192.0.2.{number}") for number in range(20)], 16),
    ],
    ids=["one browser", "one address", "one address without cookies", "all"],
)
def test_a_page_for_which_there_is_no_stream_is_told_once_and_asks_again(requests: list[Request], streams: int) -> None:
    async def follow() -> None:
        live, something = make(Screens()), Something()
        started = [told(live, request, something.view()) for request in requests]
        async with following(*started) as messages:
            assert [message.startswith("retry: 5000\n") for message in messages] == [
                number >= streams for number in range(len(requests))
            ]
            assert await anext(started[-1]) == "event: later\ndata:\n\n"
            with pytest.raises(StopAsyncIteration):
                await anext(started[-1])
            await started[0].aclose()  # type: ignore[attr-defined] # it is a generator
            async with following(told(live, requests[0], something.view())) as again:
                assert again[0].startswith("retry: 1000\ndata: ")

    asyncio.run(follow())


@pytest.fixture
def small(make_server: Callable[..., ServerThread], monkeypatch: pytest.MonkeyPatch) -> ServerThread:
    """A server with room for 64 connections to its web page, 16 of them from one address."""
    monkeypatch.setattr(type(this_system()), "raise_open_files", lambda _: 1024)
    return make_server().start()


@contextlib.contextmanager
def ten_pages(server: ServerThread) -> Iterator[list[bytes]]:
    """The first line that each of ten open pages is told."""
    with contextlib.ExitStack() as open_pages:
        pages = [http.client.HTTPConnection(server.address, WEB_PORT, timeout=DEADLINE_SECONDS) for _ in range(10)]
        heard = []
        for page in pages:
            open_pages.callback(page.close)
            page.request("GET", "/live/keys")
            heard.append(page.getresponse().readline())
        yield heard


def test_ten_open_pages_leave_room_for_programs_and_other_pages(small: ServerThread) -> None:
    with ten_pages(small) as heard:
        assert heard == [b"retry: 1000\n"] * 8 + [b"retry: 5000\n"] * 2
        assert [small.http("GET", "/api/v1/info")[0] for _ in range(20)] == [200] * 20

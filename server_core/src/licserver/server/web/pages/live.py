# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages that stay up to date: the server tells a browser what a part of the page looks like by now.

Server-sent events (HTML standard, section 9.2). Whoever looks at the same thing in the same language is told the same
text, which is made once, and only when something has changed. A page for which there is no stream asks again and again.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from licserver.pages.sessions import session_in
from licserver.server.visitors import Room, Visitors
from licserver.server.web.pages.frame import Screens

PERIOD = 2.0
"""Seconds after which the server looks again whether something has changed."""
STILL_HERE_SECONDS = 15.0
"""So often something is sent all the same: otherwise nobody would notice that the browser has gone."""
STREAM_SECONDS = 60.0
"""Then the browser asks again, and is asked again who it is."""
OF_ONE_BROWSER = 3
"""A browser has six connections to a server for all of its pages: so many of them are streams, and no more."""
COME_BACK_SECONDS = 1
"""After so long a page asks again whose stream has ended, or whose server is away."""
ASK_AGAIN_SECONDS = 5
"""After so long a page asks again for which there was no stream."""

_LATER = "event: later\ndata:\n\n"
"""The server ends the stream, and is well."""


@dataclass(frozen=True)
class View:
    """A part of a page.

    :ivar address: where it is asked for; the same for all who see the same.
    :ivar look: what it shows now; the same as before where nothing has changed.
    """

    address: str
    template: str
    look: Callable[[], Awaitable[Mapping[str, Any]]]


class Live:
    """The open streams of one server.

    :param room: streams have half of it, and half of what one address has: the rest is for pages and programs.
    """

    def __init__(self, screens: Screens, room: Room) -> None:
        self._screens = screens
        self._streams: Visitors[object] = Visitors(
            "more streams of live pages, which ask again instead,", room.web // 2
        )
        self._browsers: Counter[str] = Counter()
        self._channels: dict[str, _Channel] = {}
        self._ended = asyncio.Event()

    def end(self) -> None:
        """The server stops: every stream ends, and browsers ask again later."""
        self._ended.set()

    def stream(self, request: Request, view: View) -> Response:
        """Tell of a view until the browser goes; where there are too many streams, only how it is now."""
        address = request.client.host if request.client else ""
        told = self._told(address, session_in(request) or "", self._screens.language(request), view)
        return StreamingResponse(told, media_type="text/event-stream")

    async def _told(self, address: str, session: str, language: str, view: View) -> AsyncIterator[str]:
        with self._following(view) as channel, self._place(address, session) as stays:
            loop = asyncio.get_running_loop()
            told, until, told_at = await channel.message(language), loop.time() + STREAM_SECONDS, loop.time()
            yield f"retry: {1000 * (COME_BACK_SECONDS if stays else ASK_AGAIN_SECONDS)}\n{told}"
            while stays and loop.time() < until:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._ended.wait(), PERIOD)
                    return
                message = await channel.message(language)
                if message is not told:
                    told, told_at = message, loop.time()
                    yield message
                elif loop.time() >= told_at + STILL_HERE_SECONDS:
                    told_at = loop.time()
                    yield ": still here\n\n"
            yield _LATER

    @contextlib.contextmanager
    def _following(self, view: View) -> "Iterator[_Channel]":
        channel = self._channels.setdefault(view.address, _Channel(self._screens, view))
        channel.followers += 1
        try:
            yield channel
        finally:
            channel.followers -= 1
            if not channel.followers:
                del self._channels[view.address]

    @contextlib.contextmanager
    def _place(self, address: str, session: str) -> Iterator[bool]:
        """Whether there is a place for one more stream, which is taken meanwhile."""
        stream = object()
        has_room = not session or self._browsers[session] < OF_ONE_BROWSER
        stays = has_room and self._streams.enter(stream, address)
        self._browsers[session] += stays
        try:
            yield stays
        finally:
            self._streams.leave(stream)
            self._browsers[session] -= stays
            self._browsers += Counter()  # who has none is forgotten


class _Channel:
    """What everybody is told who looks at the same thing: looked at once for all of them, and written once in each
    language where something has changed."""

    def __init__(self, screens: Screens, view: View) -> None:
        self.followers = 0
        self._screens = screens
        self._view = view
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._content: Mapping[str, Any] | None = None
        self._messages: dict[str, str] = {}

    async def message(self, language: str) -> str:
        """The very same text as before where nothing has changed."""
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if now >= self._looked_at + PERIOD / 2:
                self._looked_at = now
                content = await self._view.look()
                if self._content is None or content != self._content:
                    self._content, self._messages = content, {}
            if language not in self._messages:
                part = await self._screens.part(language, self._view.template, self._content or {})
                self._messages[language] = f"data: {msgspec.json.encode(part).decode()}\n\n"
            return self._messages[language]

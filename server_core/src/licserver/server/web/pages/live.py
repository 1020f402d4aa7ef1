# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages that stay up to date: the server tells a browser what a part of the page looks like by now.

Server-sent events (HTML standard, section 9.2). Whoever looks at the same thing in the same language is told the same
text, which is made once, and only when something has changed.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from licserver.pages.languages import language_of
from licserver.server.web.pages.frame import Screens

PERIOD = 2.0
"""Seconds after which the server looks again whether something has changed."""
STILL_HERE_SECONDS = 15.0
"""So often something is sent all the same: otherwise nobody would notice that the browser has gone."""
STREAM_SECONDS = 60.0
"""Then the browser asks again, and is asked again who it is."""
MOST_STREAMS = 100


@dataclass(frozen=True)
class View:
    """A part of a page.

    :ivar look: what it shows now; the same as before where nothing has changed.
    """

    template: str
    look: Callable[[], Awaitable[Mapping[str, Any]]]


class Live:
    """The open streams of one server."""

    def __init__(self, screens: Screens) -> None:
        self._screens = screens
        self._channels: dict[str, _Channel] = {}
        self._watching: Counter[str] = Counter()
        self._ended = asyncio.Event()

    def end(self) -> None:
        """The server stops: every stream ends, and browsers ask again later."""
        self._ended.set()

    def stream(self, request: Request, view: View) -> Response:
        """Tell of a view until the browser goes.

        :raises HTTPException: 503: too many look at pages already.
        """
        if self._watching.total() >= MOST_STREAMS:
            raise HTTPException(503, "too many pages are open", {"Retry-After": "60"})
        language = language_of(request)
        name = f"{language} {request.url.path}?{request.url.query}"
        return StreamingResponse(self._told(name, language, view), media_type="text/event-stream")

    async def _told(self, name: str, language: str, view: View) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        self._watching[name] += 1
        try:
            channel = self._channels.setdefault(name, _Channel(self._screens, language, view))
            until, told, told_at = loop.time() + STREAM_SECONDS, "", loop.time()
            while not self._ended.is_set() and loop.time() < until:
                message = await channel.message()
                if message is not told:
                    told, told_at = message, loop.time()
                    yield message
                elif loop.time() >= told_at + STILL_HERE_SECONDS:
                    told_at = loop.time()
                    yield ": still here\n\n"
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._ended.wait(), PERIOD)
        finally:
            self._watching[name] -= 1
            if not self._watching[name]:
                del self._watching[name]
                self._channels.pop(name, None)


class _Channel:
    """What everybody is told who looks at the same thing."""

    def __init__(self, screens: Screens, language: str, view: View) -> None:
        self._screens = screens
        self._language = language
        self._view = view
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._content: Mapping[str, Any] | None = None
        self._message = ""

    async def message(self) -> str:
        """The very same text as before where nothing has changed."""
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if now >= self._looked_at + PERIOD / 2:
                self._looked_at = now
                content = await self._view.look()
                if content != self._content:
                    part = await self._screens.part(self._language, self._view.template, content)
                    self._content = content
                    self._message = f"data: {msgspec.json.encode(part).decode()}\n\n"
            return self._message

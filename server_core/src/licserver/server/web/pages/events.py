# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened on the server, the newest first."""

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from licserver.days import DAY_SECONDS
from licserver.events import KINDS, Selection
from licserver.pages.queries import read_query
from licserver.seats.holder import Number
from licserver.server.web.door import Door, Visit
from licserver.server.web.pages.frame import Screens
from licserver.server.web.pages.live import Live, View
from licserver.server.web.parts import Parts

PAGE_EVENTS = 100


class Query(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which events somebody looks at.

    :ivar since: a day, as is ``until``; none is older or younger.
    :ivar begin: when that day begins for the reader, in seconds since 1970-01-01 UTC, as his browser says; otherwise it
        is a day of UTC. So is ``end``: the moment at which ``until`` is over.
    :ivar before: none with this number or a later one: the next page.
    """

    text: Annotated[str, msgspec.Meta(max_length=200)] = ""
    kind: Annotated[str, msgspec.Meta(pattern=rf"^({'|'.join(KINDS)})?\Z")] = ""
    since: datetime.date | None = None
    until: datetime.date | None = None
    begin: Number | None = None
    end: Number | None = None
    before: Number | None = None

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Query":
        """What an address asks for; whatever makes no sense in it is passed over."""
        return read_query(cls, given)

    def address(self, before: int | None) -> str:
        """What an address says to ask for another page of this."""
        return urlencode(msgspec.to_builtins(msgspec.structs.replace(self, before=before)))

    def selection(self) -> Selection:
        """The same for the log, and one more event than a page has."""
        return Selection(
            before=self.before,
            since=0 if self.since is None else _first(self.begin, _begin(self.since)),
            until=None if self.until is None else _first(self.end, _begin(self.until) + DAY_SECONDS) - 1,
            text=self.text,
            kinds=frozenset([self.kind] if self.kind else []),
            limit=PAGE_EVENTS + 1,
        )


class Events:
    """The log of events."""

    def __init__(self, parts: Parts, screens: Screens, live: Live) -> None:
        self._parts = parts
        self._screens = screens
        self._live = live

    def routes(self, door: Door) -> list[Route]:
        """As Starlette takes them."""
        return [door.page("/events", self._show), door.page("/live/events", self._stream)]

    async def _show(self, visit: Visit) -> Response:
        query = Query.read(visit.request.query_params)
        content = _shown(query, await self._find(query))
        return await self._screens.page(visit.request, "events.html", kinds=KINDS, **content)

    async def _stream(self, visit: Visit) -> Response:
        query = Query.read(visit.request.query_params)
        known: list[dict[str, Any]] | None = None

        async def look() -> Mapping[str, Any]:
            nonlocal known
            # of a long log only what is new is read again
            known = await (self._find(query) if known is None else self._find_newer(query, known))
            return _shown(query, known)

        return self._live.stream(visit.request, View(_live(query), "events_live.html", look))

    async def _find(self, query: Query) -> list[dict[str, Any]]:
        history = await self._parts.reports.journal.history()
        return (await self._parts.aside(lambda: history.select(query.selection())))[::-1]

    async def _find_newer(self, query: Query, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
        last = known[0]["number"] if known else 0
        history = await self._parts.reports.journal.history(last)
        newer = replace(query.selection(), after=last)
        found = await self._parts.aside(lambda: history.select(newer))
        return [*found[::-1], *known][: PAGE_EVENTS + 1]


def _shown(query: Query, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """What a page shows; only the newest events are followed.

    :param entries: the newest first, and one more than a page has.
    """
    return {
        "live": _live(query) if query.before is None else None,
        "query": query,
        "entries": entries[:PAGE_EVENTS],
        "more": entries[PAGE_EVENTS - 1]["number"] if len(entries) > PAGE_EVENTS else None,
    }


def _live(query: Query) -> str:
    return f"/live/events?{query.address(None)}"


def _first(told: int | None, otherwise: int) -> int:
    return otherwise if told is None else told


def _begin(day: datetime.date) -> int:
    return (day - datetime.date(1970, 1, 1)).days * DAY_SECONDS

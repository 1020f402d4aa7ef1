# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the server is: the use of each product over the last day, what is wrong, and what is about to be."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from licserver.server.usage import SLOTS, told
from licserver.server.web.door import Door, Visit
from licserver.server.web.pages.frame import Screens
from licserver.server.web.pages.live import Live, View
from licserver.server.web.parts import Parts

BAR_HEIGHT = 60
_EXPIRY_DAYS = 30
_LIVE = "/live/overview"


class Overview:
    """The first page."""

    def __init__(self, parts: Parts, screens: Screens, live: Live) -> None:
        self._reports = parts.reports
        self._usage = parts.usage
        self._screens = screens
        self._live = live

    def routes(self, door: Door) -> list[Route]:
        """As Starlette takes them."""
        return [door.page("/", self._show), door.page(_LIVE, self._stream)]

    async def _show(self, visit: Visit) -> Response:
        return await self._screens.page(
            visit.request, "overview.html", server=self._reports.server(), **await self._look()
        )

    async def _stream(self, visit: Visit) -> Response:
        return self._live.stream(visit.request, View(_LIVE, "overview_live.html", self._look))

    async def _look(self) -> Mapping[str, Any]:
        keys = self._reports.keys()
        return {
            "live": _LIVE,
            "alarms": self._reports.alarms.now(),
            "products": [
                {**one, "bars": _bars(one["last_day"]), "most": max(slot["most"] for slot in one["last_day"])}
                for one in told(self._usage, keys, self._reports.clock())
            ],
            "endangered": [key for key in keys if _is_endangered(key)],
            "attached": len(keys),
            "connected": len(self._reports.desk.book.leases),
            "bar_height": BAR_HEIGHT,
            "slots": SLOTS,
        }


def _bars(slots: list[dict[str, int]]) -> list[dict[str, Any]]:
    """What a template draws of each half hour; the tallest bar is everything that was sold."""
    most = max(max(slot["most"], slot["total"]) for slot in slots) or 1
    return [{**slot, "height": -(-slot["most"] * BAR_HEIGHT // most)} for slot in slots]


def _is_endangered(key: Mapping[str, Any]) -> bool:
    """Whether a key works no more, or will soon not."""
    left = key.get("days_left")
    return key["state"] != "active" or bool(key["warnings"]) or (left is not None and left <= _EXPIRY_DAYS)

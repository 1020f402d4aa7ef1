# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened at a center, searched; keys that were seen alive on two computers. docs/specification.md, section 5."""

from starlette.responses import Response
from starlette.routing import Route

from licserver.center import registry
from licserver.center.app.door import Door, Visit
from licserver.center.app.key_pages import ROWS
from licserver.center.app.words import EVENTS
from licserver.center.database import Database
from licserver.pages.rendering import Pages


class HistoryPages:
    """The history of one center."""

    def __init__(self, pages: Pages, database: Database) -> None:
        self._pages = pages
        self._database = database

    def routes(self, door: Door) -> list[Route]:
        """The addresses of these pages."""
        all_staff = door.only("desk", "vendor")
        return [Route("/staff/history", all_staff(self.history)), Route("/staff/clones", all_staff(self.clones))]

    def history(self, visit: Visit) -> Response:
        """What happened, newest first, page by page."""
        query = visit.request.query_params
        event = query.get("event", "")
        return self._page(visit, "history.html", event if event in EVENTS else None)

    def clones(self, visit: Visit) -> Response:
        """Every time that a key was seen on another computer than its own."""
        return self._page(visit, "clones.html", "clone_seen")

    def _page(self, visit: Visit, template: str, event: str | None) -> Response:
        query = visit.request.query_params
        text, before = query.get("text", "").strip(), query.get("before", "")
        with self._database.reading() as connection:
            entries = registry.search_history(
                connection,
                text=text,
                event=event,
                before=int(before) if before.isdecimal() and before.isascii() and len(before) < 18 else None,
                limit=ROWS + 1,
            )
        more = str(entries[ROWS - 1]["entry"]) if len(entries) > ROWS else None
        return self._pages.page(
            visit.request,
            template,
            entries=entries[:ROWS],
            text=text,
            event=event,
            before=before,
            more=more,
            kinds=EVENTS,
        )

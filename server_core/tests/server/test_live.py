# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages that stay up to date."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from licserver.server.web.pages.live import Live, View


async def nothing() -> Mapping[str, Any]:
    return {}


def test_who_asks_and_goes_at_once_leaves_nothing_behind() -> None:
    screens: Any = None
    live = Live(screens)
    for number in range(3):
        scope = {"type": "http", "path": "/live", "query_string": b"%d" % number, "headers": [], "server": ("x", 80)}
        live.stream(Request({**scope, "scheme": "http"}), View("x.html", nothing))

    assert live._channels == {}

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A license server, and a browser that looks at its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from licserver.documents import Counter
from server_core.tests.browser import Visitors
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.running import WEB_PORT, ServerThread

if TYPE_CHECKING:  # the tests of pages run on Linux only
    from playwright.sync_api import Browser


@dataclass(kw_only=True)
class Site(Visitors):
    """The pages of a license server, and those who look at them."""

    server: ServerThread

    def key(self, number: str = KEY) -> str:
        """The address of the page of a key."""
        return f"/keys/of/{number}"


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are told soon what has changed."""
    monkeypatch.setattr("licserver.server.web.pages.live.PERIOD", 0.2)


@pytest.fixture
def site(
    browser: Browser, make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer
) -> Iterator[Site]:
    """The pages of a server with one key of five licenses; they gave no browser a reason to complain."""
    server = make_server()
    vendor.install(server.state, computer, KEY, Counter(name="main", type="session", limit=5))
    server.start()
    made = Site(f"http://{server.address}:{WEB_PORT}", browser, server=server)
    yield made
    made.leave()

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real browser, and a real web server for it to look at."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

if TYPE_CHECKING:  # the tests of pages run on Linux only
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

CHROMIUM = Path("/usr/bin/chromium")
DEADLINE = 10_000
"""Milliseconds for which a page may keep a test waiting."""
_SWITCHES = (
    "--no-sandbox",  # root has no other choice
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
)


@contextlib.contextmanager
def a_browser() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    if not CHROMIUM.exists():
        pytest.skip("not installed: chromium; see tests/tools/install_lab_tools")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_SWITCHES)
        try:
            yield browser
        finally:
            browser.close()


class KeptBrowser:
    """One browser for tests that follow one another. Not for the whole run: while it is there, its thread has an event
    loop."""

    def __init__(self) -> None:
        self._open = contextlib.ExitStack()
        self._browser: Browser | None = None

    def get(self) -> Browser:
        """The browser, which is started where it does not run."""
        if self._browser is None:
            self._browser = self._open.enter_context(a_browser())
        return self._browser

    def close(self) -> None:
        """End it, if it runs."""
        self._browser = None
        self._open.close()


_kept = KeptBrowser()


@pytest.fixture
def browser() -> Browser:
    """The browser of this test and of those around it."""
    return _kept.get()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    """The browser ends before a test that does not look at pages."""
    yield
    if "browser" not in getattr(nextitem, "fixturenames", ()):
        _kept.close()


def pytest_sessionfinish() -> None:
    """The browser ends where tests were interrupted, too."""
    _kept.close()


@contextlib.contextmanager
def web_server(config: uvicorn.Config) -> Iterator[int]:
    """An application on a free port of this computer; the port."""
    config.host, config.port = "127.0.0.1", 0
    server = uvicorn.Server(config)
    ready = threading.Event()

    async def startup(sockets: object = None) -> None:
        await type(server).startup(server, None)
        ready.set()

    server.startup = startup
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert ready.wait(DEADLINE / 1000)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(DEADLINE / 1000)


class Complaints:
    """What a browser found wrong with pages: scripts and styles that it did not run, addresses elsewhere."""

    def __init__(self, page: Page, own: str) -> None:
        self.heard: list[str] = []
        self._own = own
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(str(error)))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        # that an answer is a refusal is said in the console too; a test looks at the page for that
        if message.type in ("error", "warning") and "the server responded with a status of" not in message.text:
            self.heard.append(message.text)

    def _request(self, request: Request) -> None:
        if not request.url.startswith(self._own):
            self.heard.append(f"asked for {request.url}")


@dataclass
class Visitors:
    """Those who look at the pages of one server, each with a browser of his own."""

    url: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[Complaints] = field(default_factory=list)

    def visitor(self, language: str = "en", *, at: str = "/", session: str | None = None, **options: Any) -> Page:
        """Somebody with a browser of his own, at the first page or another one."""
        context = self.browser.new_context(locale=language, base_url=self.url, ignore_https_errors=True, **options)
        context.set_default_timeout(DEADLINE)
        self.contexts.append(context)
        if session is not None:
            name = f"__Host-session-{self.url.rpartition(':')[2]}"
            context.add_cookies([{"name": name, "value": session, "url": self.url, "secure": True}])
        page = context.new_page()
        self.complaints.append(Complaints(page, self.url))
        page.goto(at)
        return page

    def leave(self) -> None:
        """Close every browser; the pages gave none of them a reason to complain."""
        heard = [one for complaints in self.complaints for one in complaints.heard]
        for context in self.contexts:
            context.close()
        assert heard == []

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A center over HTTPS, and a browser that looks at its pages."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import insert

from licserver.center.app import create_app
from licserver.center.authority import TLS_FILE
from licserver.center.schema import staff
from licserver.center.serving import configure
from licserver.center.settings import Settings
from licserver.center.staff import Role, open_session
from licserver.ini_text import seal_credential
from licserver.pages.sessions import new_session, session_digest
from server_core.tests.browser import DEADLINE, Complaints, a_browser, web_server
from server_core.tests.center.helpers import NOW, Office

SETTINGS = Settings(name="Vendor", url="https://127.0.0.1:15443", mail="help@vendor.example", phone="+7 800 000-00-00")
PASSWORD = "correct horse battery"
SEALED_PASSWORD = seal_credential(PASSWORD)


@dataclass
class Site:
    """The pages of a center, and those who look at them."""

    office: Office
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

    def member(self, role: Role, language: str = "en", **options: Any) -> Page:
        """Somebody of the staff, who is signed in."""
        session = new_session()
        with self.office.center.database.writing() as connection:
            connection.execute(insert(staff).values(name="anna", role=role, password=SEALED_PASSWORD, added_at=NOW))
            open_session(connection, "anna", session_digest(session), now=int(time.time()), seconds=600)
        return self.visitor(language, at="/staff", session=session, **options)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a file. Not for the whole run: while it is there, its thread has an event loop."""
    with a_browser() as browser:
        yield browser


@pytest.fixture
def site(office: Office, browser: Browser) -> Iterator[Site]:
    """The pages of a center with one key; its pages gave a browser no reason to complain."""
    app = create_app(replace(office.center, settings=SETTINGS), office.issuer)
    with web_server(configure(app, office.directory / TLS_FILE)) as port, contextlib.ExitStack() as after:
        site = Site(office, f"https://127.0.0.1:{port}", browser)
        after.callback(lambda: [context.close() for context in site.contexts])
        yield site
        assert [one for complaints in site.complaints for one in complaints.heard] == []

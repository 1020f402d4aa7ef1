# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A center over HTTPS, and a browser that looks at its pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from licserver.center.app import create_app
from licserver.center.authority import TLS_FILE
from licserver.center.schema import staff
from licserver.center.serving import configure
from licserver.center.settings import Settings
from licserver.center.staff import Role, open_session
from licserver.ini_text import seal_credential
from licserver.pages.sessions import new_session, session_digest
from server_core.tests.browser import Visitors, web_server
from server_core.tests.center.helpers import NOW, Office

if TYPE_CHECKING:  # the tests of pages run on Linux only
    from playwright.sync_api import Browser, Page

SETTINGS = Settings(name="Vendor", url="https://127.0.0.1:15443", mail="help@vendor.example", phone="+7 800 000-00-00")
PASSWORD = "correct horse battery"
SEALED_PASSWORD = seal_credential(PASSWORD)


@dataclass(kw_only=True)
class Site(Visitors):
    """The pages of a center, and those who look at them."""

    office: Office

    def member(self, role: Role, language: str = "en", *, name: str = "anna", **options: Any) -> Page:
        """Somebody of the staff, who is signed in."""
        session = new_session()
        with self.office.center.database.writing() as connection:
            connection.execute(insert(staff).values(name=name, role=role, password=SEALED_PASSWORD, added_at=NOW))
            open_session(connection, name, session_digest(session), now=int(time.time()), seconds=600)
        return self.visitor(language, at="/staff", session=session, **options)


@pytest.fixture
def site(office: Office, browser: Browser) -> Iterator[Site]:
    """The pages of a center with one key; its pages gave a browser no reason to complain."""
    app = create_app(replace(office.center, settings=SETTINGS), office.issuer)
    with web_server(configure(app, office.directory / TLS_FILE)) as port:
        site = Site(f"https://127.0.0.1:{port}", browser, office=office)
        yield site
        site.leave()

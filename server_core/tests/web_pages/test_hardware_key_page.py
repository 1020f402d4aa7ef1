# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hardware key is updated from pasted text, in a browser that checks the text before it sends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from playwright.sync_api import Page, expect

from licserver.activation.updates import read_state, write_update
from licserver.documents import Counter, License, seal
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.running import WEB_PORT, ServerThread, eventually
from server_core.tests.softhsm import MODULE, Stick
from server_core.tests.web_pages.conftest import Site

if TYPE_CHECKING:  # the tests of pages run on Linux only
    from playwright.sync_api import Browser

WORDS = {
    "en": (
        "Install the update",
        "Nothing was sent",
        "another hardware key",
        "The update is installed.",
        "hardware key",
    ),
    "ru": (
        "Установить обновление",
        "Ничего не отправлено",
        "другого аппаратного ключа",
        "Обновление установлено.",
        "аппаратный ключ",
    ),
}


@pytest.fixture
def issued(stick: Stick, vendor: Vendor) -> License:
    return stick.issue(vendor)


@pytest.fixture
def keyed(
    browser: Browser, make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer, issued: License
) -> Iterator[Site]:
    """The pages of a server with a hardware key."""
    server = make_server(TokenModule=MODULE)
    vendor.install(server.state, computer, "100-0002")
    server.start()
    eventually(lambda: KEY in server.server.desk.keys.attached, "the token is seen")
    made = Site(f"http://{server.address}:{WEB_PORT}", browser, server=server)
    yield made
    made.leave()


def update_of(license: License, vendor: Vendor, **changes: object) -> str:
    changes = {"revision": 2, "counters": (Counter(name="main", type="session", limit=41),), **changes}
    return write_update(seal(msgspec.structs.replace(license, **changes), vendor.signer))


def paste(page: Page, text: str, language: str) -> None:
    page.locator("#update").fill(text)
    page.get_by_role("button", name=WORDS[language][0]).click()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_update_is_checked_sent_and_in_force_at_once(
    keyed: Site, issued: License, vendor: Vendor, stranger: Vendor, language: str
) -> None:
    words, text = WORDS[language], update_of(issued, vendor)
    page = keyed.visitor(language, at="/functions")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    for slip in ("", text[:-20], text.replace("Checksum: ", "Checksum: 0"), text.replace("eyJ", "eyK", 1)):
        paste(page, slip, language)
        expect(page.locator("#update-problem")).to_contain_text(words[1])
    assert sent == []
    paste(page, update_of(issued, vendor, key_public=stranger.kit.vendor_keys[0].x), language)
    expect(page.get_by_role("alert").first).to_contain_text(words[2])
    paste(page, text.replace("\n", "\r\n"), language)

    expect(page.get_by_role("status").first).to_contain_text(words[3])
    expect(page.get_by_role("cell", name="41").first).to_be_visible()
    page.goto("/keys")
    expect(page.locator(f"#key-{KEY}")).to_contain_text(words[4])


def test_without_a_script_the_server_checks_it(keyed: Site, issued: License, vendor: Vendor) -> None:
    page = keyed.visitor("ru", at="/functions", java_script_enabled=False)
    paste(page, update_of(issued, vendor)[:-20], "ru")
    expect(page.get_by_role("alert").first).to_contain_text("целиком")
    paste(page, update_of(issued, vendor), "ru")

    expect(page.get_by_role("status").first).to_contain_text(WORDS["ru"][3])


def test_the_state_of_a_key_is_saved_for_the_vendor(keyed: Site, issued: License) -> None:
    page = keyed.visitor(at=keyed.key())
    with page.expect_download() as download:
        page.get_by_role("link", name="Save its state for the vendor").click()

    assert read_state(Path(download.value.path()).read_text()).key_public == issued.key_public
    assert download.value.suggested_filename == f"{KEY}.state"

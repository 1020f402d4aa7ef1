# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and packs are activated in a browser, whichever way the request and its answer go."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from licserver.activation.carried import read_request, write_answer
from licserver.pages.headers import policy
from server_core.tests.center.helpers import SERVER
from server_core.tests.helpers import KEY
from server_core.tests.running import WEB_PORT, eventually
from server_core.tests.server.branch import Branch
from server_core.tests.server.conftest import branch, center
from server_core.tests.server.test_phone import Line, line
from server_core.tests.web_pages.conftest import Site

__all__ = ["branch", "center", "line"]

WORDS = {
    "en": ("Activate a key", "Continue", "The key is activated.", "The answer is loaded.", "Load the answer"),
    "ru": ("Активировать ключ", "Продолжить", "Ключ активирован.", "Ответ загружен.", "Загрузить ответ"),
}


@pytest.fixture
def office(browser: Browser, branch: Branch) -> Iterator[Site]:
    """The pages of a server without keys, and a center that sells it one."""
    made = Site(f"http://{branch.server.address}:{WEB_PORT}", browser, server=branch.server)
    yield made
    made.leave()


def fill_in(page: Page, kit: Any, way: str, *, pin: str = "1111-1111") -> None:
    page.locator("#key_number").fill(KEY)
    page.locator("#pin").fill(pin)
    page.locator("#company_name").fill("Ромашка")
    page.locator("#kit").set_input_files({"name": "kit.json", "mimeType": "", "buffer": json.dumps(kit).encode()})
    page.locator(f"#{way}").check()
    page.locator("main form button").last.click()


def answer_to(branch: Branch, request: str) -> str:
    return write_answer(branch.issuer.answer(read_request(request), SERVER))


@pytest.mark.parametrize(("language", "javascript"), [("en", False), ("ru", True)])
def test_a_key_is_activated_online(office: Site, branch: Branch, language: str, javascript: bool) -> None:
    page = office.visitor(language, at="/keys", java_script_enabled=javascript)
    page.get_by_role("link", name=WORDS[language][0]).first.click()
    fill_in(page, branch.kit, "online")

    expect(page.get_by_role("status").first).to_have_text(WORDS[language][2])
    expect(page.locator("main")).to_contain_text("Ромашка")


def test_a_refusal_says_why_and_keeps_all_but_the_pin(office: Site, branch: Branch) -> None:
    page = office.visitor("ru", at="/activate")
    fill_in(page, branch.kit, "online", pin="0000-0000")

    expect(page.get_by_role("alert")).to_contain_text(f"Этот пин-код не подходит к ключу {KEY}.")
    expect(page.locator("#company_name")).to_have_value("Ромашка")
    expect(page.locator("#pin")).to_have_value("")
    expect(page.locator("[aria-invalid=true]")).to_have_attribute("aria-describedby", "pin-problem")
    expect(page.locator("#pin-problem")).to_have_text(f"Этот пин-код не подходит к ключу {KEY}.")
    page.locator("#pin").fill("1111-1111")
    page.get_by_role("button", name="Продолжить").click()
    expect(page.get_by_role("status").first).to_have_text("Ключ активирован.")


@pytest.mark.parametrize(("language", "javascript"), [("en", True), ("ru", False)])
def test_a_request_is_carried_by_file(
    office: Site, branch: Branch, tmp_path: Path, language: str, javascript: bool
) -> None:
    page = office.visitor(language, at="/activate", java_script_enabled=javascript)
    fill_in(page, branch.kit, "file")
    with page.expect_download() as download:
        page.locator("details[open] a.button").click()
    answer = tmp_path / "100-0001.answer"
    answer.write_text(answer_to(branch, Path(download.value.path()).read_text()))
    page.goto("/keys")
    page.get_by_role("link", name=download.value.suggested_filename).click()
    page.locator("#f-file").set_input_files(answer)
    page.locator("details[open]").get_by_role("button", name=WORDS[language][4]).click()

    expect(page.get_by_role("status").first).to_have_text(WORDS[language][3])


def test_a_request_that_is_under_way_does_not_pass_for_a_new_one(office: Site, branch: Branch) -> None:
    page = office.visitor("ru", at="/activate")
    fill_in(page, branch.kit, "file", pin="mistyped")
    earlier = page.url
    page.goto("/activate")
    fill_in(page, branch.kit, "file")

    expect(page.get_by_role("status")).to_contain_text("того, что введено сейчас, в нём нет")
    assert page.url == f"{earlier}&earlier=yes"
    page.goto("/activate")
    page.locator("#anew").check()
    fill_in(page, branch.kit, "file")
    expect(page.get_by_role("status")).to_have_count(0)
    assert not page.url.startswith(earlier)


def test_the_browser_asks_a_center_that_the_server_cannot_reach(office: Site, branch: Branch) -> None:
    page = office.visitor(at="/activate")
    fill_in(page, branch.kit, "relay")
    request = page.locator("input[name=text]").input_value()
    with page.context.expect_page():
        page.get_by_role("button", name="Ask the center").click()
    eventually(lambda: branch.center.asked, "the browser sends the request")
    assert branch.center.asked[0].startswith("text=")
    page.locator("#r-text").fill(answer_to(branch, request))
    page.locator("details[open]").get_by_role("button", name="Load the answer").click()

    expect(page.get_by_role("status").first).to_have_text("The answer is loaded.")


@pytest.mark.parametrize("url", ["https://center; script-src *", "javascript:alert(1)", "https://a@b"])
def test_a_kit_with_a_strange_address_gets_nothing_into_the_page(office: Site, branch: Branch, url: str) -> None:
    page = office.visitor(at="/activate")
    fill_in(page, {**branch.kit, "center_url": url}, "relay")
    expect(page.get_by_role("link", name="Save the request")).to_be_visible()

    assert page.locator("form[target]").count() == 0
    assert page.request.get(page.url).headers["content-security-policy"] == policy(script=True)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_key_is_activated_by_telephone_and_a_block_that_was_misheard_is_marked(
    office: Site, line: Line, language: str
) -> None:
    page = office.visitor(language, at="/activate")
    fill_in(page, line.kit, "phone")
    expect(page.locator(".digits")).to_have_count(4)
    blocks = line.call(" ".join(page.locator(".digits").all_inner_texts())).split()
    wrong = blocks[1][:-1] + str((int(blocks[1][-1]) + 1) % 10)
    for second in (wrong, blocks[1]):
        for number, block in enumerate((blocks[0], second, blocks[2]), 1):
            page.locator(f"#block{number}").fill(block)
        page.locator("details[open] button").click()
        if second == wrong:
            expect(page.locator("[aria-invalid=true]")).to_have_attribute("id", "block2")

    expect(page.get_by_role("status").first).to_have_text(WORDS[language][3])


def test_a_kit_without_a_ticket_cannot_be_told_by_telephone(office: Site, branch: Branch) -> None:
    page = office.visitor(at="/activate")

    fill_in(page, branch.kit, "phone")

    expect(page.get_by_role("alert")).to_contain_text("The kit has no ticket")


def test_an_answer_that_was_cut_changes_nothing(office: Site, branch: Branch) -> None:
    page = office.visitor("ru", at="/activate")
    fill_in(page, branch.kit, "file")
    page.locator("#f-text").fill("cut")
    page.locator("details[open]").get_by_role("button", name="Загрузить ответ").click()

    expect(page.get_by_role("alert")).to_contain_text("Это не ответ на этот запрос")
    page.goto("/answers")
    page.get_by_label("Или его текст").fill("cut")
    page.get_by_role("button", name="Загрузить ответ").click()
    expect(page.get_by_role("alert")).to_contain_text("Это не ответ на этот запрос")


@pytest.mark.parametrize(("language", "way"), [("en", "online"), ("ru", "file")])
def test_a_pack_is_activated_while_the_product_runs(office: Site, branch: Branch, language: str, way: str) -> None:
    assert branch.activate()[0] == 200
    page = office.visitor(language, at=office.key())
    with branch.server.client() as client:
        client.take()
        page.locator("main a.button").click()
        page.locator("#pack").fill("P-1")
        page.locator("#password").fill("abcd-1234")
        page.locator(f"#{way}").check()
        page.locator("#anew").check()
        page.locator("main form button").click()
        if way == "file":
            request = page.request.get(page.locator("details[open] a.button").get_attribute("href") or "").text()
            page.locator("#f-text").fill(answer_to(branch, request))
            page.locator("details[open]").get_by_role("button", name=WORDS[language][4]).click()

        expect(page.get_by_role("row", name="P-1")).to_be_visible()
        expect(page.get_by_role("status").first).to_be_visible()


def test_a_pack_whose_password_was_mistyped_is_asked_for_anew(office: Site, branch: Branch) -> None:
    assert branch.activate()[0] == 200
    page, addresses = office.visitor("ru"), []
    with branch.server.client() as client:
        client.take()
        for password, anew in (("mistyped", False), ("abcd-1234", False), ("abcd-1234", True)):
            page.goto(f"{office.key()}/pack")
            page.locator("#pack").fill("P-1")
            page.locator("#password").fill(password)
            page.locator("#file").check()
            page.locator("#anew").set_checked(anew)
            page.locator("main form button").click()
            expect(page.get_by_role("heading", level=1)).to_contain_text("P-1")
            addresses.append(page.url)

    assert addresses[1] == f"{addresses[0]}&earlier=yes"
    assert addresses[2].partition("?")[0] != addresses[0].partition("?")[0]


def test_a_pack_while_nobody_works_is_refused(office: Site, branch: Branch) -> None:
    assert branch.activate()[0] == 200
    page = office.visitor("ru", at=f"{office.key()}/pack")
    page.locator("#pack").fill("P-1")
    page.locator("#password").fill("abcd-1234")
    page.locator("main form button").click()

    expect(page.get_by_role("alert")).to_contain_text("Запустите программу")
    expect(page.locator("#pack")).to_have_value("P-1")

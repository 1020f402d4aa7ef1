# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exchange page, in a browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from licserver.activation.carried import read_answer
from licserver.activation.packs import REQUEST_TITLE as PACK_REQUEST_TITLE
from licserver.activation.packs import pack_request_head
from licserver.activation.requests import REQUEST_TITLE, request_head
from licserver.armor import armor
from licserver.documents import ActivationRequest, PackRequest, read_unchecked
from server_core.tests.center.helpers import PINS, Office, facts
from server_core.tests.center.pages.conftest import Site
from server_core.tests.center.test_packs import PACK, Branch

WORDS = {
    "en": ("Request file", "Get the answer", "The answer is ready", "Save the answer as a file"),
    "ru": ("Файл запроса", "Получить ответ", "Ответ готов", "Сохранить ответ в файл"),
}


def request_text(office: Office, pin: str = PINS[0], **options: object) -> str:
    token = office.request(pin, **options)
    return armor(REQUEST_TITLE, request_head(read_unchecked(token, ActivationRequest)), {"REQUEST": token})


def paste(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("main form button").click()


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_request_file_is_uploaded_and_its_answer_taken_away(
    site: Site, tmp_path: Path, language: str, javascript: bool
) -> None:
    request = tmp_path / "100-0001.request"
    request.write_text(request_text(site.office))
    page = site.visitor(language, java_script_enabled=javascript)
    file, get, ready, save = WORDS[language]

    page.get_by_label(file, exact=True).set_input_files(request)
    page.get_by_role("button", name=get).click()
    expect(page.get_by_role("heading", name=ready)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name=save).click()

    answer, license = read_answer(Path(download.value.path()).read_text())
    assert download.value.suggested_filename == "100-0001.answer"
    assert site.office.open(answer) == license
    assert site.office.pins_spent() == 1


def test_a_request_is_pasted_and_its_answer_copied(site: Site) -> None:
    page = site.visitor()
    text = request_text(site.office)

    paste(page, f"Dear vendor,\n\n{text}\nBest wishes")
    page.get_by_text("Show the answer as text").click()

    answer, _ = read_answer(page.get_by_label("To be copied whole").input_value())
    assert site.office.open(answer).activation == 1


def test_a_request_for_a_pack_gets_the_next_license_of_its_key(site: Site) -> None:
    site.office.apply(packs=[PACK])
    token = Branch(site.office).request()
    text = armor(PACK_REQUEST_TITLE, pack_request_head(read_unchecked(token, PackRequest)), {"REQUEST": token})
    page = site.visitor("ru")

    paste(page, text)

    expect(page.locator("dl")).to_contain_text("P-1")
    expect(page.locator("dl")).to_contain_text("main: 8")
    expect(page.get_by_text("P-1+100-0001.answer").first).to_be_visible()


def test_a_refusal_is_said_in_the_language_of_the_reader(site: Site) -> None:
    site.office.activate(PINS[0])
    text = request_text(site.office, PINS[1], of=facts("1", "2", "3", "4"))

    english, russian = site.visitor("en"), site.visitor("ru")
    for page in (english, russian):
        paste(page, text)

    expect(english.get_by_role("alert")).to_contain_text("The key 100-0001 belongs to another computer.")
    expect(english.get_by_role("alert")).to_contain_text("the motherboard")
    expect(russian.get_by_role("alert")).to_contain_text("Ключ 100-0001 принадлежит другому компьютеру.")
    expect(russian.get_by_role("alert")).to_contain_text("материнская плата")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "No request was given."),
        ("Good morning", "This is not a whole request"),
        ("a" * 300_000, "This is too large to be a request."),
    ],
)
def test_what_is_no_request(site: Site, given: str, said: str) -> None:
    page = site.visitor()

    paste(page, given)

    expect(page.get_by_role("alert")).to_contain_text(said)


def test_an_answer_is_no_request(site: Site) -> None:
    page = site.visitor()
    paste(page, request_text(site.office))
    answer = page.locator("#answer").text_content() or ""
    page.get_by_role("link", name="Upload another request").click()

    paste(page, answer)

    expect(page.get_by_role("alert")).to_contain_text("This is not a request but an answer, or a key.")


def test_a_language_is_chosen_once(site: Site) -> None:
    page = site.visitor("de")
    expect(page.get_by_role("heading", level=1)).to_have_text("Activation center")

    page.get_by_role("link", name="Русский").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    page.goto("/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Центр лицензирования")
    assert page.locator("html").get_attribute("lang") == "ru"


def test_an_address_that_leads_nowhere(site: Site) -> None:
    page = site.visitor("ru")

    page.goto("/nothing")

    expect(page.get_by_role("alert")).to_contain_text("Такой страницы нет.")
    page.get_by_role("link", name="На первую страницу").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Центр лицензирования")

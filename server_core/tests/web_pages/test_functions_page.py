# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions and settings, in a browser."""

import io
import socket
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from licserver.errors import LicensingError
from licserver.ini_text import IniText, verify_credential
from server_core.tests.running import WEB_PORT, eventually, free_ports, loopback_address
from server_core.tests.web_pages.conftest import Site

WORDS = {
    "en": ("Functions", "Start again…", "Start again", "The server was started again."),
    "ru": ("Функции", "Перезапустить…", "Перезапустить", "Сервер перезапущен."),
}


def ini(site: Site, name: str) -> str | None:
    return IniText.parse(site.server.ini.read_bytes()).get(name)


def _is_taken(address: str, port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex((address, port)) == 0


def save(page: Page) -> None:
    page.locator("main form button").click()


@pytest.mark.parametrize(("language", "javascript"), [("en", True), ("ru", False)])
def test_the_server_starts_again_and_the_page_comes_back(site: Site, language: str, javascript: bool) -> None:
    with site.server.client() as client:
        client.take()
        page = site.visitor(language, java_script_enabled=javascript)
        page.get_by_role("link", name=WORDS[language][0]).click()
        page.get_by_role("link", name=WORDS[language][1]).click()
        page.get_by_role("button", name=WORDS[language][2]).click()

        expect(page.get_by_role("status").first).to_contain_text(WORDS[language][3], timeout=15_000)
    assert len(site.server.server.desk.book.leases) == 1
    site.complaints.clear()  # while it is away, a browser complains


def test_what_support_wants_is_saved_without_secrets(site: Site) -> None:
    page = site.visitor(at="/functions")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save the archive").click()

    assert (
        "licserver-support/server.json"
        in zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())).namelist()
    )


def test_the_distribution_is_saved(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("licserver.distribution.save.save", lambda path: path.write_bytes(b"all of it"))
    page = site.visitor("ru", at="/functions")
    with page.expect_download() as download:
        page.get_by_role("link", name="Сохранить дистрибутив").click()

    assert Path(download.value.path()).read_bytes() == b"all of it"


def test_a_distribution_that_cannot_be_saved_says_why(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> None:
        raise LicensingError("no_release", "this server was not installed from a release")

    monkeypatch.setattr("licserver.distribution.save.save", fail)
    page = site.visitor(at="/functions")

    page.get_by_role("link", name="Save the distribution").click()

    expect(page.locator(".notice[role=alert]")).to_contain_text("this server was not installed from a release")
    expect(page.get_by_role("link", name="Disconnect all…")).to_be_visible()


@pytest.mark.parametrize(("language", "javascript"), [("en", False), ("ru", True)])
def test_what_is_in_force_at_once_and_what_needs_a_restart(site: Site, language: str, javascript: bool) -> None:
    page = site.visitor(language, at="/settings", java_script_enabled=javascript)
    page.locator("#idle_minutes").fill("25")
    page.locator("#port").fill("15333")
    save(page)

    expect(page.get_by_role("status").first).to_be_visible()
    expect(page.locator(".notice.warn")).to_contain_text("port")
    assert (ini(site, "IdleTime"), ini(site, "port")) == ("25", "15333")
    assert site.server.server.configuration.settings.idle_seconds == 25 * 60


def test_the_language_that_is_set_is_that_of_whoever_chose_none(site: Site) -> None:
    page = site.visitor(at="/settings")
    page.get_by_label("Language of these pages").select_option("Русский")
    save(page)
    expect(page.get_by_role("status").first).to_have_text("Настройки сохранены.")
    page.get_by_role("link", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(site.visitor().locator("html")).to_have_attribute("lang", "ru")
    assert ini(site, "Language") == "ru"


@pytest.mark.parametrize(
    ("field", "value"),
    [("port", "0"), ("port", "many"), ("idle_minutes", "1441"), ("bind_address", "nowhere"), ("names", "a b")],
)
def test_a_value_that_cannot_be_is_marked_and_nothing_is_written(site: Site, field: str, value: str) -> None:
    before = site.server.ini.read_bytes()
    page = site.visitor("ru", at="/settings")
    page.locator(f"#{field}").fill(value)
    save(page)

    expect(page.locator("[aria-invalid=true]")).to_have_attribute("id", field)
    expect(page.locator(f"#{field}")).to_have_value(value)
    assert site.server.ini.read_bytes() == before


def test_a_certificate_that_cannot_be_used_is_named_and_marked(site: Site) -> None:
    page = site.visitor("ru", at="/settings", java_script_enabled=False)
    page.locator("#tls").check()
    page.locator("#tls_certificate").fill("/nowhere.pem")
    page.locator("#tls_key").fill("/nowhere.key")
    save(page)

    expect(page.get_by_role("alert")).to_contain_text("/nowhere.pem")
    expect(page.locator("[aria-invalid=true]")).to_have_attribute("id", "tls_certificate")
    expect(page.locator("#tls_certificate-problem")).to_have_text("Сервер не может использовать этот файл.")


def test_a_port_of_another_program_is_marked(site: Site) -> None:
    page = site.visitor("ru", at="/settings", java_script_enabled=False)
    with socket.create_server((site.server.address, 0)) as taken:
        page.locator("#web_port").fill(str(taken.getsockname()[1]))
        save(page)

    expect(page.locator("[aria-invalid=true]")).to_have_attribute("id", "web_port")
    expect(page.locator("#web_port-problem")).to_have_text("Этот порт занят другой программой.")


def test_an_older_page_undoes_nothing_and_asks_before_it_replaces_what_somebody_else_set(site: Site) -> None:
    anna, boris = site.visitor("ru", at="/settings"), site.visitor("ru", at="/settings", java_script_enabled=False)
    anna.locator("#idle_minutes").fill("25")
    anna.locator("#port").fill("15333")
    save(anna)
    expect(anna.get_by_role("status").first).to_be_visible()
    boris.locator("#idle_minutes").fill("40")
    save(boris)

    expect(boris.locator(".field .problem")).to_have_text(
        "Кто-то другой тем временем установил здесь «25». Сохраните ещё раз, чтобы заменить это."
    )
    expect(boris.locator("#idle_minutes")).to_have_value("40")
    assert ini(site, "IdleTime") == "25"
    save(boris)
    expect(boris.get_by_role("status").first).to_be_visible()
    assert (ini(site, "IdleTime"), ini(site, "port")) == ("40", "15333")


def test_user_and_password_are_set_and_taken_away(site: Site) -> None:
    page = site.visitor(at="/settings")
    page.locator("#user").fill("Админ")
    page.locator("#password").fill("пароль")
    save(page)
    expect(page.locator("[aria-invalid=true]")).to_have_attribute("id", "password_again")
    page.locator("#user").fill("Админ")
    page.locator("#password").fill("пароль")
    page.locator("#password_again").fill("пароль")
    save(page)
    page.get_by_label("User").fill("Админ")
    page.get_by_label("Password").fill("пароль")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{site.url}/settings?saved=1")
    assert verify_credential(ini(site, "password") or "", "пароль")
    page.get_by_label("Take user and password away").check()
    save(page)

    expect(page.get_by_text("They are not set now.")).to_be_visible()
    assert ini(site, "password") is None


def test_another_port_of_the_page_is_told_before_and_led_to(site: Site) -> None:
    _, port = free_ports()
    page = site.visitor(at="/settings")
    page.locator("#web_port").fill(str(port))
    save(page)
    page.get_by_role("link", name="Start again…").click()
    there = f"http://{site.server.address}:{port}/functions?restarted=1"
    expect(page.get_by_text(there)).to_be_visible()
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("link", name=there)).to_be_visible()
    eventually(lambda: _is_taken(site.server.address, port), "it starts again")
    page.goto(there)

    expect(page.get_by_role("status").first).to_contain_text("The server was started again.")
    site.complaints.clear()  # of the page at another address


def test_another_address_of_the_page_is_told_before(site: Site) -> None:
    page, other = site.visitor(at="/settings"), loopback_address()
    page.locator("#bind_address").fill(other)
    page.get_by_label("Deny access over the network").uncheck()
    save(page)
    page.get_by_role("link", name="Start again…").click()

    expect(page.get_by_text(f"http://{other}:{WEB_PORT}/functions?restarted=1")).to_be_visible()

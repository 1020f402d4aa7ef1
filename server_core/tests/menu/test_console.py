# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl menu`` as a process: on a real terminal, and on a pipe."""

import re
from pathlib import Path

import msgspec
import pytest

from licserver.menu.texts import _RUSSIAN_ERRORS
from server_core.tests.cli.helpers import refused
from server_core.tests.helpers import KEY, Vendor
from server_core.tests.processes import command
from server_core.tests.running import ServerThread

SOURCES = Path(__file__).parents[2] / "src"


def on_pipe(server: ServerThread, *lines: str, language: str = "en") -> str:
    given = "".join(f"{line}\n" for line in lines)
    options = ["--ini", str(server.ini), "--state", str(server.state)]
    done = command("licctl", *options, "menu", "--language", language, given=given)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_key_is_activated_by_what_is_typed(server: ServerThread, vendor: Vendor, tmp_path: Path) -> None:
    (tmp_path / "kit.json").write_bytes(msgspec.json.encode(vendor.kit))
    answers = ["1", KEY, "canary-pin", str(tmp_path / "kit.json"), "ООО Ромашка", "", "", "", "", ""]

    text = on_pipe(server, "2", *answers, "", "5")

    assert f"The key {KEY} of Retail 8 was active already. Licenses: main 2." in text
    assert "canary" not in text


@pytest.mark.parametrize("kit", [None, "{"])
def test_a_kit_that_is_none_is_refused_and_corrected(server: ServerThread, tmp_path: Path, kit: str | None) -> None:
    if kit is not None:
        (tmp_path / "kit.json").write_text(kit)
    answers = ["1", KEY, "1234", str(tmp_path / "kit.json"), "C", "", "", "", "", ""]

    text = on_pipe(server, "2", *answers, "", "!", "y", "5")

    assert f"Not done. {tmp_path / 'kit.json'}" in text


def test_a_pack_is_refused_in_words_where_the_server_does_not_know_the_key(server: ServerThread) -> None:
    text = on_pipe(server, "3", "1", "100-0009", "P-1", "canary", "", "!", "y", "5")

    assert "Not done. " in text
    assert "canary" not in text


def test_without_a_server_that_is_said_in_the_language_of_the_person(server: ServerThread) -> None:
    server.stop()

    text = on_pipe(server, "3", "1", KEY, "P-1", "x", "", "!", "д", "5", language="ru")

    assert "Сервер лицензирования на этом компьютере не запущен. Запустите его службу." in text


def test_the_end_of_the_input_is_the_end_of_the_menu(server: ServerThread) -> None:
    assert "Key number: " in on_pipe(server, "2", "1")


def test_a_distribution_that_is_none_is_refused_or_who_may_not_install(server: ServerThread) -> None:
    text = on_pipe(server, "8", "/nowhere", "", "", "!", "y", "5")

    assert "Installing the server needs administrator rights." in text
    assert "Not done. " in text


def test_the_menu_is_for_people() -> None:
    assert refused(command("licctl", "--json", "menu"), code=2)["code"] == "usage"


def test_every_refusal_that_is_explained_in_russian_is_one_of_the_commands() -> None:
    known = set(re.findall(r'"([a-z_]+)"', "".join(path.read_text("utf-8") for path in SOURCES.rglob("*.py"))))

    assert set(_RUSSIAN_ERRORS) - known == set()


def test_a_request_file_is_made_and_lies_where_it_is_said(server: ServerThread, vendor: Vendor, tmp_path: Path) -> None:
    (tmp_path / "kit.json").write_bytes(msgspec.json.encode(vendor.kit))
    answers = ["2", "100-0002", "canary-pin", str(tmp_path / "kit.json"), "ООО Ромашка", "", "", "", "", ""]

    text = on_pipe(server, "2", *answers, str(tmp_path), "", "5")

    (request,) = set(tmp_path.glob("*")) - {tmp_path / "kit.json", server.state.parent}
    assert f"The request lies in {request}." in text

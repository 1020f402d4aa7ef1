# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key and a pack for a branch without internet: real commands on both sides, and files between them."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server_core.tests.helpers import KEY, PRODUCT
from server_core.tests.processes import command
from server_core.tests.running import ServerThread

CATALOG = {
    "products": [
        {"product": PRODUCT, "name": "Retail 8", "counters": [{"name": "main", "type": "session", "limit": 2}]}
    ],
    "keys": [{"key_number": KEY, "product": PRODUCT, "pins": ["1111-1111"]}],
    "packs": [
        {"pack": "P-1", "product": PRODUCT, "raises": [{"counter": "main", "licenses": 3}], "password": "abcd-1234"}
    ],
}


class Office:
    """A center, and a branch that cannot reach it."""

    def __init__(self, folder: Path, branch: ServerThread) -> None:
        self.folder = folder
        self.branch = branch
        self.kit = folder / "center" / "kit.json"

    def licctl(self, *words: str | Path, given: str = "") -> "subprocess.CompletedProcess[str]":
        return command("licctl", "--ini", self.branch.ini, "--state", self.branch.state, *words, given=given)

    def request_key(self, pin: str = "1111-1111", *more: str | Path) -> "subprocess.CompletedProcess[str]":
        order = ["--key-number", KEY, "--kit", self.kit, "--company", "ООО Ромашка"]
        return self.licctl("key", "request", *order, *more, given=f"{pin}\n")

    def answer(self, request: Path) -> Path:
        answer = self.folder / "answer.txt"
        self.done(command("liccenter", "--dir", self.folder / "center", "answer", request, "--output", answer))
        return answer

    def done(self, ran: "subprocess.CompletedProcess[str]") -> "subprocess.CompletedProcess[str]":
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran


@pytest.fixture(scope="module")
def new_center(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a center that has answered nothing yet."""
    folder = tmp_path_factory.mktemp("vendor") / "center"

    def liccenter(*words: str | Path, given: str = "") -> None:
        assert command("liccenter", "--dir", folder, *words, given=given).returncode == 0

    liccenter("init", "--name", "Vendor", "--url", "https://center.invalid", "--mail", "keys@vendor.example")
    liccenter("apply", "--catalog", "-", given=json.dumps(CATALOG))
    liccenter("kit", "--output", folder / "kit.json")
    return folder


@pytest.fixture
def office(tmp_path: Path, new_center: Path, make_server: Callable[..., ServerThread]) -> Office:
    shutil.copytree(new_center, tmp_path / "center")
    return Office(tmp_path, make_server().start())


def test_an_answer_is_loaded_as_json_too(office: Office, tmp_path: Path) -> None:
    request = tmp_path / "request.txt"
    office.done(office.request_key("1111-1111", "--output", request))
    answer = json.dumps({"text": office.answer(request).read_text(encoding="utf-8")})

    assert "is active" in office.done(office.licctl("load", "--request", "-", given=answer)).stdout


def test_an_answer_must_be_named(office: Office) -> None:
    refused = office.licctl("load")

    assert (refused.returncode, "one of FILE, --phone-answer and --request is needed" in refused.stderr) == (2, True)


def test_a_key_is_activated_by_files(office: Office, tmp_path: Path) -> None:
    request = tmp_path / "request.txt"
    made = office.done(office.request_key("1111-1111", "--output", request))

    loaded = office.done(office.licctl("load", office.answer(request)))

    assert str(request) in made.stdout
    assert "https://center.invalid, or mail it to keys@vendor.example" in made.stdout
    assert loaded.stdout == f"The key {KEY} is active. Licenses: main 2\n"


def test_a_pack_is_activated_by_files(office: Office, tmp_path: Path) -> None:
    request = tmp_path / "request.txt"
    office.done(office.request_key("1111-1111", "--output", request))
    office.done(office.licctl("load", office.answer(request)))
    with office.branch.client() as client:
        client.take()
        words = ["pack", "request", "--key-number", KEY, "--pack", "P-1", "--output", request]
        office.done(office.licctl(*words, given="abcd-1234\n"))

    loaded = office.done(office.licctl("load", office.answer(request)))

    assert loaded.stdout == f"The key {KEY} is active. Licenses: main 5\n"


def test_what_still_waits_is_listed(office: Office, tmp_path: Path) -> None:
    office.done(office.request_key("1111-1111", "--output", tmp_path / "request.txt"))

    listed = office.done(office.licctl("requests")).stdout.splitlines()

    assert listed[0].split() == ["KEY", "PACK", "MADE", "PHONE", "CODE"]
    assert listed[1].startswith(KEY)


def test_a_request_of_before_is_told_from_a_new_one(office: Office, tmp_path: Path) -> None:
    output = ("--output", tmp_path / "request.txt")
    first = office.done(office.request_key("0000-0000", *output))
    again = office.done(office.request_key("1111-1111", *output))
    anew = office.done(office.request_key("1111-1111", *output, "--anew"))

    told = ["give the right one with --anew" in ran.stdout for ran in (first, again, anew)]
    assert told == [False, True, False]


def test_in_a_folder_the_file_gets_a_name_of_its_own(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "carried"
    folder.mkdir()

    office.done(office.request_key("1111-1111", "--output", folder))

    assert [path.name.partition("-")[0] for path in folder.iterdir()] == [KEY.partition("-")[0]]


def test_a_program_gets_the_request_in_the_answer_and_no_file(office: Office, tmp_path: Path) -> None:
    order = {"key_number": KEY, "pin": "1111-1111", "kit": json.loads(office.kit.read_text())}
    answered = office.licctl("--json", "key", "request", "--request", "-", given=json.dumps(order))

    request = json.loads(answered.stdout)["request"]
    assert request["text"].startswith("Protect activation request\n")
    assert "1111-1111" not in answered.stdout


def test_an_active_key_needs_no_request(office: Office, tmp_path: Path) -> None:
    request = tmp_path / "request.txt"
    office.done(office.request_key("1111-1111", "--output", request))
    office.done(office.licctl("load", office.answer(request)))

    again = office.done(office.request_key("1111-1111", "--output", tmp_path / "another.txt"))

    assert "active already" in again.stdout
    assert not (tmp_path / "another.txt").exists()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"hello"])
def test_a_file_that_is_no_answer_is_refused_in_words(office: Office, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "something"
    path.write_bytes(content)

    refused = office.licctl("load", path)

    assert refused.returncode == 1
    assert "not an answer of the activation center" in refused.stderr


def test_the_file_of_a_request_must_be_whole_for_the_center(office: Office, tmp_path: Path) -> None:
    request = tmp_path / "request.txt"
    office.done(office.request_key("1111-1111", "--output", request))
    request.write_text(request.read_text().replace(f"Key number: {KEY}", "Key number: 100-0002"))

    refused = command("liccenter", "--dir", tmp_path / "center", "answer", request)

    assert refused.returncode == 1
    assert "the readable head was altered" in refused.stderr


def test_the_center_refuses_a_request_in_the_same_words_as_online(office: Office, tmp_path: Path) -> None:
    request = tmp_path / "request.txt"
    office.done(office.request_key("9999-9999", "--output", request))

    refused: Any = command("liccenter", "--dir", tmp_path / "center", "--json", "answer", request)

    assert json.loads(refused.stdout)["error"]["code"] == "wrong_pin"

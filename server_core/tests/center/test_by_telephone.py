# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A branch with a telephone from end to end: a center and a license server that really run, the commands of both sides,
and a protected product."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from licserver.component import ClientSettings, ProtectionComponent
from licserver.kit import read_kit
from server_core.tests.center.running import Running, serving
from server_core.tests.helpers import KEY, PRODUCT
from server_core.tests.processes import ServerProcess, command, server_process

CATALOG = {
    "products": [
        {
            **{"product": PRODUCT, "name": "Retail 8", "phone": True, "head": "Sold by Vendor"},
            "counters": [{"name": "main", "type": "session", "limit": 2}],
        }
    ],
    "keys": [{"key_number": KEY, "product": PRODUCT, "pins": ["1111-1111", "2222-2222"]}],
    "packs": [
        {"pack": "P-1", "product": PRODUCT, "raises": [{"counter": "main", "licenses": 3}], "password": "abcd-1234"}
    ],
}


class Vendor:
    """A vendor with a center, and the kit of it that goes to branches with a telephone."""

    def __init__(self, folder: Path) -> None:
        self.center = folder / "center"
        self.kit = folder / "kit.json"

    def liccenter(self, *words: str | Path, given: str = "") -> Any:
        return done(command("liccenter", "--json", "--dir", self.center, *words, given=given))


class Trade(Vendor):
    """A vendor, and a branch with a license server."""

    def __init__(self, folder: Path, branch: ServerProcess) -> None:
        super().__init__(folder)
        self.branch = branch

    def licctl(self, *words: str | Path, given: str = "") -> Any:
        files = ("--ini", self.branch.ini, "--state", self.branch.state)
        return done(command("licctl", "--json", *files, *words, given=given))

    def product(self) -> ProtectionComponent:
        """The product on a computer of the branch, with the vendor's kit built in."""
        settings = ClientSettings(servers=(self.branch.address,))
        return ProtectionComponent(PRODUCT, read_kit(self.kit.read_bytes()).only_for(), settings=settings)

    def limit(self) -> int:
        """How many licenses the product is promised."""
        with self.product().acquire() as held:
            assert held.trusted.license.note == "Sold by Vendor"
            return held.trusted.license.counters[0].limit


def done(ran: "subprocess.CompletedProcess[str]") -> Any:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Vendor:
    """A vendor who has sold nothing yet."""
    vendor = Vendor(tmp_path_factory.mktemp("vendor"))
    vendor.liccenter("init", "--name", "Vendor", "--url", "https://127.0.0.1:15443", "--phone", "+7 495 000")
    vendor.liccenter("apply", "--catalog", "-", given=json.dumps(CATALOG))
    vendor.liccenter("kit", "--phone-keys", "all", "--output", vendor.kit)
    return vendor


@pytest.fixture
def trade(tmp_path: Path, opened: Vendor) -> Iterator[Trade]:
    shutil.copytree(opened.center, tmp_path / "center")
    shutil.copy(opened.kit, tmp_path / "kit.json")
    with server_process(tmp_path) as branch:
        yield Trade(tmp_path, branch.start())


def online(center: Running) -> str:
    return f"--center-url={center.wait_for(r'listens on (https://127.0.0.1:[0-9]+)')}"


def test_a_branch_lives_by_telephone_then_by_files_then_online(trade: Trade, tmp_path: Path) -> None:
    order = ["--key-number", KEY, "--kit", str(trade.kit)]
    shown = trade.licctl("key", "activate", "--phone", *order, given="1111-1111\n")["request"]["phone"]
    told = trade.liccenter("phone", KEY, given=f"1111-1111\n{shown['code']}\n")["blocks"]
    trade.licctl("load", "--phone-answer", KEY, given=re.sub(r"(\d{3})", r"\1-", told.replace(" ", "")))
    assert (shown["number"], trade.limit()) == ("+7 495 000", 2)

    request, answer = tmp_path / "pack.txt", tmp_path / "answer.txt"
    with trade.product().acquire():
        words = ["pack", "request", "--key-number", KEY, "--pack", "P-1", "--output", request]
        trade.licctl(*words, given="abcd-1234\n")
    trade.liccenter("answer", request, "--output", answer)
    trade.licctl("load", answer)
    assert trade.limit() == 5

    trade.licctl("key", "remove", KEY)
    with serving(tmp_path / "center", "--host", "127.0.0.1", "--port", "0") as center:
        trade.licctl("key", "activate", *order, online(center), given="2222-2222\n")
    assert trade.limit() == 5
    activations = trade.liccenter("key", "show", KEY)["activations"]
    assert [one["ordinal"] for one in activations] == [1, 2]


def test_the_kit_with_tickets_is_for_its_owner_only(opened: Vendor) -> None:
    assert opened.kit.stat().st_mode & 0o777 == 0o600


def test_the_kit_for_everybody_has_no_ticket(opened: Vendor) -> None:
    assert opened.liccenter("kit")["tickets"] == {}


@pytest.mark.parametrize(
    ("words", "given", "code"),
    [
        (("kit", "--phone-keys", "100-9999"), "", "unknown_key"),
        (("phone", "100-9999"), "1111-1111\n12345678\n", "bad_code"),
        (("phone", "../x"), "1111-1111\n12345678\n", "bad_request"),
    ],
)
def test_what_cannot_be_done_is_said_so(opened: Vendor, words: tuple[str, ...], given: str, code: str) -> None:
    refused = command("liccenter", "--json", "--dir", opened.center, *words, given=given)

    assert json.loads(refused.stdout)["error"]["code"] == code


def test_without_a_ticket_the_way_by_file_is_named(trade: Trade) -> None:
    kit = json.loads(trade.kit.read_bytes()) | {"tickets": {}}
    trade.kit.write_text(json.dumps(kit))

    words = ["key", "activate", "--phone", "--key-number", KEY, "--kit", str(trade.kit)]
    refused = command("licctl", "--state", trade.branch.state, *words, given="1111-1111\n")

    assert refused.returncode == 1
    assert "has no ticket for the key" in refused.stderr
    assert "licctl key request" in refused.stderr

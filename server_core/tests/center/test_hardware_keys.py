# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hardware keys from the vendor to the branch and back: issued, updated, and given packs, by the real commands."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from licserver.activation.updates import state_of, write_state
from licserver.center.authority import read_authority
from licserver.center.foundation import open_center
from licserver.center.issuing import Issuer
from licserver.cli.liccenter import main
from licserver.documents import License, read_unchecked, seal
from licserver.keys.hardware_key import open_token
from licserver.sealing import Ed25519PrivateKey, encode_public
from server_core.tests.center.helpers import SERVER, URL, make_request
from server_core.tests.center.test_liccenter import Operator, write
from server_core.tests.processes import command
from server_core.tests.running import ServerThread, eventually
from server_core.tests.softhsm import MODULE, PIN, Stick

CATALOG = {
    "products": [
        {
            "product": "retail",
            "name": "Retail 8",
            "counters": [{"name": "main", "type": "session", "limit": 5}],
            "head": "Keep this stick",
        }
    ],
    "customers": [{"customer": "C-17", "name": "Branch Ltd"}],
    "packs": [
        {
            "pack": "P-1",
            "product": "retail",
            "raises": [{"counter": "main", "licenses": 3}],
            "password": "abcd-1234",
        }
    ],
}
NUMBER = "200-0001"


@dataclass
class Firm:
    """A vendor with a center and a token, and a branch with a server."""

    vendor: Operator
    stick: Stick
    folder: Path
    server: ServerThread

    def issue(self, *words: str, stick: Stick | None = None) -> list[str]:
        return [
            *("hardware-key", "issue", "--product", "retail", "--key-number", NUMBER),
            *("--token", (stick or self.stick).label, "--token-module", MODULE, "--token-pin-file", str(self._pin())),
            *words,
        ]

    def _pin(self) -> Path:
        path = self.folder / "pin"
        path.touch(0o600)
        path.write_text(PIN)
        return path

    def licctl(self, *words: str | Path, given: str = "") -> Any:
        done = command("licctl", "--state", self.server.state, "--json", *words, given=given)
        return json.loads(done.stdout)

    def start(self) -> None:
        """Have the server of the branch believe the vendor, and see the key."""
        self.server.start()
        kit = self.folder / "kit.json"
        self.vendor.asks("kit", "--output", str(kit))
        assert self.licctl("kit", "add", kit)["changed"] is True
        eventually(lambda: NUMBER in self.server.server.desk.keys.attached, "the key is seen")

    def state(self) -> str:
        path = self.folder / "key.state"
        self.licctl("key", "state", NUMBER, "--output", path)
        return str(path)

    def limits(self) -> dict[str, int]:
        keys = self.licctl("key", "list")["keys"]
        return {key["key_number"]: key["counters"][0]["limit"] for key in keys}

    def license(self) -> License:
        """What lies on the token, as the vendor's own authority believes it."""
        with open_center(self.vendor.directory) as center:
            kit = center.authority.kit(center.settings)
        found = open_token(self.stick.content(), {kit.vendor_keys[0].kid: kit}, self.stick.tokens(PIN)).license
        assert found is not None
        return found


@pytest.fixture(scope="module")
def new_center(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a center that sells one product, and no key yet."""
    folder = tmp_path_factory.mktemp("new") / "center"
    assert main(["--dir", str(folder), "init", "--name", "Vendor", "--url", URL]) == 0
    catalog = write(folder.with_name("catalog.json"), CATALOG)
    assert main(["--dir", str(folder), "apply", "--catalog", catalog]) == 0
    return folder


@pytest.fixture
def firm(
    new_center: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    stick: Stick,
    make_server: Callable[..., ServerThread],
) -> Firm:
    shutil.copytree(new_center, tmp_path / "center")
    capsys.readouterr()
    return Firm(Operator(tmp_path / "center", capsys), stick, tmp_path, make_server(TokenModule=MODULE))


@pytest.fixture
def issued(firm: Firm) -> Firm:
    """With a key in the branch."""
    firm.vendor.asks(*firm.issue())
    return firm


def test_an_issued_key_says_what_was_sold(firm: Firm) -> None:
    told = firm.vendor.asks(
        *firm.issue("--customer", "C-17", "--counters", "main:user:9 extra:session:1", "--expires", "2037-01-31")
    )

    license = firm.license()
    assert (told["key_number"], told["token"]) == (NUMBER, firm.stick.label)
    assert [(one.name, one.type, one.limit) for one in license.counters] == [
        ("main", "user", 9),
        ("extra", "session", 1),
    ]
    assert (license.reactivation, license.facts, license.note) == ("never", {}, "Keep this stick")
    assert license.expires_at is not None
    assert firm.vendor.asks("key", "show", NUMBER)["key"]["customer"] == "C-17"
    assert firm.vendor.asks("history", "--event", "token_issued")["history"][0]["key_number"] == NUMBER


def test_an_update_travels_as_text_and_counts_at_once(issued: Firm, tmp_path: Path) -> None:
    issued.start()
    issued.vendor.asks("key", "change", NUMBER, "--counters", "main:session:20")
    answer, state = str(tmp_path / "update.txt"), issued.state()

    first = issued.vendor.asks("hardware-key", "update", state, "--output", answer)
    again = issued.vendor.asks("hardware-key", "update", state)
    installed = issued.licctl("key", "update", answer)

    assert (first["changed"], again["changed"], again["update"]) == (True, False, first["update"])
    assert (installed["changed"], installed["key"]["counters"][0]["limit"]) == (True, 20)
    assert issued.limits() == {NUMBER: 20}
    assert issued.licctl("key", "update", "-", given=first["update"])["changed"] is False
    assert issued.vendor.fails("hardware-key", "update", issued.state())["code"] == "nothing_to_update"


def test_a_pack_is_activated_for_it_and_stays_through_an_update(issued: Firm, tmp_path: Path) -> None:
    issued.start()
    with issued.server.client() as client:
        client.take()
        asked = issued.licctl(
            "pack", "request", "--request", "-",
            given=json.dumps({"key_number": NUMBER, "pack": "P-1", "password": "abcd-1234"}),
        )  # fmt: skip
        request, answer = tmp_path / "p.request", tmp_path / "p.answer"
        request.write_text(asked["request"]["text"])
        issued.vendor.asks("answer", str(request), "--output", str(answer))
        loaded = issued.licctl("load", answer)
    assert loaded["key"]["counters"][0]["limit"] == 8
    issued.vendor.asks("key", "change", NUMBER, "--counters", "main:session:10")
    update = tmp_path / "update.txt"

    issued.vendor.asks("hardware-key", "update", issued.state(), "--output", str(update))

    assert issued.licctl("key", "update", update)["key"]["counters"][0]["limit"] == 13
    assert [pack.pack for pack in issued.license().packs] == ["P-1"]
    assert issued.license().revision == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--product", "none"), "unknown_product"),
        (("--customer", "nobody"), "unknown_customer"),
        (("--counters", "main"), "bad_name"),
        (("--token", "no such token"), "token_unusable"),
        (("--token-module", "/nowhere.so"), "token_unusable"),
    ],
)
def test_what_cannot_be_issued_leaves_no_key_behind(firm: Firm, words: tuple[str, ...], code: str) -> None:
    assert firm.vendor.fails(*firm.issue(*words))["code"] == code
    assert firm.vendor.asks("key", "list")["keys"] == []


def test_a_token_that_is_a_key_already_becomes_no_other(issued: Firm) -> None:
    assert issued.vendor.fails(*issued.issue("--key-number", "200-0002"))["code"] == "token_unusable"
    assert [key["key_number"] for key in issued.vendor.asks("key", "list")["keys"]] == [NUMBER]


def test_a_number_is_given_once(issued: Firm, new_stick: Callable[[], Stick]) -> None:
    assert issued.vendor.fails(*issued.issue(stick=new_stick()))["code"] == "key_exists"


def test_a_pin_that_others_can_read_is_not_used(firm: Firm) -> None:
    words = firm.issue()
    (firm.folder / "pin").chmod(0o644)

    assert firm.vendor.fails(*words)["code"] == "passphrase_exposed"


def test_it_has_no_pins_and_is_activated_on_no_computer(issued: Firm, tmp_path: Path) -> None:
    exchange = read_authority(issued.vendor.directory).exchange.public_key()
    with open_center(issued.vendor.directory) as center:
        issuer = Issuer(center.database, center.authority, "Vendor")
        with pytest.raises(Exception, match="is no PIN of the key"):
            issuer.answer(make_request(exchange, "1111-1111", key_number=NUMBER), SERVER)

    assert issued.vendor.fails("key", "change", NUMBER, "--more-pins", "1")["code"] == "bad_catalog"
    named = {"keys": [{"key_number": NUMBER, "product": "retail", "pins": ["1111-1111"]}]}
    assert issued.vendor.fails("apply", "--catalog", write(tmp_path / "more.json", named))["code"] == "bad_catalog"
    assert issued.vendor.asks("export", "-")["keys"] == []


def test_a_state_of_another_key_gets_no_update(issued: Firm, tmp_path: Path) -> None:
    issued.start()
    text = Path(issued.state()).read_text()
    elsewhere = tmp_path / "elsewhere.state"
    with open_center(issued.vendor.directory) as center:
        stranger = Ed25519PrivateKey.generate()
        changes = {"key_public": encode_public(stranger.public_key())}
        license = seal(msgspec.structs.replace(issued.license(), **changes), center.authority.vendor)
    elsewhere.write_text(_state_of(license, stranger))
    issued.vendor.asks("key", "change", NUMBER, "--counters", "main:session:20")

    assert issued.vendor.fails("hardware-key", "update", str(elsewhere))["code"] == "foreign_state"
    elsewhere.write_text(text[:-40])
    assert issued.vendor.fails("hardware-key", "update", str(elsewhere))["code"] == "bad_document"
    assert issued.vendor.fails("hardware-key", "update", "/nowhere")["code"] == "bad_state"


def _state_of(license: str, signer: Ed25519PrivateKey) -> str:
    state = state_of(read_unchecked(license, License), license, now=1, server_version="1")
    return write_state(seal(state, signer))


def test_the_server_says_what_it_cannot_do(issued: Firm, tmp_path: Path) -> None:
    issued.start()
    (tmp_path / "update.txt").write_text("no update")

    assert issued.licctl("key", "update", tmp_path / "update.txt")["error"]["code"] == "bad_update"
    assert issued.licctl("key", "update", "/nowhere")["error"]["code"] == "bad_update"
    assert issued.licctl("key", "state", "100-9999")["error"]["code"] == "not_plugged_in"
    assert issued.licctl("kit", "add", tmp_path / "update.txt")["error"]["code"] == "bad_kit"

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``liccenter`` where it sells: issue, change, export, import, and what happened."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from licserver.activation.requests import REQUEST_TITLE, request_head
from licserver.armor import armor
from licserver.center.authority import read_authority
from licserver.documents import ActivationRequest, read_unchecked
from server_core.tests.center.helpers import KEY, PINS, URL, facts, make_request
from server_core.tests.center.test_liccenter import CATALOG, Operator, write

COLUMNS = "key_number,product,customer,expires_at,counters"
A_PACK = ("pack", "issue", "--product", "retail", "--raises", "main:5")


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Operator:
    """A center that sells one key."""
    operator = Operator(tmp_path / "center", capsys)
    operator.asks("init", "--name", "Vendor", "--url", URL)
    operator.asks("apply", "--catalog", write(tmp_path / "catalog.json", CATALOG))
    return operator


def ask(shop: Operator, tmp_path: Path, pin: str, **options: Any) -> None:
    """Send the center a request, as mail would."""
    request = make_request(read_authority(shop.directory).exchange.public_key(), pin, **options)
    head = request_head(read_unchecked(request, ActivationRequest))
    file = tmp_path / "request.txt"
    file.write_text(armor(REQUEST_TITLE, head, {"REQUEST": request}))
    shop.says("answer", str(file))


def test_a_catalog_that_was_exported_is_imported_as_no_change(shop: Operator, tmp_path: Path) -> None:
    shop.asks(*A_PACK)

    shop.asks("export", str(tmp_path / "all.json"))

    assert stat.S_IMODE((tmp_path / "all.json").stat().st_mode) == 0o600
    assert shop.asks("import", str(tmp_path / "all.json"))["changed"] is False
    assert shop.asks("export", "-") == json.loads((tmp_path / "all.json").read_text())
    assert not [pin for pin in PINS if pin in (tmp_path / "all.json").read_text()]


def test_a_catalog_moves_to_another_center_with_pins_of_its_own(
    shop: Operator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.asks(*A_PACK, "--pack", "P-1")
    file, pins = str(tmp_path / "all.json"), tmp_path / "pins.json"
    shop.asks("export", file)
    other = Operator(tmp_path / "other", capsys)
    other.asks("init", "--name", "Vendor", "--url", URL)

    assert other.fails("import", file)["code"] == "pins_output_needed"
    other.asks("import", file, "--pins-output", str(pins))

    assert other.asks("export", "-") == shop.asks("export", "-")
    made = json.loads(pins.read_text())
    assert (len(made["keys"][0]["pins"]), made["packs"][0]["pack"]) == (3, "P-1")
    assert other.asks("import", str(pins))["changed"] is False


@pytest.mark.parametrize("table", ["customers", "keys", "packs"])
def test_a_table_that_was_exported_is_imported_as_no_change(shop: Operator, tmp_path: Path, table: str) -> None:
    shop.asks(*A_PACK)
    file = str(tmp_path / "table.csv")

    shop.asks("export", "--table", table, file)

    assert len(Path(file).read_text().splitlines()) == 2
    assert shop.asks("import", "--table", table, file)["changed"] is False


def test_a_table_adds_and_changes_and_made_pins_are_written_aside(shop: Operator, tmp_path: Path) -> None:
    table = tmp_path / "keys.csv"
    table.write_text(f"{COLUMNS},pins\n{KEY},retail,C-1,2027-01-31,,\n7,retail,,,main:user:9,5555-5555\n8,retail,,,,\n")
    words = ("import", "--table", "keys", str(table), "--pins-output", str(tmp_path / "pins.json"))

    checked, done = shop.asks(*words, "--check"), shop.asks(*words)

    assert checked == done
    assert (done["keys_changed"], done["keys_added"]) == ([KEY], ["7", "8"])
    made = json.loads((tmp_path / "pins.json").read_text())["keys"]
    assert [(key["key_number"], len(key["pins"])) for key in made] == [("8", 3)]


def test_a_mistake_anywhere_in_a_table_undoes_all_of_it(shop: Operator, tmp_path: Path) -> None:
    table = tmp_path / "keys.csv"
    table.write_text(f"{COLUMNS},pins\n7,retail,,,,5555-5555\n8,nothing,,,,6666-6666\n")

    error = shop.fails("import", "--table", "keys", str(table))

    assert error["code"] == "bad_catalog"
    assert error["message"] == f"{table}, line 3: the key 8 is of the product nothing, which nobody knows"
    assert [key["key_number"] for key in shop.asks("key", "list")["keys"]] == [KEY]


def test_a_key_is_changed_in_what_was_named(shop: Operator) -> None:
    words = ("key", "change", KEY)

    changed = shop.asks(*words, "--expires", "2027-01-31", "--counters", "main:user:9 tills:computer:2")
    again = shop.asks(*words, "--expires", "2027-01-31")
    gone = shop.asks(*words, "--expires", "never", "--customer", "")

    assert [answer["changed"] for answer in (changed, again, gone)] == [True, False, True]
    assert (changed["key"]["expires_at"], changed["key"]["customer"]) == (1_801_353_600, "C-1")
    assert [counter["name"] for counter in gone["key"]["counters"]] == ["main", "tills"]
    assert (gone["key"]["expires_at"], gone["key"]["customer"]) == (None, None)


def test_further_pins_are_shown_this_once(shop: Operator, tmp_path: Path) -> None:
    shown = shop.asks("key", "change", KEY, "--more-pins", "2")
    hidden = shop.asks("key", "change", KEY, "--more-pins", "1", "--pins-output", str(tmp_path / "pins.json"))

    assert (len(shown["pins"]), hidden.get("pins")) == (2, None)
    assert len(json.loads((tmp_path / "pins.json").read_text())["keys"][0]["pins"]) == 1
    assert shop.asks("key", "list")["keys"][0]["pins"] == 3 + 2 + 1
    assert shop.asks("history", "--event", "pin_added")["history"][0]["key_number"] == KEY


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("key", "change", "9", "--expires", "never"), "unknown_key"),
        (("key", "change", KEY, "--customer", "C-9"), "unknown_customer"),
        (("key", "change", KEY, "--counters", "main:often:5"), "bad_name"),
        (("key", "change", KEY, "--counters", "main"), "bad_name"),
        (("pack", "issue", "--product", "retail", "--raises", "main"), "bad_name"),
        (("pack", "issue", "--product", "nothing", "--raises", "main:5"), "bad_catalog"),
        (("key", "issue", "--product", "retail", "--customer", "C-9"), "bad_catalog"),
    ],
)
def test_what_cannot_be_sold(shop: Operator, words: tuple[str, ...], code: str) -> None:
    assert shop.fails(*words)["code"] == code


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--expires", "soon"), "expected a day such as 2027-01-31, not 'soon'"),
        (("--more-pins", "0"), "expected a number from 1 to 999999999, not '0'"),
        (("--more-pins", "x"), "not 'x'"),
        (("--more-pins", "9" * 5000), "expected a number"),
    ],
)
def test_a_change_that_cannot_be_understood(shop: Operator, words: tuple[str, ...], told: str) -> None:
    status, said, _ = shop.says("--json", "key", "change", KEY, *words)

    assert (status, told in said) == (2, True)


def test_a_pack_is_issued_with_a_password_shown_this_once(shop: Operator, tmp_path: Path) -> None:
    shown = shop.asks(*A_PACK)
    hidden = shop.asks(*A_PACK, "--pack", "P-2", "--pins-output", str(tmp_path / "password"))

    assert len(shown["password"].replace("-", "")) == 16
    assert hidden == {"pack": "P-2", "product": "retail"}
    assert json.loads((tmp_path / "password").read_text())["packs"][0]["password"]
    assert shop.fails(*A_PACK, "--pack", "P-2")["code"] == "pack_exists"
    assert len(shop.asks("pack", "list", "--unused", "--product", "retail")["packs"]) == 2
    assert shop.asks("pack", "list", "--product", "virtual")["packs"] == []


def test_keys_are_listed_by_words_and_properties(shop: Operator) -> None:
    shop.asks("key", "issue", "--product", "retail", "--key-number", "200-1")

    def found(*words: str) -> list[str]:
        return [key["key_number"] for key in shop.asks("key", "list", *words)["keys"]]

    assert found("branch", "100") == [KEY]
    assert found("--customer", "C-1") == [KEY]
    assert found("--after", KEY, "--limit", "1") == ["200-1"]


def test_history_and_clones_are_shown(shop: Operator, tmp_path: Path) -> None:
    ask(shop, tmp_path, PINS[0])
    ask(shop, tmp_path, PINS[1], of=facts("x", "x", "x", "x"))

    (clone,) = shop.asks("clone", "list")["clones"]
    newest = shop.asks("history", "--key", KEY, "--limit", "3")["history"]

    assert (clone["key_number"], clone["by"]) == (KEY, "activation")
    assert clone["facts"] == ["disk", "network", "system", "board"]
    assert f"{KEY}  by activation  differs: disk, network, system, board" in shop.says("clone", "list")[1]
    assert [entry["event"] for entry in newest] == ["refused", "clone_seen", "activated"]
    older = shop.asks("history", "--key", KEY, "--before", str(newest[-1]["entry"]))["history"]
    assert [entry["event"] for entry in older] == ["key_added"]
    assert f"refused  {KEY}  other_computer" in shop.says("history", "other_computer")[1]


def test_the_history_tells_who_ran_the_command(shop: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getlogin", lambda: "ivanov")
    shop.asks("key", "change", KEY, "--more-pins", "1")

    (entry,) = shop.asks("history", "ivanov")["history"]

    assert (entry["event"], entry["way"], entry["actor"]) == ("pin_added", "shell", "ivanov")
    assert shop.says("history", "ivanov")[1].endswith(f"pin_added  retail  {KEY}  by ivanov (shell)\n")
    assert shop.says("key", "show", KEY)[1].endswith("pin_added  by ivanov (shell)\n")


@pytest.mark.parametrize(("variable", "told"), [("ivanov", "ivanov"), ("ж" * 100, "ж" * 64)])
def test_where_nobody_signed_in_the_user_of_the_command_is_told(
    shop: Operator, monkeypatch: pytest.MonkeyPatch, variable: str, told: str
) -> None:
    monkeypatch.setattr("os.getlogin", unknown)
    monkeypatch.setenv("LOGNAME", variable)
    shop.asks(*A_PACK)

    assert shop.asks("history", "--limit", "1")["history"][0]["actor"] == told


def unknown() -> str:
    raise OSError("nobody signed in")


def test_a_center_where_nothing_happened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    operator = Operator(tmp_path / "center", capsys)
    operator.asks("init", "--name", "Vendor", "--url", URL)

    assert operator.says("history")[1] == "Nothing happened.\n"
    assert operator.says("clone", "list")[1] == "No key was seen alive twice.\n"
    assert operator.says("history", "--since", "yesterday")[0] == 2

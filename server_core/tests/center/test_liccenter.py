# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``liccenter`` as an operator and as a program see it."""

import io
import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from licserver.cli.liccenter import main
from licserver.kit import read_kit
from server_core.tests.center.helpers import KEY, PINS, URL

CATALOG: dict[str, Any] = {
    "products": [
        {
            "product": "retail",
            "name": "Retail 8",
            "counters": [{"name": "main", "type": "session", "limit": 5}],
            "pins": 3,
        }
    ],
    "customers": [{"customer": "C-1", "name": "Branch Ltd", "tax_id": "7701234567"}],
    "keys": [{"key_number": KEY, "product": "retail", "pins": list(PINS), "customer": "C-1"}],
}
WITHOUT_PINS: dict[str, Any] = {"keys": [{"key_number": "100-0002", "product": "retail"}]}


class Operator:
    """Types commands and reads what comes back."""

    def __init__(self, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.directory = directory
        self._capsys = capsys

    def says(self, *words: str) -> tuple[int, str, str]:
        code = main(["--dir", str(self.directory), *words])
        out, err = self._capsys.readouterr()
        return code, out, err

    def asks(self, *words: str) -> dict[str, Any]:
        code, out, err = self.says("--json", *words)
        assert (code, err) == (0, "")
        answer = json.loads(out)
        assert isinstance(answer, dict)
        return answer

    def fails(self, *words: str) -> dict[str, str]:
        code, out, err = self.says("--json", *words)
        assert (code, err) == (1, "")
        error = json.loads(out)["error"]
        assert isinstance(error, dict)
        return error


@pytest.fixture
def operator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Operator:
    operator = Operator(tmp_path / "center", capsys)
    operator.asks("init", "--name", "Vendor", "--url", URL)
    return operator


@pytest.fixture
def catalog(tmp_path: Path) -> str:
    return write(tmp_path / "catalog.json", CATALOG)


def write(path: Path, catalog: object) -> str:
    path.write_text(json.dumps(catalog))
    return str(path)


def test_init_says_whether_it_changed_something(operator: Operator) -> None:
    again = operator.asks("init", "--name", "Vendor", "--url", URL + "/")
    renamed = operator.asks("init", "--name", "Another", "--url", URL)

    assert (again["changed"], renamed["changed"]) == (False, True)
    assert again["vendor_key_id"] == renamed["vendor_key_id"]


def test_init_without_settings_keeps_those_that_a_center_has(operator: Operator) -> None:
    operator.asks("init", "--name", "Vendor", "--url", URL, "--mail", "help@vendor.example")

    assert operator.asks("init")["changed"] is False
    assert operator.asks("kit")["mail"] == "help@vendor.example"


@pytest.mark.parametrize("words", [("--name", "Vendor"), ("--url", URL), ("--mail", "help@vendor.example")])
def test_settings_are_given_as_a_whole(operator: Operator, words: tuple[str, ...]) -> None:
    code, out, _ = operator.says("--json", "init", *words)

    assert (code, json.loads(out)["error"]["code"]) == (2, "usage")


def test_a_key_of_a_certificate_needs_the_certificate(operator: Operator) -> None:
    code, out, _ = operator.says("--json", "init", "--name", "Vendor", "--url", URL, "--tls-key", "key.pem")

    assert code == 2
    assert json.loads(out)["error"]["code"] == "usage"


def test_the_kit_is_shown_and_written_alike(operator: Operator, tmp_path: Path) -> None:
    shown = operator.asks("kit")
    written = operator.asks("kit", "--output", str(tmp_path / "kit.json"))
    _, text, _ = operator.says("kit")

    assert shown == written == json.loads(text) == json.loads((tmp_path / "kit.json").read_text())
    assert read_kit(text).center_url == URL
    assert stat.S_IMODE((tmp_path / "kit.json").stat().st_mode) == 0o644


def test_apply_is_idempotent_and_a_check_changes_nothing(operator: Operator, catalog: str) -> None:
    check = operator.asks("apply", "--catalog", catalog, "--check")
    first = operator.asks("apply", "--catalog", catalog)
    second = operator.asks("apply", "--catalog", catalog)

    assert check == first
    assert (first["changed"], first["products_added"], first["keys_added"]) == (True, ["retail"], [KEY])
    assert second["changed"] is False
    assert operator.asks("apply", "--catalog", catalog, "--check")["changed"] is False


def test_apply_reads_standard_input_and_shows_no_pin(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(CATALOG).encode())))

    code, out, err = operator.says("apply", "--catalog", "-")

    assert (code, out) == (0, f"products added: retail\ncustomers added: C-1\nkeys added: {KEY}\n")
    assert not [pin for pin in PINS if pin in out + err]


def test_a_bad_catalog_names_the_file(operator: Operator, tmp_path: Path) -> None:
    bad = write(tmp_path / "bad.json", {"keys": [{"key_number": "a/b", "product": "retail", "pins": ["8765-4321"]}]})

    error = operator.fails("apply", "--catalog", bad)

    assert error["code"] == "bad_catalog"
    assert bad in error["message"]
    assert "8765-4321" not in str(error)


def test_a_missing_catalog_is_one_message(operator: Operator) -> None:
    code, out, err = operator.says("apply", "--catalog", "/no/such/catalog.json")

    assert (code, out) == (1, "")
    assert err == "error: /no/such/catalog.json: No such file or directory\n"


def test_made_pins_need_a_place_to_be_written_to(operator: Operator, catalog: str, tmp_path: Path) -> None:
    operator.asks("apply", "--catalog", catalog)
    wanted = write(tmp_path / "wanted.json", WITHOUT_PINS)

    assert operator.fails("apply", "--catalog", wanted)["code"] == "pins_output_needed"
    assert [key["key_number"] for key in operator.asks("key", "list")["keys"]] == [KEY]


def test_made_pins_are_written_once_for_the_owner_only(operator: Operator, catalog: str, tmp_path: Path) -> None:
    operator.asks("apply", "--catalog", catalog)
    wanted, pins = write(tmp_path / "wanted.json", WITHOUT_PINS), tmp_path / "pins.json"
    words = ("apply", "--catalog", wanted, "--pins-output", str(pins))

    checked = operator.asks(*words, "--check")
    assert not pins.exists()
    assert operator.asks(*words) == checked

    assert stat.S_IMODE(pins.stat().st_mode) == 0o600
    assert len(json.loads(pins.read_text())["keys"][0]["pins"]) == 3
    assert operator.asks(*words)["changed"] is False
    assert operator.asks("apply", "--catalog", str(pins))["changed"] is False


def test_pins_are_never_written_over_others(operator: Operator, catalog: str, tmp_path: Path) -> None:
    operator.asks("apply", "--catalog", catalog)
    (tmp_path / "pins.json").write_text("others")

    error = operator.fails("key", "issue", "--product", "retail", "--pins-output", str(tmp_path / "pins.json"))

    assert error["code"] == "file_exists"
    assert (tmp_path / "pins.json").read_text() == "others"
    assert len(operator.asks("key", "list")["keys"]) == 1


def test_issuing_a_key_shows_its_pins_this_once(operator: Operator, catalog: str, tmp_path: Path) -> None:
    operator.asks("apply", "--catalog", catalog)

    issued = operator.asks("key", "issue", "--product", "retail")
    hidden = operator.asks(
        "key", "issue", "--product", "retail", "--key-number", "7", "--pins-output", str(tmp_path / "pins")
    )

    assert len(issued["pins"]) == 3
    assert hidden == {"key_number": "7", "product": "retail"}
    shown = str(operator.asks("key", "show", issued["key_number"])) + str(operator.asks("key", "list"))
    assert not [pin for pin in issued["pins"] if pin in shown]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--product", "retail", "--key-number", KEY), "key_exists"),
        (("--product", "nothing"), "bad_catalog"),
        (("--product", "retail", "--key-number", "../7"), "bad_name"),
    ],
)
def test_impossible_keys_are_not_issued(operator: Operator, catalog: str, words: tuple[str, ...], code: str) -> None:
    operator.asks("apply", "--catalog", catalog)

    assert operator.fails("key", "issue", *words)["code"] == code


def test_lists_for_people(operator: Operator, catalog: str) -> None:
    assert operator.says("product", "list")[1] == "No products yet.\n"
    assert operator.says("key", "list")[1] == "No keys.\n"
    assert operator.says("customer", "list")[1] == "No customers yet.\n"
    operator.asks("apply", "--catalog", catalog)

    assert "retail  Retail 8: main (session) 5, PINs: 3, reactivation: pins" in operator.says("product", "list")[1]
    assert f"{KEY}  retail  PINs spent: 0 of 3  last activated: never" in operator.says("key", "list")[1]
    assert operator.says("customer", "list")[1] == "C-1  Branch Ltd  7701234567\n"
    assert "key_added" in operator.says("key", "show", KEY)[1]


def test_showing_a_key(operator: Operator, catalog: str) -> None:
    operator.asks("apply", "--catalog", catalog)

    shown = operator.asks("key", "show", KEY)

    assert shown["key"]["customer"] == operator.asks("customer", "list")["customers"][0]["customer"] == "C-1"
    assert shown["key"]["counters"] == CATALOG["products"][0]["counters"]
    assert shown["activations"] == []
    assert operator.fails("key", "show", "9")["code"] == "unknown_key"


def test_without_a_center_every_command_says_how_to_make_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], catalog: str
) -> None:
    operator = Operator(tmp_path / "nothing", capsys)

    for words in (
        ("init",),
        ("kit",),
        ("serve",),
        ("key", "list"),
        ("product", "list"),
        ("apply", "--catalog", catalog),
    ):
        error = operator.fails(*words)
        assert error["code"] == "not_initialized"
        assert "init --name" in error["hint"]


@pytest.mark.parametrize("words", [(), ("frob",), ("key",), ("serve", "--port", "65536"), ("serve", "--port", "x")])
def test_a_wrong_command_line(operator: Operator, words: tuple[str, ...]) -> None:
    code, out, err = operator.says("--json", *words)

    assert (code, err) == (2, "")
    assert json.loads(out)["error"]["code"] == "usage"


def test_help_needs_no_heavy_library() -> None:
    script = (
        "import sys\nfrom licserver.cli.liccenter import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print([name for name in ('sqlalchemy', 'uvicorn', 'cryptography', 'jinja2') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("[]\n")

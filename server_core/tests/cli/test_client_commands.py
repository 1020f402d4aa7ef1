# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl`` on a client computer, as a process: shapes, exit codes and texts."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server_core.tests.cli.helpers import answered, refused
from server_core.tests.helpers import KEY, PRODUCT, Computer, Vendor
from server_core.tests.processes import command
from server_core.tests.running import ServerThread, loopback_address

EXIT_NO = 3


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "client.ini"


@pytest.fixture
def pointed(server: ServerThread, ini: Path) -> Path:
    """The ini of a client of a running server."""
    ini.parent.mkdir()
    ini.write_text(f"server={server.address}\n")
    return ini


@pytest.fixture
def kit(vendor: Vendor, tmp_path: Path) -> Path:
    path = tmp_path / "kit.json"
    path.write_bytes(msgspec.json.encode(vendor.kit))
    return path


def licctl(ini: Path, *arguments: str | Path, as_json: bool = True) -> "subprocess.CompletedProcess[str]":
    options = ["--json"] if as_json else []
    return command("licctl", *options, *arguments, "--client-ini", ini)


def said_no(done: "subprocess.CompletedProcess[str]") -> Any:
    """The answer of a command that found that the answer is no."""
    assert done.returncode == EXIT_NO, done
    assert done.stderr == ""
    return json.loads(done.stdout)


class TestServerSet:
    def test_a_first_file_can_be_read_by_everybody(self, ini: Path) -> None:
        answer = answered(licctl(ini, "server", "set", "branch.example:16000", "*auto"))

        assert answer == {"changed": True, "path": str(ini), "servers": ["branch.example:16000", "*AUTO"]}
        assert ini.read_text() == "server=branch.example:16000,*AUTO\n"
        if sys.platform != "win32":
            assert ini.stat().st_mode & 0o777 == 0o644

    def test_everything_else_in_the_file_stays(self, ini: Path) -> None:
        ini.parent.mkdir()
        ini.write_bytes("; наш\r\naccess_code=firm\r\nserver=old\r\n".encode("cp1251"))
        ini.chmod(0o640)

        answered(licctl(ini, "server", "set", "*LOCAL"))

        assert ini.read_bytes() == "; наш\r\naccess_code=firm\r\nserver=*LOCAL\r\n".encode("cp1251")
        if sys.platform != "win32":
            assert ini.stat().st_mode & 0o777 == 0o640

    def test_what_means_the_same_is_left(self, ini: Path) -> None:
        ini.parent.mkdir()
        ini.write_text("server = *local , branch\n")

        assert answered(licctl(ini, "server", "set", "*LOCAL", "branch"))["changed"] is False
        assert ini.read_text() == "server = *local , branch\n"

    def test_a_setting_that_means_nothing_is_replaced(self, ini: Path) -> None:
        ini.parent.mkdir()
        ini.write_text("server=*ANY\n")

        assert answered(licctl(ini, "server", "set", "*AUTO"))["changed"] is True

    @pytest.mark.parametrize("address", ["*ANY", "a b", "host:0", "[::1", ""])
    def test_a_wrong_address_is_refused_and_nothing_written(self, ini: Path, address: str) -> None:
        assert refused(licctl(ini, "server", "set", address), 2)["code"] == "usage"
        assert not ini.exists()

    def test_a_file_that_is_no_ini_is_refused(self, ini: Path) -> None:
        ini.parent.mkdir()
        ini.write_text("[section]\n")

        error = refused(licctl(ini, "server", "set", "*LOCAL"))

        assert error["code"] == "bad_client_ini"
        assert f"{ini}: line 1" in error["message"]

    def test_people_are_told(self, ini: Path) -> None:
        assert licctl(ini, "server", "set", "*LOCAL", as_json=False).stdout == f"{ini} says server=*LOCAL.\n"
        assert "already" in licctl(ini, "server", "set", "*LOCAL", as_json=False).stdout


class TestRetry:
    @pytest.mark.parametrize("words", [["retry"], ["check", "--product", "retail"]])
    def test_an_ini_that_was_named_and_is_not_there_is_told(self, tmp_path: Path, words: list[str]) -> None:
        error = refused(licctl(tmp_path / "mistyped.ini", *words))

        assert (error["code"], error["message"]) == ("no_client_ini", f"{tmp_path / 'mistyped.ini'} is not there")

    def test_the_first_server_that_answers_and_those_that_did_not_are_named(
        self, server: ServerThread, pointed: Path
    ) -> None:
        away = loopback_address()
        pointed.write_text(f"server={away},{server.address}\n")

        answer = answered(licctl(pointed, "retry"))

        assert set(answer["found"]) == {"entry", "address", "name", "server_id"}
        assert answer["found"]["entry"] == server.address
        assert [(one["server"], one["code"]) for one in answer["failed"]] == [(away, "connection_lost")]

    def test_without_any_it_says_why_for_each(self, pointed: Path) -> None:
        away = loopback_address()
        pointed.write_text(f"server={away},name.invalid\n")

        assert said_no(licctl(pointed, "retry"))["found"] is None
        text = licctl(pointed, "retry", as_json=False).stdout
        assert f"{away}: {away} port 15200: nothing listens there" in text
        assert "name.invalid: name.invalid port 15200: the name is not known" in text
        assert "licctl doctor" in text


class TestCheck:
    def test_a_license_that_would_be_given(self, server: ServerThread, pointed: Path) -> None:
        answer = answered(licctl(pointed, "check", "--product", PRODUCT))

        assert set(answer) == {
            *("allowed", "key_number", "counter", "code", "message", "hint", "holders", "server"),
        }
        assert (answer["allowed"], answer["key_number"], answer["counter"]) == (True, KEY, "main")
        assert not server.server.desk.book.leases

    def test_a_full_server_says_no_and_who_holds(self, server: ServerThread, pointed: Path) -> None:
        with server.client() as one, server.client() as two:
            one.take("anna")
            two.take("boris")
            answer = said_no(licctl(pointed, "check", "--product", PRODUCT))
            text = licctl(pointed, "check", "--product", PRODUCT, as_json=False).stdout

        assert answer["code"] == "no_free_license"
        assert {(one["user"], one["computer"]) for one in answer["holders"]} == {("anna", "pc1"), ("boris", "pc1")}
        assert text.startswith("No: all 2 licenses")
        assert "boris" in text

    def test_a_pack_would_help(self, server: ServerThread, pointed: Path) -> None:
        with server.client() as one, server.client() as two:
            one.take("anna")
            two.take("boris")
            answer = answered(licctl(pointed, "check", "--product", PRODUCT, "--more", f"{KEY}:main=1"))

        assert answer["allowed"] is True

    def test_without_its_key_it_would_not_be_given(self, pointed: Path) -> None:
        assert said_no(licctl(pointed, "check", "--product", PRODUCT, "--without-key", KEY))["code"] == "no_key"

    @pytest.mark.parametrize("more", ["", "key", "key:main=0", "key:main=x", "=1", "a b:main=1", "key:main=1000001"])
    def test_a_pack_that_makes_no_sense_is_refused(self, pointed: Path, more: str) -> None:
        assert refused(licctl(pointed, "check", "--product", PRODUCT, "--more", more), 2)["code"] == "usage"

    @pytest.mark.parametrize("product", ["", "a b", "\udcff"])
    def test_what_can_be_no_product_is_refused(self, pointed: Path, product: str) -> None:
        assert refused(licctl(pointed, "check", "--product", product), 2)["code"] == "usage"

    def test_without_a_server_it_cannot_be_said(self, pointed: Path) -> None:
        pointed.write_text(f"server={loopback_address()}\n")

        assert refused(licctl(pointed, "check", "--product", PRODUCT))["code"] == "server_not_found"


class TestLicense:
    def test_what_it_says_is_shown_and_it_is_given_back(self, server: ServerThread, pointed: Path, kit: Path) -> None:
        shown = answered(licctl(pointed, "license", "--product", PRODUCT, "--kit", kit))["license"]

        assert (shown["key_number"], shown["counter"], shown["expires_at"], shown["checked"]) == (
            *(KEY, "main", None, True),
        )
        assert shown["counters"] == [{"name": "main", "type": "session", "limit": 2}]
        assert not server.server.desk.book.leases

    def test_of_one_that_ends_it_says_how_many_days_are_left(
        self, server: ServerThread, pointed: Path, vendor: Vendor, computer: Computer
    ) -> None:
        vendor.install(server.state, computer, expires_at=int(time.time()) + 3 * 86400 - 60)
        server.restart()

        shown = answered(licctl(pointed, "license", "--product", PRODUCT))["license"]
        text = licctl(pointed, "license", "--product", PRODUCT, as_json=False).stdout

        assert shown["days_left"] == 3
        assert ", 3 days left\n" in text

    def test_without_a_kit_it_says_that_nothing_was_checked(self, pointed: Path) -> None:
        text = licctl(pointed, "license", "--product", PRODUCT, as_json=False).stdout

        assert f"Key:      {KEY}" in text
        assert "Expires:  never" in text
        assert "Name the vendor's kit with --kit" in text

    def test_one_that_a_product_would_not_believe_is_refused_and_given_back(
        self, server: ServerThread, pointed: Path, stranger: Vendor, tmp_path: Path
    ) -> None:
        foreign = tmp_path / "foreign.json"
        foreign.write_bytes(msgspec.json.encode(stranger.kit))

        error = refused(licctl(pointed, "license", "--product", PRODUCT, "--kit", foreign))

        assert error["code"] == "untrusted_server"
        assert not server.server.desk.book.leases


class TestDoctor:
    def test_what_is_well(self, pointed: Path, kit: Path) -> None:
        answer = answered(licctl(pointed, "doctor", "--product", PRODUCT, "--kit", kit))

        assert answer["well"] is True
        assert all(set(step) == {"name", "outcome", "message", "hint", "code", "server"} for step in answer["steps"])
        assert [step["name"] for step in answer["steps"]] == [
            *("client.ini", "route", "port", "server", "license", "clock", "trust"),
        ]

    def test_what_is_not_well_and_what_to_do(self, pointed: Path) -> None:
        pointed.write_text("server=name.invalid\n")

        done = licctl(pointed, "doctor", as_json=False)

        assert done.returncode == EXIT_NO
        assert "failed   name        name.invalid: the name name.invalid is not known" in done.stdout
        assert "Correct the name in client.ini" in done.stdout
        assert done.stdout.endswith("No license server was found.\n")

    @pytest.mark.parametrize("seconds", ["-1", "0", "nan", "inf", "1e30", "x"])
    def test_a_time_that_is_none_is_refused(self, pointed: Path, seconds: str) -> None:
        assert refused(licctl(pointed, "doctor", f"--seconds={seconds}"), 2)["code"] == "usage"

    def test_a_kit_that_is_none_is_refused(self, pointed: Path) -> None:
        assert refused(licctl(pointed, "doctor", "--kit", pointed))["code"] == "bad_kit"


def test_other_commands_do_not_load_what_a_client_needs() -> None:
    loaded = (
        "import sys; import licserver.cli.licctl; "
        "print([name for name in sys.modules if name.startswith(('licserver.component', 'msgspec', 'cryptography'))])"
    )

    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"

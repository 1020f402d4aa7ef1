# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl`` as a process: shapes, exit codes and errors, as modules and administrators rely on them."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from licserver import __version__
from licserver.cli.licctl import _info_text
from licserver.system import this_system
from server_core.tests.cli.helpers import (
    CONNECTION_FIELDS,
    INFO_FIELDS,
    KEY_FIELDS,
    SERVER_FIELDS,
    answered,
    refused,
)
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.processes import command
from server_core.tests.running import ServerThread

PIN = "1234-5678"


def licctl(
    server: ServerThread, *arguments: str | Path, given: str = "", as_json: bool = True
) -> "subprocess.CompletedProcess[str]":
    options = ["--json"] if as_json else []
    return command("licctl", "--ini", server.ini, "--state", server.state, *options, *arguments, given=given)


@pytest.fixture
def stopped(make_server: Callable[..., ServerThread]) -> ServerThread:
    """A server that was installed and never started."""
    return make_server("stopped")


def order(vendor: Vendor, **changes: Any) -> str:
    kit = msgspec.to_builtins(vendor.kit)
    company = {"name": "ООО Ромашка", "tax_id": "7700000000", "address": "a", "phone": "p", "email": "e"}
    wanted = {
        "key_number": KEY,
        "pin": PIN,
        "kit": kit,
        "company": company,
        "center_url": None,
        "reactivate": False,
    }
    return json.dumps({**wanted, **changes})


class TestInfo:
    def test_it_says_what_runs(self, server: ServerThread) -> None:
        with server.client() as client:
            client.take()
            info = answered(licctl(server, "info"))

        assert set(info) == INFO_FIELDS
        assert (info["running"], info["problem"], info["connections"]) == (True, None, 1)
        assert info["installed_version"] == info["server"]["version"] == __version__

    def test_it_says_where_the_server_listens(self, server: ServerThread) -> None:
        described = answered(licctl(server, "info"))["server"]

        assert set(described) == SERVER_FIELDS
        assert described["addresses"] == [f"{server.address}:15200"]
        assert (described["port"], described["web_port"], described["local"]) == (15200, 15201, True)
        assert described["name"] == socket.gethostname()

    def test_a_server_that_runs_with_another_ini_than_is_there_needs_a_restart(self, server: ServerThread) -> None:
        before = answered(licctl(server, "info"))["server"]["restart_needed"]
        server.ini.write_text(server.ini.read_text() + "; a remark\n")
        remarked = answered(licctl(server, "info"))["server"]["restart_needed"]
        server.ini.write_text(server.ini.read_text().replace("WebPort=15201", "WebPort=15301"))

        assert (before, remarked) == (False, False)
        assert answered(licctl(server, "info"))["server"]["restart_needed"] is True

    def test_a_server_that_can_take_over_what_its_ini_says_needs_a_reload_only(self, server: ServerThread) -> None:
        server.ini.write_text(server.ini.read_text() + "IdleTime=33\n")
        before = answered(licctl(server, "info"))["server"]
        done = answered(licctl(server, "reload"))
        after = answered(licctl(server, "info"))["server"]

        assert (before["reload_needed"], before["restart_needed"]) == (True, False)
        assert done == {"changed": True, "applied": ["IdleTime"], "restart_needed": []}
        assert (after["reload_needed"], after["restart_needed"]) == (False, False)

    def test_people_are_told_what_a_reload_did(self, server: ServerThread) -> None:
        server.ini.write_text(server.ini.read_text().replace("WebPort=15201", "WebPort=15301"))

        text = licctl(server, "reload", as_json=False).stdout

        assert text == "Nothing was to be applied.\nA restart is needed for: WebPort.\n"

    def test_it_describes_each_key(self, server: ServerThread) -> None:
        (key,) = answered(licctl(server, "info"))["keys"]

        assert set(key) >= KEY_FIELDS
        assert key["counters"] == [{"name": "main", "type": "session", "limit": 2, "used": 0, "stranded": 0}]
        assert (key["key_number"], key["state"], key["problem"], key["vendor"]) == (KEY, "active", None, "Vendor")

    def test_it_says_how_long_a_key_lasts(
        self, make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer
    ) -> None:
        made = make_server()
        vendor.install(made.state, computer, expires_at=int(time.time()) + 40 * 86400 - 60)
        made.start()

        (key,) = answered(licctl(made, "info"))["keys"]
        lines = licctl(made, "info", as_json=False).stdout.splitlines()
        table = licctl(made, "key", "list", as_json=False).stdout

        day = time.strftime("%Y-%m-%d", time.gmtime(key["expires_at"]))
        assert key["days_left"] == 40
        assert f"Expires:     {KEY} on {day}, 40 days left" in lines
        assert f"{day}, 40 days left" in table

    def test_where_nothing_runs_it_says_why_and_succeeds(self, stopped: ServerThread) -> None:
        info = answered(licctl(stopped, "info"))

        assert (info["running"], info["server"], info["keys"], info["connections"]) == (False, None, [], 0)
        assert "it has left no" in info["problem"]

    def test_where_the_ini_is_wrong_it_says_so(self, stopped: ServerThread) -> None:
        stopped.ini.write_text("port=abc\n")

        assert "line 1: port=abc" in answered(licctl(stopped, "info"))["problem"]

    def test_a_server_that_runs_with_an_ini_that_went_wrong_runs_and_has_a_problem(self, server: ServerThread) -> None:
        server.ini.write_text("port=abc\n")

        info = answered(licctl(server, "info"))

        assert info["running"]
        assert "line 1: port=abc" in info["problem"]

    def test_after_a_stop_it_is_told_from_a_running_server(self, server: ServerThread) -> None:
        server.stop()

        info = answered(licctl(server, "info"))

        assert (info["running"], info["server"]) == (False, None)
        assert "it has left no" in info["problem"]

    def test_people_get_text(self, server: ServerThread) -> None:
        text = licctl(server, "info", as_json=False).stdout

        assert f"Licenses:    {server.address}:15200, for this computer only" in text
        assert f"Web page:    http://{server.address}:15201/" in text

    def test_a_server_that_speaks_tls_is_asked_by_its_certificate(
        self, make_server: Callable[..., ServerThread]
    ) -> None:
        server = make_server(TLS=1).start()

        tls = answered(licctl(server, "info"))["server"]["tls"]

        assert set(tls) == {"certificate_sha256", "not_after"}
        text = licctl(server, "info", as_json=False).stdout
        assert f"Web page:    https://{server.address}:15201/" in text
        assert f"Certificate: sha256:{tls['certificate_sha256']}" in text

    @pytest.mark.parametrize("everywhere", ["0.0.0.0", "[::]"])
    def test_people_are_sent_to_the_computers_name_where_the_server_listens_on_all_addresses(
        self, everywhere: str
    ) -> None:
        server = {"name": "branch-1", "version": "1", "local": False, "addresses": [f"{everywhere}:15200"]}

        running = {"running": True, "problem": None, "keys": [], "connections": 0, "alarms": []}
        text = _info_text({**running, "server": server | {"web_port": 15201}})

        assert "Web page:    http://branch-1:15201/" in text


class TestConnections:
    def test_they_say_who_holds_what(self, server: ServerThread) -> None:
        with server.client() as client:
            granted = client.take("Анна")
            (one,) = answered(licctl(server, "connections"))["connections"]

        assert set(one) >= CONNECTION_FIELDS
        assert (one["lease"], one["user"], one["computer"]) == (granted.lease, "Анна", "pc1")
        assert (one["counter"], one["key_number"], one["state"], one["licenses"]) == ("main", KEY, "active", 1)
        assert 0 <= one["seconds"] < 60

    def test_people_get_a_table(self, server: ServerThread) -> None:
        with server.client() as client:
            client.take("Анна")
            head, row = licctl(server, "connections", as_json=False).stdout.splitlines()

        assert head.split() == ["TYPE", "USER", "COMPUTER", "PROGRAM", "KEY", "STATE", "SECONDS", "CONNECTION"]
        assert row.split()[:6] == ["session", "Анна", "pc1", "retail", KEY, "active"]

    def test_without_a_server_they_are_an_error(self, stopped: ServerThread) -> None:
        error = refused(licctl(stopped, "connections"))

        assert error["code"] == "server_not_running"
        assert error["hint"]


class TestKeys:
    def test_a_broken_key_is_listed_with_its_problem(
        self, make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer
    ) -> None:
        made = make_server()
        vendor.install(made.state, Computer({**computer.facts, "system": "another"}))

        (key,) = answered(licctl(made.start(), "key", "list"))["keys"]

        assert key["state"] == "broken"
        assert "the operating system or the computer's name differs" in key["problem"]

    def test_people_get_a_table(self, server: ServerThread) -> None:
        (this_system().key_folder(server.state) / "100-0009.dongle").write_text("cut")
        server.restart()

        _, works, broken = licctl(server, "key", "list", as_json=False).stdout.splitlines()

        assert works.split() == [KEY, "soft", "retail", "active", "main", "0/2"]
        assert broken.startswith("100-0009")
        assert "it was cut" in broken

    def test_options_are_set_and_then_no_change(self, server: ServerThread) -> None:
        first = answered(licctl(server, "key", "set", KEY, "--use", "no"))
        second = answered(licctl(server, "key", "set", KEY, "--use", "no"))

        assert (first["changed"], first["key"]["use"], second["changed"]) == (True, False, False)

    def test_an_access_code_is_read_from_standard_input_only(self, server: ServerThread) -> None:
        done = licctl(server, "key", "set", KEY, "--access-code", "-", given="код\n")

        assert answered(done)["key"]["access_code_set"] is True
        assert "код" not in done.stdout
        assert refused(licctl(server, "key", "set", KEY, "--access-code", "код"), code=2)["code"] == "usage"

    def test_a_key_that_is_not_there_is_named(self, server: ServerThread) -> None:
        assert refused(licctl(server, "key", "set", "100-0009", "--use", "no"))["code"] == "unknown_key"


class TestKeyVerify:
    def test_on_its_own_computer_every_fact_is_the_same(self, server: ServerThread) -> None:
        (key,) = answered(licctl(server, "key", "verify"))["keys"]

        assert (key["key_number"], key["works"], key["problem"], key["warnings"]) == (KEY, True, None, [])
        assert [fact["kind"] for fact in key["facts"]] == ["disk", "network", "system", "board"]
        assert {fact["state"] for fact in key["facts"]} == {"same"}

    def test_what_changed_since_the_last_look_is_named_at_once(self, server: ServerThread, computer: Computer) -> None:
        computer.facts["network"] = "another"
        del computer.facts["board"]

        done = licctl(server, "key", "verify", KEY)

        assert done.returncode == 3
        (key,) = json.loads(done.stdout)["keys"]
        assert [fact["state"] for fact in key["facts"]] == ["same", "differs", "same", "unreadable"]
        assert key["works"] is False

    def test_no_fact_is_told_in_clear(self, server: ServerThread) -> None:
        assert "first disk" not in licctl(server, "key", "verify").stdout

    def test_people_are_told_what_is_about_to_break_a_key(self, server: ServerThread, computer: Computer) -> None:
        computer.threats["system"] = "after a restart this computer is named b and not a any more"

        lines = licctl(server, "key", "verify", as_json=False).stdout.splitlines()
        listed = answered(licctl(server, "key", "list"))["keys"][0]

        assert lines[:2] == [f"{KEY}: works", "  the system disk, by serial: same"]
        assert lines[-1] == "  Warning: after a restart this computer is named b and not a any more"
        assert listed["warnings"] == ["after a restart this computer is named b and not a any more"]

    def test_a_key_whose_file_cannot_be_believed_has_no_facts(self, server: ServerThread) -> None:
        (this_system().key_folder(server.state) / f"{KEY}.dongle").write_text("cut")

        lines = licctl(server, "key", "verify", as_json=False).stdout.splitlines()

        assert len(lines) == 1
        assert "this is no software key file" in lines[0]

    def test_a_key_that_is_not_there_is_named(self, server: ServerThread) -> None:
        assert refused(licctl(server, "key", "verify", KEY, "100-0009"))["code"] == "unknown_key"


class TestKeyRemove:
    def test_the_second_time_it_is_no_change(self, server: ServerThread) -> None:
        first = answered(licctl(server, "key", "remove", KEY))
        second = answered(licctl(server, "key", "remove", KEY))

        assert Path(first["copy"]).exists()
        assert (first["changed"], second) == (True, {"changed": False, "key_number": KEY, "copy": None})

    def test_people_are_told_what_was_done(self, server: ServerThread) -> None:
        told = [
            licctl(server, "key", "remove", KEY, *options, as_json=False).stdout
            for options in (["--check"], ["--purge"], [])
        ]

        assert told == [
            f"The key {KEY} would be removed.\n",
            f"The key {KEY} is removed. No copy of it is left.\n",
            f"There is no key {KEY}.\n",
        ]


class TestActivate:
    def test_an_active_key_is_no_change(self, server: ServerThread, vendor: Vendor) -> None:
        answer = answered(licctl(server, "key", "activate", "--request", "-", given=order(vendor)))

        assert answer["changed"] is False
        assert set(answer["key"]) >= KEY_FIELDS

    def test_a_center_that_is_away_is_named_and_the_pin_is_not(
        self, make_server: Callable[..., ServerThread], vendor: Vendor
    ) -> None:
        made = make_server().start()

        done = licctl(made, "key", "activate", "--request", "-", given=order(vendor))

        error = refused(done)
        assert error["code"] == "center_unreachable"
        assert "https://127.0.0.1:9" in error["message"]
        assert PIN not in done.stdout

    def test_a_broken_key_needs_to_be_told_so(self, server: ServerThread, vendor: Vendor, computer: Computer) -> None:
        computer.facts["disk"] = "another"
        server.restart()

        error = refused(licctl(server, "key", "activate", "--request", "-", given=order(vendor)))

        assert error["code"] == "reactivation_needed"

    def test_a_kit_that_cannot_be_used_is_refused(self, stopped: ServerThread, vendor: Vendor) -> None:
        kit = {**msgspec.to_builtins(vendor.kit), "exchange_key": "x"}

        error = refused(licctl(stopped.start(), "key", "activate", "--request", "-", given=order(vendor, kit=kit)))

        assert error["code"] == "bad_kit"

    @pytest.mark.parametrize("changes", [{"key_number": ""}, {"kit": None}, {"pin": 1234}])
    def test_an_order_that_makes_no_sense_is_refused_without_repeating_it(
        self, server: ServerThread, vendor: Vendor, changes: dict[str, Any]
    ) -> None:
        done = licctl(server, "key", "activate", "--request", "-", given=order(vendor, **changes))

        assert refused(done)["code"] in {"bad_request", "bad_key_number", "bad_kit"}
        assert PIN not in done.stdout

    @pytest.mark.parametrize("given", ["", "{", "[]", "\ud800", "[" * 100_000])
    def test_what_is_no_json_is_a_usage_error(self, server: ServerThread, given: str) -> None:
        done = licctl(server, "key", "activate", "--request", "-", given=given.encode(errors="replace").decode())

        assert refused(done, code=2)["code"] == "usage"

    def test_without_a_server_it_says_so(self, stopped: ServerThread, vendor: Vendor) -> None:
        error = refused(licctl(stopped, "key", "activate", "--request", "-", given=order(vendor)))

        assert error["code"] == "server_not_running"

    def test_the_pin_has_no_place_on_the_command_line(self, server: ServerThread) -> None:
        assert "--pin" not in licctl(server, "key", "activate", "--help", as_json=False).stdout
        assert refused(licctl(server, "key", "activate", "--pin", PIN), code=2)["code"] == "usage"

    @pytest.mark.parametrize("arguments", [[], ["--key-number", KEY]])
    def test_without_key_number_or_kit_it_says_what_is_missing(
        self, server: ServerThread, arguments: list[str]
    ) -> None:
        error = refused(licctl(server, "key", "activate", *arguments), code=2)

        assert "--key-number and --kit are needed" in error["message"]

    @pytest.mark.parametrize("text", [None, "{", "\0", "[" * 100_000])
    def test_a_kit_file_that_is_none_is_named(self, server: ServerThread, tmp_path: Path, text: str | None) -> None:
        kit = tmp_path / "kit.json"
        if text is not None:
            kit.write_text(text)

        error = refused(licctl(server, "key", "activate", "--key-number", KEY, "--kit", kit))

        assert error["code"] == "bad_kit"
        assert str(kit) in error["message"]


def test_a_control_file_of_an_earlier_start_is_no_running_server(
    server: ServerThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("licserver.server.announcement.Announcement.keep", lambda _: None)  # it would put it right
    control = json.loads((server.state / "control.json").read_bytes())
    (server.state / "control.json").write_text(json.dumps({**control, "token": "old"}))

    assert refused(licctl(server, "key", "set", KEY, "--use", "no"))["code"] == "server_not_running"


def test_a_control_file_that_was_cut_is_no_running_server(stopped: ServerThread) -> None:
    (stopped.state / "control.json").write_text("{")

    assert answered(licctl(stopped, "info"))["running"] is False


@pytest.mark.parametrize("arguments", [[], ["walk"], ["key"], ["key", "set"], ["key", "set", KEY], ["info", "--fast"]])
def test_a_command_that_makes_no_sense_is_a_usage_error(server: ServerThread, arguments: list[str]) -> None:
    assert refused(licctl(server, *arguments), code=2)["code"] == "usage"


def test_it_knows_its_version() -> None:
    assert command("licctl", "--version").stdout == f"{__version__}\n"


def test_it_starts_without_the_heavy_libraries() -> None:
    heavy = {"cryptography", "msgspec", "starlette", "uvicorn", "httpx", "jinja2"}
    program = f"import licserver.cli.licctl, sys; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"

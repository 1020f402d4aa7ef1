# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl settings``."""

import subprocess

from server_core.tests.cli.helpers import answered, refused
from server_core.tests.processes import command
from server_core.tests.running import ServerThread
from server_core.tests.server.helpers import basic


def licctl(server: ServerThread, *arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    return command("licctl", "--ini", server.ini, "--state", server.state, *arguments, given=given)


def test_they_are_shown(server: ServerThread) -> None:
    lines = licctl(server, "settings", "show").stdout.splitlines()

    assert ["port", "15200"] in [line.split() for line in lines]
    assert ["local", "yes"] in [line.split() for line in lines]


def test_they_are_changed_and_what_waits_for_a_restart_is_said(server: ServerThread) -> None:
    done = licctl(server, "settings", "change", "--idle-minutes", "33", "--no-local")
    again = licctl(server, "settings", "change", "--idle-minutes", "33", "--no-local")

    assert done.stdout == "In force at once: IdleTime.\nA restart is needed for: Local.\n"
    assert again.stdout == "The ini says so already.\nA restart is needed for: Local.\n"
    assert "Local=0" in server.ini.read_text()


def test_names_are_given_with_commas_and_taken_away_again(server: ServerThread) -> None:
    licctl(server, "settings", "change", "--names", "licenses.example, b")
    shown = licctl(server, "settings", "show").stdout.splitlines()
    done = licctl(server, "settings", "change", "--names", "")

    assert ["names", "licenses.example,", "b"] in [line.split() for line in shown]
    assert done.stdout == "In force at once: Names.\n"


def test_a_check_changes_nothing(server: ServerThread) -> None:
    before = server.ini.read_bytes()

    answer = answered(licctl(server, "--json", "settings", "change", "--tls", "--check"))

    assert (answer["changed"], answer["restart_needed"]) == (True, ["TLS"])
    assert server.ini.read_bytes() == before


def test_the_password_comes_from_standard_input_and_both_are_taken_away_again(server: ServerThread) -> None:
    done = licctl(server, "settings", "change", "--web-user", "anna", given="secret\n")
    status = server.http("GET", "/api/v1/info", **basic("anna", "secret"))[0]
    licctl(server, "settings", "change", "--web-user", "")

    assert (done.stdout, status) == ("In force at once: user, password.\n", 200)
    assert server.http("GET", "/api/v1/info")[0] == 200


def test_a_value_that_cannot_be_is_one_clear_refusal(server: ServerThread) -> None:
    error = refused(licctl(server, "--json", "settings", "change", "--port", "0"))

    assert (error["code"], error["message"]) == ("bad_setting", "port=0: not a number from 1 to 65535")

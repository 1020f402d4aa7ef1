# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl connections``, ``licctl connection release`` and ``licctl key set`` as processes."""

import json

import pytest

from server_core.tests.cli.helpers import answered, refused
from server_core.tests.cli.test_licctl import licctl
from server_core.tests.helpers import KEY
from server_core.tests.running import ServerThread


def users(server: ServerThread, *filters: str) -> list[str]:
    return [one["user"] for one in answered(licctl(server, "connections", *filters))["connections"]]


def test_connections_are_listed_by_filter(server: ServerThread) -> None:
    with server.client() as anna, server.client() as boris:
        anna.take("Анна & Co")
        boris.take("boris")

        assert users(server, "--user", "анна & co", "--key", KEY, "--active") == ["Анна & Co"]
        assert users(server, "--blocked") == []


def test_connections_are_released_by_name_by_filter_and_all(server: ServerThread) -> None:
    with server.client() as anna, server.client() as boris:
        lease = anna.take("anna").lease
        boris.take("boris")
        by_name = answered(licctl(server, "connection", "release", lease, "gone"))
        by_filter = answered(licctl(server, "connection", "release", "--user", "BORIS"))
        everybody = answered(licctl(server, "connection", "release", "--all"))

    assert [one["released"] for one in (by_name, by_filter, everybody)] == [1, 1, 0]
    assert (by_filter["connections"][0]["user"], everybody["changed"]) == ("boris", False)


def test_whom_is_meant_may_come_as_one_object(server: ServerThread) -> None:
    with server.client() as anna:
        anna.take("anna")
        asked = [
            licctl(server, *command, "--request", "-", given=json.dumps(given))
            for command, given in (
                (["connections"], {"user": "ANNA"}),
                (["connections"], {"user": "boris"}),
                (["connection", "release", "--check"], {"all": True}),
                (["connection", "release"], {"user": "anna"}),
            )
        ]

    assert [len(answered(one)["connections"]) for one in asked] == [1, 0, 1, 1]
    assert answered(asked[2])["released"] == 0


def test_people_are_told_whom_they_disconnected(server: ServerThread) -> None:
    with server.client() as anna:
        anna.take("anna")
        first = licctl(server, "connection", "release", "--all", as_json=False).stdout
        second = licctl(server, "connection", "release", "--all", as_json=False).stdout

    assert first.startswith("Disconnected: 1\n")
    assert "anna" in first
    assert second == "Nobody to disconnect: there is no such connection.\n"


@pytest.mark.parametrize(
    "arguments",
    [[], ["name", "--all"], ["--all", "--user", "anna"], ["--active", "--blocked"], ["name", "--request", "-"]],
)
def test_a_release_that_is_not_clear_is_a_usage_error(server: ServerThread, arguments: list[str]) -> None:
    assert refused(licctl(server, "connection", "release", *arguments), code=2)["code"] == "usage"


def test_options_of_a_key_come_as_one_object_and_are_checked_first(server: ServerThread) -> None:
    given = json.dumps({"key_number": KEY, "access_code": "код", "use": True})
    check = answered(licctl(server, "key", "set", "--request", "-", "--check", given=given))
    done = answered(licctl(server, "key", "set", "--request", "-", given=given))
    again = answered(licctl(server, "key", "set", "--request", "-", given=given))

    assert (check["changes"], check["key"]["access_code_set"]) == (["access_code"], False)
    assert (done["changed"], done["key"]["access_code_set"], again["changed"]) == (True, True, False)


def test_a_key_number_cannot_lead_elsewhere(server: ServerThread) -> None:
    assert refused(licctl(server, "key", "set", "../info?x=", "--use", "no"))["code"] in {"unknown_key", "http_error"}

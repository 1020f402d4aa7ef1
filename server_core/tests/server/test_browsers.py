# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page of somebody else must not make a browser in this network do."""

import socket

import pytest

from server_core.tests.helpers import KEY
from server_core.tests.running import ServerThread
from server_core.tests.server.helpers import bearer

DAMAGED = ["localhost:99999", "localhost:x", "localhost:-1", "localhost/x", "localhost?x", "localhost#x", "x@localhost"]
CHANGE = f"/api/v1/keys/{KEY}"


@pytest.fixture(autouse=True)
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was looked up in the network, where this computer is called licenses.example."""
    asked: list[str] = []

    def names(name: str) -> set[str]:
        asked.append(name)
        return {"licenses.example"}

    monkeypatch.setattr("licserver.server.browsers._names_in_network", names)
    return asked


def change(server: ServerThread, **headers: str) -> int:
    return server.http("PATCH", CHANGE, {"use": False}, **bearer(server), **headers)[0]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "192.0.2.7:15201", "[::1]:15201", "localhost", "LOCALHOST:15201", socket.gethostname(), ""],
)
def test_a_request_for_this_computer_is_answered(server: ServerThread, looked_up: list[str], host: str) -> None:
    assert server.http("GET", "/", Host=host)[0] == 200
    assert looked_up == []


def test_the_name_that_the_network_gives_this_computer_is_looked_up_once(
    server: ServerThread, looked_up: list[str]
) -> None:
    assert [server.http("GET", "/", Host="licenses.example:15201")[0] for _ in range(3)] == [200] * 3
    assert server.http("GET", "/", Host="evil.example")[0] == 421
    assert looked_up == [socket.gethostname()]


def test_an_alias_is_answered_as_soon_as_the_ini_has_it(server: ServerThread) -> None:
    before, answer = server.http("GET", "/", Host="alias.example:15201")
    server.http("PATCH", "/api/v1/settings", {"names": ["Alias.example"]}, **bearer(server))

    assert (before, server.http("GET", "/", Host="alias.example:15201")[0]) == (421, 200)
    assert "Names=" in answer["error"]["message"]
    assert server.http("GET", "/", Host="other.example")[0] == 421


def test_whoever_comes_by_an_unknown_name_reads_what_to_do(server: ServerThread) -> None:
    status, text = server.http("GET", "/", **{"Host": "alias.example", "Accept": "text/html", "Accept-Language": "ru"})

    assert (status, "Names=" in text, "не знает этого имени" in text) == (421, True, True)


@pytest.mark.parametrize("path", ["/", "/api/v1/info", "/api/v1/connections"])
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:15201", "localhost.evil", "[", "x y", *DAMAGED]
)
def test_a_name_that_somebody_else_made_point_here_is_refused(server: ServerThread, path: str, host: str) -> None:
    status, answer = server.http("GET", path, Host=host)

    assert status == 421
    assert "ask it by its computer's name or address" in answer["error"]["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:15202"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_server_changes_nothing_even_with_credentials(
    server: ServerThread, headers: dict[str, str]
) -> None:
    assert change(server, Host="localhost:15201", **headers) == 403
    assert server.http("GET", "/api/v1/info")[1]["keys"][0]["use"] is True


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://localhost:15201", "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}],
)
def test_a_program_and_a_page_of_this_server_may_change_something(
    server: ServerThread, headers: dict[str, str]
) -> None:
    assert change(server, Host="localhost:15201", **headers) == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/api/v1/support-bundle", "/functions/support-bundle", "/functions/distribution"])
def test_a_page_of_another_server_has_nothing_made_to_be_taken_away(server: ServerThread, path: str, site: str) -> None:
    assert server.http("GET", path, **bearer(server), **{"Sec-Fetch-Site": site})[0] == 403


def test_a_link_from_another_page_may_be_followed(server: ServerThread) -> None:
    assert server.http("GET", "/", **{"Sec-Fetch-Site": "cross-site"})[0] == 200

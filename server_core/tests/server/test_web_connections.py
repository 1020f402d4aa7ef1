# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON API of connections: listing some of them, and disconnecting."""

from typing import Any
from urllib.parse import quote

import pytest

from licserver.wire.messages import Granted
from server_core.tests.helpers import KEY
from server_core.tests.running import ServerThread, refusal
from server_core.tests.server.helpers import bearer


def release(server: ServerThread, order: dict[str, Any]) -> Any:
    status, answer = server.http("POST", "/api/v1/connections/release", order, **bearer(server))
    assert status == 200, answer
    return answer


def users(server: ServerThread, query: str = "") -> list[str]:
    status, answer = server.http("GET", f"/api/v1/connections{query}")
    assert status == 200, answer
    return [one["user"] for one in answer["connections"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?user=ANNA", ["anna"]),
        (f"?key_number={KEY}&computer=PC1&product=retail&state=active", ["anna", "boris"]),
        ("?state=blocked", []),
    ],
)
def test_connections_are_found_by_what_they_have_in_common(server: ServerThread, query: str, found: list[str]) -> None:
    with server.client() as anna, server.client() as boris:
        anna.take("anna")
        boris.take("boris")

        assert sorted(users(server, query)) == found


@pytest.mark.parametrize("query", ["?users=anna", "?state=freed"])
def test_a_filter_that_does_not_exist_is_refused(server: ServerThread, query: str) -> None:
    status, answer = server.http("GET", f"/api/v1/connections{query}")

    assert (status, answer["error"]["code"]) == (400, "bad_request")


def test_a_connection_is_released_by_its_name_and_its_license_is_free_at_once(server: ServerThread) -> None:
    with server.client() as anna, server.client() as boris, server.client() as vera:
        lease = anna.take("anna").lease
        boris.take("boris")
        vera.hello()
        assert refusal(vera.login("vera")) == "no_free_license"

        status, answer = server.http("DELETE", f"/api/v1/connections/{lease}", **bearer(server))

        assert (status, answer["changed"], answer["released"]) == (200, True, 1)
        assert [one["user"] for one in answer["connections"]] == ["anna"]
        assert isinstance(vera.login("vera"), Granted)
        assert refusal(anna.renew()) == "unknown_lease"


def test_a_connection_that_is_gone_is_no_change(server: ServerThread) -> None:
    status, answer = server.http("DELETE", "/api/v1/connections/gone", **bearer(server))

    assert (status, answer) == (200, {"changed": False, "released": 0, "connections": []})


def test_all_are_released_and_stay_so_after_a_restart(server: ServerThread) -> None:
    with server.client() as anna, server.client() as boris:
        anna.take("anna")
        boris.take("boris")
        first, second = release(server, {"all": True}), release(server, {"all": True})
    server.restart()

    assert (first["released"], second["changed"], users(server)) == (2, False, [])


def test_those_are_released_that_a_filter_finds(server: ServerThread) -> None:
    with server.client() as anna, server.client() as boris:
        anna.take("anna")
        boris.take("boris")
        answer = release(server, {"user": "Boris"})

        assert ([one["user"] for one in answer["connections"]], users(server)) == (["boris"], ["anna"])


def test_an_order_that_names_nobody_is_refused(server: ServerThread) -> None:
    with server.client() as anna:
        anna.take("anna")
        status, answer = server.http("POST", "/api/v1/connections/release", {}, **bearer(server))

        assert (status, answer["error"]["code"], users(server)) == (400, "bad_request", ["anna"])


@pytest.mark.parametrize(("method", "path"), [("POST", "release"), ("DELETE", "lease")])
def test_nobody_is_disconnected_without_the_right_to(server: ServerThread, method: str, path: str) -> None:
    assert server.http(method, f"/api/v1/connections/{path}", {"all": True})[0] == 401


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "²", "<b>"])
def test_a_number_that_nobody_was_told_is_not_shown(server: ServerThread, number: str) -> None:
    status, page = server.http("GET", f"/connections?disconnected={quote(number)}", Accept="text/html")

    assert status == 200
    assert "ended" not in page


def test_who_is_led_back_from_a_connection_that_is_gone_is_told_so(server: ServerThread) -> None:
    _, page = server.http("GET", "/connections?disconnected=0", Accept="text/html")

    assert "There was nothing left to disconnect." in page


class TestKeyChecks:
    def check(self, server: ServerThread, query: str = "?check=true", **options: Any) -> Any:
        return server.http("PATCH", f"/api/v1/keys/{KEY}{query}", options, **bearer(server))[1]

    def test_a_check_tells_what_would_change_and_changes_nothing(self, server: ServerThread) -> None:
        answer = self.check(server, use=False, access_code="код")

        assert (answer["changed"], answer["changes"]) == (True, ["access_code", "use"])
        assert answer["before"] == {"access_code_set": False, "use": True}
        assert answer["key"]["use"] is True
        assert not (server.state / "keys.json").exists()

    def test_a_check_tells_the_same_access_code_from_another(self, server: ServerThread) -> None:
        self.check(server, "", access_code="код")

        answers = [self.check(server, access_code=code)["changed"] for code in ("код", "другой", "")]
        assert answers == [False, True, True]

    def test_a_question_that_does_not_exist_is_refused(self, server: ServerThread) -> None:
        assert self.check(server, "?check=maybe", use=False)["error"]["code"] == "bad_request"

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``GET /api/v1/events``."""

import pytest

from licserver.events import Selection
from licserver.server.event_query import read_selection
from server_core.tests.running import ServerThread


def test_a_query_without_parameters_asks_for_the_newest_hundred() -> None:
    assert read_selection([]) == Selection(after=None, since=0, kinds=frozenset(), limit=100)


def test_a_query_says_which_events() -> None:
    numbers = {"after": 7, "before": 90, "since": 8, "until": 80, "limit": 9}
    parameters = [*((name, str(number)) for name, number in numbers.items()), ("text", "anna")]
    parameters += [("kind", "granted"), ("kind", "freed")]

    assert read_selection(parameters) == Selection(**numbers, text="anna", kinds=frozenset({"granted", "freed"}))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("after=-1", "$.after"),
        ("limit=0", "$.limit"),
        ("limit=1001", "$.limit"),
        ("since=yesterday", "$.since"),
        ("kind=gone", "$.kind"),
        ("when=9", "when"),
        ("text=" + "x" * 201, "$.text"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(server: ServerThread, query: str, said: str) -> None:
    status, answer = server.http("GET", f"/api/v1/events?{query}")

    assert (status, answer["error"]["code"]) == (400, "bad_request")
    assert said in answer["error"]["message"]


def test_events_come_in_the_order_of_their_numbers(server: ServerThread) -> None:
    with server.client() as anna, server.client() as boris:
        anna.take("anna")
        boris.take("boris")

    _, all_of_them = server.http("GET", "/api/v1/events")
    numbers = [event["number"] for event in all_of_them["events"]]
    _, later = server.http("GET", f"/api/v1/events?after={numbers[0]}&limit=1")

    assert numbers == list(range(1, len(numbers) + 1))
    assert later["events"] == all_of_them["events"][1:2]


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/events/verification"])
def test_where_a_user_is_set_they_are_told_to_nobody_else(closed: ServerThread, path: str) -> None:
    assert closed.http("GET", path)[0] == 401


def test_the_log_is_verified(server: ServerThread) -> None:
    with server.client() as client:
        client.take()

    _, found = server.http("GET", "/api/v1/events/verification")

    assert found["verification"]["problems"] == []
    assert found["verification"]["events"] >= 1

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens with which programs use the JSON API."""

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from licserver.errors import LicensingError
from licserver.events import FieldValue, Kind
from licserver.kept_file import LostError
from licserver.server.scopes import Scope
from licserver.server.tokens import MOST_TOKENS, TokenOrder, Tokens
from server_core.tests.helpers import KEY, NOW
from server_core.tests.processes import command
from server_core.tests.running import ServerThread, eventually
from server_core.tests.server.helpers import bearer


class _Nobody:
    """Keeps no events."""

    def note(self, kind: Kind, **fields: FieldValue) -> None:
        """See EventSink."""


NOBODY = _Nobody()


def token(server: ServerThread, scope: str, **more: Any) -> dict[str, str]:
    """The header of a program with a new token."""
    order = {"name": f"a-{scope}", "scope": scope, **more}
    status, answer = server.http("POST", "/api/v1/tokens", order, **bearer(server))
    assert status == 200, answer
    return {"Authorization": f"Bearer {answer['token']}"}


def licctl(server: ServerThread, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return command("licctl", "--ini", server.ini, "--state", server.state, *arguments)


class TestScopes:
    @pytest.mark.parametrize(
        ("scope", "expected"), [("read", [200, 403, 403]), ("operate", [200, 200, 403]), ("admin", [200, 200, 200])]
    )
    def test_each_opens_what_it_says(self, closed: ServerThread, scope: str, expected: list[int]) -> None:
        headers = token(closed, scope)
        asked = [
            closed.http("GET", "/metrics", **headers)[0],
            closed.http("POST", "/api/v1/connections/release", {"all": True}, **headers)[0],
            closed.http("PATCH", "/api/v1/settings", {"idle_minutes": 5}, **headers)[0],
        ]

        assert asked == expected

    def test_to_use_a_key_is_a_days_work_and_its_access_code_is_not(self, server: ServerThread) -> None:
        headers, path = token(server, "operate"), f"/api/v1/keys/{KEY}"

        assert server.http("PATCH", path, {"use": False}, **headers)[0] == 200
        assert server.http("PATCH", path, {"access_code": "x"}, **headers)[0] == 403
        assert server.http("DELETE", path, **headers)[0] == 403

    def test_only_an_administrator_makes_tokens(self, server: ServerThread) -> None:
        headers = token(server, "operate")

        assert server.http("POST", "/api/v1/tokens", {"name": "x", "scope": "admin"}, **headers)[0] == 403
        assert server.http("GET", "/api/v1/tokens", **headers)[0] == 403
        assert server.http("GET", "/api/v1/tokens")[0] == 401


class TestLife:
    def test_it_outlives_a_restart_and_ends_when_it_is_removed(self, closed: ServerThread) -> None:
        headers = token(closed, "read")
        closed.restart()
        before = closed.http("GET", "/api/v1/info", **headers)[0]
        closed.http("DELETE", "/api/v1/tokens/a-read", **bearer(closed))

        assert (before, closed.http("GET", "/api/v1/info", **headers)[0]) == (200, 401)

    def test_no_file_has_it(self, server: ServerThread) -> None:
        secret = token(server, "read")["Authorization"].partition(" ")[2].encode()

        assert [path for path in server.state.rglob("*") if path.is_file() and secret in path.read_bytes()] == []

    def test_it_ends_with_its_days(self, tmp_path: Path) -> None:
        path = tmp_path / "tokens.json"
        secret = asyncio.run(Tokens(path, NOBODY, clock=lambda: NOW).add(TokenOrder("x", "operate", 1)))

        ends = [Tokens(path, NOBODY, clock=lambda: at).find(secret) for at in (NOW + 86399, NOW + 86400)]  # noqa: B023
        assert ends == [("x", Scope.OPERATE), None]

    @pytest.mark.parametrize(
        "order",
        [
            {"name": "", "scope": "read"},
            {"name": "a/b", "scope": "read"},
            {"name": "a\n", "scope": "read"},
            {"name": "x" * 65, "scope": "read"},
            {"name": "x", "scope": "root"},
            {"name": "x", "scope": "read", "days": 0},
            {"name": "x", "scope": "read", "more": 1},
        ],
    )
    def test_what_is_no_token_is_a_bad_request(self, server: ServerThread, order: dict[str, Any]) -> None:
        assert server.http("POST", "/api/v1/tokens", order, **bearer(server))[0] == 400

    def test_a_name_is_given_once_and_there_are_not_too_many(self, tmp_path: Path) -> None:
        async def fill() -> None:
            tokens = Tokens(tmp_path / "tokens.json", NOBODY)
            for number in range(MOST_TOKENS):
                await tokens.add(TokenOrder(str(number), "read"))
            with pytest.raises(LicensingError, match="there is a token named 1"):
                await tokens.add(TokenOrder("1", "read"))
            with pytest.raises(LicensingError, match="there are 100 tokens"):
                await tokens.add(TokenOrder("x", "read"))

        asyncio.run(fill())

    @pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"x":{}}'])
    def test_a_damaged_file_is_made_anew_from_its_copy(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "tokens.json"
        secret = asyncio.run(Tokens(path, NOBODY).add(TokenOrder("x", "read")))
        path.write_bytes(content)

        assert Tokens(path, NOBODY).find(secret) == ("x", Scope.READ)

    def test_a_server_without_its_tokens_serves_and_nobody_gets_in_by_one(self, closed: ServerThread) -> None:
        headers = token(closed, "admin")
        closed.stop()
        for name in ("tokens.json", "tokens.json.copy"):
            (closed.state / name).write_bytes(b"damaged")
        with pytest.raises(LostError):
            Tokens(closed.state / "tokens.json", NOBODY)
        closed.start()

        assert closed.http("GET", "/api/v1/info", **headers)[0] == 401
        eventually(lambda: "state_corrupt" in self.alarms(closed), "the alarm is raised")

    def alarms(self, server: ServerThread) -> set[str]:
        return {one["code"] for one in server.http("GET", "/api/v1/info", **bearer(server))[1]["alarms"]}

    def test_that_it_was_made_and_removed_is_an_event(self, server: ServerThread) -> None:
        token(server, "read")
        server.http("DELETE", "/api/v1/tokens/a-read", **bearer(server))

        def names() -> list[str]:
            _, answer = server.http("GET", "/api/v1/events?kind=settings_changed")
            return [event["names"] for event in answer["events"]]

        eventually(lambda: names() == ["token a-read"] * 2, "both are on disk")


class TestCommand:
    def test_it_is_made_shown_once_listed_and_removed(self, closed: ServerThread) -> None:
        made = json.loads(licctl(closed, "--json", "token", "add", "zabbix", "--scope", "read", "--days", "30").stdout)
        listed = licctl(closed, "token", "list").stdout
        removed = [licctl(closed, "token", "remove", "zabbix").stdout for _ in range(2)]

        assert made["name"] == "zabbix"
        assert "zabbix  read" in listed
        assert made["token"] not in listed
        assert removed == ["The token zabbix opens nothing any more.\n", "The token zabbix is not there.\n"]
        assert licctl(closed, "token", "list").stdout == "There are no tokens.\n"

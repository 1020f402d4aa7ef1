# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What administrators do is told with whose hand did it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from licserver.server.actors import Actor, acting, by_whom
from licserver.server.scopes import Scope
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.running import ServerThread, eventually
from server_core.tests.server.helpers import basic, bearer

_ACTOR = ("actor", "token", "actor_address")


def hands(server: ServerThread, kind: str) -> list[dict[str, Any]]:
    """By whom every event of a kind was, once one is on disk."""

    def found() -> list[dict[str, Any]]:
        _, answer = server.http("GET", f"/api/v1/events?kind={kind}", **bearer(server))
        return [{name: event[name] for name in _ACTOR if name in event} for event in answer["events"]]

    return eventually(found, f"{kind} is on disk")


def use(server: ServerThread, use: bool, headers: Mapping[str, str]) -> int:
    return server.http("PATCH", f"/api/v1/keys/{KEY}", {"use": use}, **headers)[0]


def test_everything_that_is_changed_says_by_whom(server: ServerThread) -> None:
    order = {"name": "nightly", "scope": "admin"}
    token = server.http("POST", "/api/v1/tokens", order, **bearer(server))[1]["token"]
    nightly = {"Authorization": f"Bearer {token}"}
    local = {"actor": "local", "actor_address": "127.0.0.1"}
    by_token = {"actor": "token", "token": "nightly", "actor_address": "127.0.0.1"}
    with server.client() as client:
        client.take()
        server.http("POST", "/api/v1/connections/release", {"all": True}, **nightly)
    server.http("PATCH", f"/api/v1/keys/{KEY}", {"access_code": "x"}, **nightly)
    server.http("PATCH", "/api/v1/settings", {"idle_minutes": 5, "web_port": 15999}, **nightly)
    server.http("DELETE", f"/api/v1/keys/{KEY}", **nightly)
    server.http("PATCH", "/api/v1/settings", {"web_port": 15201}, **nightly)
    run = server.http("GET", "/api/v1/info")[1]["server"]["run"]
    server.http("POST", "/api/v1/restart", **nightly)
    eventually(lambda: restarted(server, run), "the next run answers")

    assert {kind: hands(server, kind) for kind in ("released", "key_changed", "key_lost", "restart_requested")} == {
        "released": [by_token],
        "key_changed": [by_token],
        "key_lost": [by_token],
        "restart_requested": [by_token],
    }
    assert hands(server, "settings_changed") == [local, by_token, by_token, by_token]


def restarted(server: ServerThread, run: str) -> bool:
    try:
        return bool(server.http("GET", "/api/v1/info")[1]["server"]["run"] != run)
    except OSError:
        return False


def test_the_user_is_told_from_a_command_on_the_servers_computer(
    make_server: Callable[..., ServerThread], credentials: dict[str, str], vendor: Vendor, computer: Computer
) -> None:
    server = make_server(**credentials)
    vendor.install(server.state, computer)
    server.start()
    use(server, False, basic("Админ", "пароль"))
    use(server, True, bearer(server))

    assert [one["actor"] for one in hands(server, "key_changed")] == ["user", "local"]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "on the server&#39;s own computer"), ("ru", "на самом компьютере сервера")]
)
def test_the_page_of_events_says_so_in_the_readers_language(server: ServerThread, language: str, said: str) -> None:
    use(server, False, bearer(server))
    hands(server, "key_changed")

    _, text = server.http("GET", "/events?kind=key_changed", **{"Accept": "text/html", "Accept-Language": language})
    assert said in text


def test_what_the_server_finds_is_by_nobody(server: ServerThread) -> None:
    for path in server.state.rglob("*.dongle"):
        path.unlink()
    server.http("GET", "/api/v1/keys/verification", **bearer(server))

    assert hands(server, "key_lost") == [{}]


def test_who_acts_answers_for_what_is_done_meanwhile_only() -> None:
    one, other = Actor("user", Scope.ADMIN, "192.0.2.1"), Actor("token", Scope.READ, "192.0.2.2", "zabbix")
    with acting(one):
        with acting(other):
            inner = by_whom()
        outer = by_whom()

    assert inner == {"actor": "token", "token": "zabbix", "actor_address": "192.0.2.2"}
    assert outer == {"actor": "user", "actor_address": "192.0.2.1"}
    assert by_whom() == {}

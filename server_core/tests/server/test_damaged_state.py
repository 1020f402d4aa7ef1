# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server whose state was damaged while it was stopped: it says so, and serves."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from licserver.activation import ActivationError
from licserver.server.requests import RequestFolder
from licserver.wire.messages import Granted
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.portable import mode_bits
from server_core.tests.running import ServerThread, eventually, refusal
from server_core.tests.server.branch import Branch

CODE = "открой"


@pytest.fixture
def coded(server: ServerThread) -> ServerThread:
    """A running server whose one key has an access code."""
    status, _ = server.http(
        "PATCH", f"/api/v1/keys/{KEY}", {"access_code": CODE}, Authorization=f"Bearer {server.token}"
    )
    assert status == 200
    return server


def alarms(server: ServerThread) -> list[str]:
    """What is wrong, as the API says it, once there is anything: the file that was set aside."""

    def found() -> list[dict[str, Any]]:
        status, info = server.http("GET", "/api/v1/info")
        assert status == 200
        answer: list[dict[str, Any]] = info["alarms"]
        return answer

    return [alarm["subject"].partition(".corrupt-")[0] for alarm in eventually(found, "an alarm is raised")]


def damage(server: ServerThread, *names: str) -> None:
    server.stop()
    for name in names:
        (server.state / name).write_bytes(b"\xff{damaged")


def test_of_its_connections_the_server_serves_on(server: ServerThread) -> None:
    damage(server, "leases.sqlite")
    server.start()

    assert alarms(server) == ["leases.sqlite"]
    with server.client() as client:
        assert isinstance(client.take(), Granted)


@pytest.mark.parametrize("name", ["keys.json", "server_id"])
def test_of_what_is_kept_twice_nothing_is_lost(coded: ServerThread, name: str) -> None:
    with coded.client() as client:
        before = client.hello()
    damage(coded, name)
    coded.start()

    assert alarms(coded) == [name]
    with coded.client() as client:
        assert client.take(access_code=CODE)
        assert client.welcome.server_id == before.server_id
    with coded.client() as client:
        client.hello()
        assert refusal(client.login()) == "no_key"


def test_where_nobody_knows_the_access_codes_no_key_serves_until_it_is_set_again(coded: ServerThread) -> None:
    damage(coded, "keys.json", "keys.json.copy")
    for _ in range(2):
        coded.start()
        with coded.client() as client:
            client.hello()
            assert refusal(client.login()) == "no_key"
            assert refusal(client.login(access_code=CODE)) == "no_key"
        assert sorted(alarms(coded)) == ["keys.json", "keys.json.copy"]
        coded.stop()
    coded.start()
    wanted = {"use": True, "access_code": CODE}
    coded.http("PATCH", f"/api/v1/keys/{KEY}", wanted, Authorization=f"Bearer {coded.token}")

    with coded.client() as client:
        assert isinstance(client.take(access_code=CODE), Granted)


def test_a_server_whose_id_is_lost_gets_another_and_its_access_codes_hold(coded: ServerThread) -> None:
    with coded.client() as client:
        known = client.hello().server_id
    damage(coded, "server_id", "server_id.copy")
    coded.start()

    with coded.client() as client:
        assert client.hello().server_id != known
        assert isinstance(client.login(access_code=CODE), Granted)


def test_a_control_file_that_a_crash_left_damaged_is_set_aside(server: ServerThread) -> None:
    damage(server, "control.json")
    server.start()

    assert alarms(server) == ["control.json"]
    assert server.token


def test_a_damaged_kit_is_set_aside_and_its_keys_say_what_is_missing(server: ServerThread, vendor: Vendor) -> None:
    damage(server, f"kits/{vendor.kid}.json")
    server.start()

    assert alarms(server) == [f"{vendor.kid}.json"]
    _, info = server.http("GET", "/api/v1/info")
    assert "no vendor's kit here has it" in info["keys"][0]["problem"]


def test_a_kit_of_a_newer_server_is_left_alone(server: ServerThread, vendor: Vendor) -> None:
    server.stop()
    path = server.state / "kits" / f"{vendor.kid}.json"
    newer = json.loads(path.read_bytes()) | {"version": 2}
    path.write_text(json.dumps(newer))
    server.start()

    assert json.loads(path.read_bytes()) == newer


def test_everything_damaged_at_once_is_no_reason_not_to_serve(
    make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer
) -> None:
    made = make_server("ruin")
    made.start()
    names = [str(path.relative_to(made.state)) for path in made.state.rglob("*") if path.is_file()]
    damage(made, *names)
    made.start()
    made.stop()
    vendor.install(made.state, computer)
    made.start()

    with made.client() as client:
        assert isinstance(client.take(), Granted)


def test_a_stop_and_a_start_are_events(server: ServerThread) -> None:
    server.restart()
    server.stop()
    server.start()

    def kinds() -> list[str]:
        _, answer = server.http("GET", "/api/v1/events")
        return [event["kind"] for event in answer["events"] if event["kind"].startswith("server_")]

    expected = ["server_started", "server_stopped"] * 2 + ["server_started"]
    eventually(lambda: kinds() == expected, "starts and stops are told in their order")


def test_what_an_administrator_sets_for_a_key_is_an_event_without_the_access_code(coded: ServerThread) -> None:
    coded.stop()
    coded.start()
    _, answer = coded.http("GET", "/api/v1/events?kind=key_changed")

    assert [(event["key_number"], event["changes"]) for event in answer["events"]] == [(KEY, "access_code")]
    assert CODE not in json.dumps(answer, ensure_ascii=False)


@mode_bits
def test_files_set_aside_are_readable_for_their_owner_only(coded: ServerThread) -> None:
    damage(coded, "keys.json")
    coded.start()

    (aside,) = coded.state.glob("keys.json.corrupt-*")
    assert aside.stat().st_mode & 0o077 == 0
    assert Path(coded.state / "keys.json").stat().st_mode & 0o077 == 0


def test_a_request_that_waits_for_its_answer_is_missed_from_the_start_on(branch: Branch) -> None:
    branch.post("requests", key_number=KEY, pin="1111-1111", kit=branch.kit)
    (waiting,) = (branch.server.state / "requests").iterdir()
    damage(branch.server, f"requests/{waiting.name}")
    branch.server.start()

    assert alarms(branch.server) == [waiting.name]
    _, listed = branch.server.http("GET", "/api/v1/requests", Authorization=f"Bearer {branch.server.token}")
    (aside,) = listed["damaged"]
    assert listed["requests"] == []
    assert Path(aside).read_bytes() == b"\xff{damaged"


def test_a_request_that_may_not_be_read_keeps_no_server_from_starting(
    make_server: Callable[..., ServerThread], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(folder: RequestFolder) -> list[Any]:
        raise ActivationError("bad_state", "requests/x.json cannot be read: Permission denied")

    monkeypatch.setattr(RequestFolder, "waiting", forbidden)
    server = make_server().start()

    status, answer = server.http("GET", "/api/v1/requests", Authorization=f"Bearer {server.token}")
    assert (status, answer["error"]["code"]) == (409, "bad_state")

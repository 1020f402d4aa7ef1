# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a running server over its JSON API."""

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from licserver.ini_text import IniText
from licserver.server.settings_change import SettingsChange, change_ini
from licserver.server.settings_keeper import COPY_NAME
from server_core.tests.portable import mode_bits
from server_core.tests.running import PORT, WEB_PORT, ServerThread, eventually
from server_core.tests.server.helpers import basic, bearer


def change(server: ServerThread, check: bool = False, **wanted: Any) -> tuple[int, Any]:
    return server.http("PATCH", f"/api/v1/settings{'?check=true' if check else ''}", wanted, **bearer(server))


def test_they_are_shown_without_secrets(closed: ServerThread) -> None:
    status, answer = closed.http("GET", "/api/v1/settings", **bearer(closed))

    assert status == 200
    assert answer == {
        "settings": {
            "port": PORT,
            "web_port": WEB_PORT,
            "local": True,
            "bind_address": closed.address,
            "names": [],
            "idle_minutes": 10,
            "credentials_set": True,
            "tls": False,
            "tls_certificate": "",
            "tls_key": "",
            "language": "",
        },
        "restart_needed": [],
    }


def test_what_can_be_is_in_force_at_once_and_the_rest_is_named(server: ServerThread) -> None:
    status, answer = change(server, idle_minutes=33, web_port=15999)

    assert (status, answer["changed"]) == (200, True)
    assert (answer["applied"], answer["restart_needed"]) == (["IdleTime"], ["WebPort"])
    assert answer["settings"]["web_port"] == 15999
    assert server.server.desk.book.idle_seconds == 33 * 60
    assert {"IdleTime=33", "WebPort=15999"} <= set(server.ini.read_text().splitlines())
    assert server.http("GET", "/api/v1/settings")[1]["restart_needed"] == ["WebPort"]


def test_each_change_is_an_event(server: ServerThread) -> None:
    change(server, idle_minutes=33, web_port=15999)
    change(server, idle_minutes=33, web_port=15999)

    def names() -> list[str]:
        _, answer = server.http("GET", "/api/v1/events?kind=settings_changed")
        return [event["names"] for event in answer["events"]]

    eventually(lambda: names() == ["IdleTime", "WebPort"], "both are on disk")


def test_a_second_time_nothing_changes(server: ServerThread) -> None:
    change(server, idle_minutes=33, web_port=15999)
    written = server.ini.stat().st_mtime_ns
    _, answer = change(server, idle_minutes=33, web_port=15999)

    assert (answer["changed"], answer["applied"], answer["restart_needed"]) == (False, [], ["WebPort"])
    assert server.ini.stat().st_mtime_ns == written


def test_a_check_tells_what_would_change_and_changes_nothing(server: ServerThread) -> None:
    before = server.ini.read_bytes()
    _, answer = change(server, check=True, idle_minutes=33, tls=True)

    assert (answer["changed"], answer["applied"], answer["restart_needed"]) == (True, ["IdleTime"], ["TLS"])
    assert server.ini.read_bytes() == before
    assert not (server.state / "tls").exists()


def test_new_credentials_are_asked_for_from_now_on(server: ServerThread) -> None:
    _, answer = change(server, user="Админ", password="пароль")

    assert answer["applied"] == ["user", "password"]
    assert server.http("GET", "/api/v1/info")[0] == 401
    assert server.http("GET", "/api/v1/info", **basic("Админ", "пароль"))[0] == 200


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"port": 99999}, "port=99999: not a number from 1 to 65535"),
        ({"port": WEB_PORT}, "port and WebPort must differ"),
        ({"tls": True, "tls_certificate": "/nowhere.pem", "tls_key": "/nowhere.key"}, "/nowhere.pem"),
    ],
)
def test_what_cannot_be_changes_nothing(server: ServerThread, wanted: dict[str, Any], message: str) -> None:
    before = server.ini.read_bytes()
    status, answer = change(server, idle_minutes=33, **wanted)

    assert status == 409
    assert message in answer["error"]["message"]
    assert server.ini.read_bytes() == before
    assert server.server.desk.book.idle_seconds == 600


@pytest.mark.parametrize("query", ["", "?check=true"])
def test_where_it_could_not_listen_after_a_restart_is_refused_at_once(server: ServerThread, query: str) -> None:
    before = server.ini.read_bytes()
    with socket.create_server((server.address, 0)) as taken:
        port = {"port": taken.getsockname()[1]}
        answers = [
            server.http("PATCH", f"/api/v1/settings{query}", wanted, **bearer(server))
            for wanted in (port, {"local": False, "bind_address": "192.0.2.7"})
        ]

    assert [(status, answer["error"]["code"]) for status, answer in answers] == [
        (409, "port_unavailable"),
        (409, "address_unavailable"),
    ]
    assert server.ini.read_bytes() == before


@pytest.mark.parametrize("wanted", [{"port": "15300"}, {"Port": 1}, {"local": 1}])
def test_what_is_no_setting_is_a_bad_request(server: ServerThread, wanted: dict[str, Any]) -> None:
    assert change(server, **wanted)[0] == 400


def test_they_are_changed_by_nobody_without_credentials(server: ServerThread) -> None:
    assert server.http("PATCH", "/api/v1/settings", {"idle_minutes": 1})[0] == 401


@mode_bits
def test_owner_and_rights_of_the_ini_stay_and_its_old_content_is_kept(server: ServerThread) -> None:
    server.ini.chmod(0o660)
    before, inode = server.ini.read_bytes(), server.ini.stat().st_ino
    change(server, idle_minutes=33)

    assert (server.ini.stat().st_mode & 0o777, server.ini.stat().st_ino) == (0o660, inode)
    assert (server.state / COPY_NAME).read_bytes() == before
    assert (server.state / COPY_NAME).stat().st_mode & 0o777 == 0o600


def test_an_ini_that_may_not_be_written_is_one_clear_refusal(
    make_server: Callable[..., ServerThread], small_disk: Path
) -> None:
    server = make_server()
    server.ini = Path(shutil.copy(server.ini, small_disk))
    server.start()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    status, answer = change(server, idle_minutes=33)

    assert (status, answer["error"]["code"]) == (409, "forbidden")
    assert "chmod g+w" in answer["error"]["hint"]


def test_what_a_role_wrote_meanwhile_is_not_undone(server: ServerThread, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(data: bytes, wanted: SettingsChange) -> bytes:
        server.ini.write_bytes(data + b"IdleTime=44\n")
        return change_ini(data, wanted)

    monkeypatch.setattr("licserver.server.settings_keeper.change_ini", slowly)
    status, answer = change(server, web_port=15999)

    assert (status, answer["error"]["code"]) == (409, "changed_meanwhile")
    assert server.ini.read_bytes().endswith(b"IdleTime=44\n")


@pytest.mark.parametrize("line", ["password Ki9-marked", "=Ki9-marked", "Ki9-marked"])
def test_what_is_wrong_with_the_ini_tells_no_half_password(server: ServerThread, line: str) -> None:
    server.ini.write_text(f"port=15200\n{line}\n")
    status, answer = server.http("GET", "/api/v1/settings")

    assert status == 409
    assert "line 2" in answer["error"]["message"]
    assert "Ki9" not in str(answer)


def test_a_disk_that_is_full_leaves_the_ini_as_it_was(
    make_server: Callable[..., ServerThread], small_disk: Path
) -> None:
    server = make_server()
    ini = small_disk / "licserver.ini"
    ini.write_bytes(server.ini.read_bytes() + b"; " + b"x" * 4000 + b"\n")
    server.ini = ini
    server.start()
    before = ini.read_bytes()
    with (small_disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(bytes(4096)):
            pass
    path = "/" + "y" * 4090

    status, answer = change(server, tls_certificate=path, tls_key=path)

    assert (status, answer["error"]["code"]) == (409, "write_failed")
    assert ini.read_bytes() == before
    assert IniText.parse(before).get("TLSKey") is None

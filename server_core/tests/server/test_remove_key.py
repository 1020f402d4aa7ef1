# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing a key: its file, its holders, and what is told of it."""

from pathlib import Path
from typing import Any

import pytest

from licserver.keys import KeyFileError
from licserver.keys.keyring import KeyFolder
from licserver.system import this_system
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.portable import posix_only
from server_core.tests.running import ServerThread, eventually, refusal
from server_core.tests.server.helpers import bearer


def remove(server: ServerThread, query: str = "", key_number: str = KEY) -> Any:
    status, answer = server.http("DELETE", f"/api/v1/keys/{key_number}{query}", **bearer(server))
    assert status == 200, answer
    return answer


def files(server: ServerThread) -> list[Path]:
    return list(this_system().key_folder(server.state).iterdir())


def listed(server: ServerThread) -> list[str]:
    _, info = server.http("GET", "/api/v1/info")
    return [key["key_number"] for key in info["keys"]]


def test_a_removed_key_serves_no_more_and_its_holder_is_told(server: ServerThread) -> None:
    with server.client() as client:
        client.take()
        answer = remove(server)

        assert (answer["changed"], answer["key_number"]) == (True, KEY)
        assert refusal(client.renew()) == "key_gone"
    assert listed(server) == []


def test_its_copy_works_again_under_its_old_name(server: ServerThread) -> None:
    copy = Path(remove(server)["copy"])

    copy.rename(this_system().key_folder(server.state) / f"{KEY}.dongle")
    server.restart()

    with server.client() as client:
        assert client.take().lease


def test_purged_it_leaves_no_copy(server: ServerThread) -> None:
    assert remove(server, "?purge=true")["copy"] is None
    assert files(server) == []


def test_a_key_that_does_not_work_can_be_removed_too(server: ServerThread, computer: Computer) -> None:
    computer.facts["disk"] = "another"

    assert remove(server)["changed"]
    assert listed(server) == []


@pytest.mark.parametrize("number", ["100-0009", "..", "%2e%2e%2fserver_id", "*"])
def test_what_is_no_key_here_is_nothing_to_remove(server: ServerThread, number: str) -> None:
    before = sorted(server.state.iterdir())

    status, answer = server.http("DELETE", f"/api/v1/keys/{number}", **bearer(server))

    assert (status, answer if status != 200 else answer["changed"]) in ((200, False), (404, answer), (405, answer))
    assert sorted(server.state.iterdir()) == before
    assert listed(server) == [KEY]


def test_check_only_tells(server: ServerThread) -> None:
    assert remove(server, "?check=true") == {"changed": True, "key_number": KEY, "copy": None}
    assert listed(server) == [KEY]


def test_only_who_may_change_something_removes_a_key(server: ServerThread) -> None:
    assert server.http("DELETE", f"/api/v1/keys/{KEY}")[0] == 401


def test_the_log_of_events_says_who_did_it(server: ServerThread) -> None:
    remove(server)

    def told() -> list[tuple[str, str]]:
        _, found = server.http("GET", "/api/v1/events?kind=key_lost")
        return [(one["key_number"], one["reason"]) for one in found["events"]]

    assert eventually(told, "the event is written") == [(KEY, "an administrator removed it")]


def test_two_copies_of_a_key_have_two_names(tmp_path: Path, vendor: Vendor, computer: Computer) -> None:
    folder, copies = KeyFolder(tmp_path), []
    for _ in range(2):
        vendor.install(tmp_path, computer)
        copies.append(folder.remove(KEY, purge=False))

    assert len({copy for copy in copies if copy is not None and copy.exists()}) == 2
    assert folder.remove(KEY, purge=False) is None


@posix_only("a folder cannot be taken for a file that is there")
def test_a_file_that_cannot_be_removed_is_named(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    folder.path(KEY).mkdir()

    with pytest.raises(KeyFileError, match=f"{KEY}.dongle cannot be removed"):
        folder.remove(KEY, purge=True)

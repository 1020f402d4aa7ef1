# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk of a license server is full: nobody gets a license, everybody keeps his, and it mends itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from licserver.documents import Counter
from licserver.system import this_system
from licserver.wire.messages import Freed, Granted, Renewed
from server_core.tests.helpers import Vendor
from server_core.tests.processes import ServerProcess, command, server_process
from server_core.tests.running import Client, eventually, http_request, refusal
from tests.endurance.disks import fill, small_disk

LIMIT = 100
START_SECONDS = 60.0


@contextlib.contextmanager
def running_server(tmp_path: Path) -> Iterator[tuple[ServerProcess, Path]]:
    """A server whose state has little room, and the file that takes it away."""
    (tmp_path / "state").mkdir(mode=0o700)
    with small_disk(tmp_path / "state") as filler, server_process(tmp_path) as server:
        counter = Counter(name="main", type="session", limit=LIMIT)
        Vendor().install(server.state, this_system().fact_reader(), "100-0001", counter)
        yield server.start(START_SECONDS), filler


def info(server: ServerProcess) -> dict[str, Any]:
    status, answer = http_request(server.address, "GET", "/api/v1/info")
    assert status == 200
    found: dict[str, Any] = answer
    return found


def alarms(server: ServerProcess) -> list[str]:
    return [alarm["code"] for alarm in info(server)["alarms"]]


def alarm_events(server: ServerProcess) -> list[str]:
    _, answer = http_request(server.address, "GET", "/api/v1/events?kind=alarm&kind=alarm_ended")
    return [event["kind"] for event in answer["events"] if event["code"] == "disk_full"]


def is_refused(server: ServerProcess, holders: list[Client]) -> bool:
    """Whether somebody who comes gets no license because the disk is full; who gets one holds it."""
    client = Client(server.address)
    client.hello()
    answer = client.login()
    if isinstance(answer, Granted):
        holders.append(client)
        return False
    client.socket.close()
    assert refusal(answer) == "disk_full"
    return True


def again(server: ServerProcess, before: Client) -> Client:
    """The same product after its connection was lost."""
    before.socket.close()
    client = Client(server.address, private=before.private)
    client.hello()
    client.granted, client.sequence = before.granted, before.sequence
    return client


def test_while_the_disk_is_full_nobody_gets_a_license_and_everybody_keeps_his(tmp_path: Path) -> None:
    with running_server(tmp_path) as (server, filler):
        holders: list[Client] = []
        for _ in range(3):
            assert not is_refused(server, holders)
        fill(filler)

        eventually(lambda: is_refused(server, holders), "the disk is full")
        eventually(lambda: alarms(server) == ["disk_full"], "an alarm is raised")
        told = command("licctl", "--ini", server.ini, "--state", server.state, "info")
        assert "Alarm:       the ledger" in told.stdout
        assert all(isinstance(holder.renew(), Renewed) for holder in holders)

        server.kill()
        server.start(START_SECONDS)  # also a server that starts on a full disk keeps its promises
        holders = [again(server, holder) for holder in holders]
        assert all(isinstance(holder.renew(), Renewed) for holder in holders)
        eventually(lambda: is_refused(server, holders), "the disk is still full")
        eventually(lambda: alarms(server) == ["disk_full"], "an alarm is raised again")

        filler.unlink()
        eventually(lambda: not is_refused(server, holders), "there is room, and it is used")
        eventually(lambda: alarms(server) == [], "the alarm is over")
        assert info(server)["connections"] == len(holders)
        assert all(isinstance(holder.logout(), Freed) for holder in holders)
        assert info(server)["connections"] == 0
        for holder in holders:
            holder.socket.close()

        eventually(lambda: alarm_events(server) == ["alarm", "alarm_ended"], "what happened is in the log of events")
        _, verified = http_request(server.address, "GET", "/api/v1/events/verification")
        assert verified["verification"]["problems"] == []
        assert "Traceback" not in server.log.read_text()

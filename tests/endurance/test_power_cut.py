# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The power goes while a license server works: what it had answered holds, though everything unflushed is gone."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from licserver.documents import Counter
from licserver.events import MOST_EVENTS
from licserver.system import this_system
from licserver.wire.messages import AnyAnswer, Freed, Granted, Renewed
from server_core.tests.helpers import Vendor
from server_core.tests.processes import ServerProcess, server_process
from server_core.tests.running import Client, http_request, refusal
from tests.endurance.disks import ImageDisk, image_disk

CUTS = 3
WORKERS = 6
LIMIT = 24
START_SECONDS = 60.0
UNFLUSHED = b"nobody asked for a flush of this" * 2048


class LastingClient(Client):
    """A client that notices when the server is gone."""

    def receive(self) -> AnyAnswer:
        answer = super().receive()
        if answer is None:
            raise ConnectionAbortedError
        return answer


@dataclass
class Memory:
    """What clients were told.

    :ivar held: the client of each lease that was granted, and that it did not want to end.
    :ivar ended: leases of which the server said that they are freed.
    :ivar wrong: answers that should not be.
    """

    held: dict[str, Client] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    wrong: list[object] = field(default_factory=list)


def test_what_was_answered_before_the_power_went_holds_after_it(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    chance, ended = random.Random(1), 0
    with image_disk(tmp_path / "disk.img", tmp_path / "state") as disk, server_process(tmp_path) as server:
        counter = Counter(name="main", type="session", limit=LIMIT)
        Vendor().install(server.state, this_system().fact_reader(), "100-0001", counter)
        disk.flush()
        server.start(START_SECONDS)
        for _ in range(CUTS):
            memory = _cut_under_load(server, disk, chance)
            server.start(START_SECONDS)
            _judge(server, memory)
            ended += len(memory.ended)
        server.kill()
        assert "Traceback" not in server.log.read_text()
    assert ended > CUTS * WORKERS, "the load was none: nothing was tested"


def _cut_under_load(server: ServerProcess, disk: ImageDisk, chance: random.Random) -> Memory:
    memory, marker = Memory(), disk.folder / "unflushed"
    seeds = [chance.random() for _ in range(WORKERS)]
    workers = [threading.Thread(target=_work, args=(server.address, memory, random.Random(seed))) for seed in seeds]
    for worker in workers:
        worker.start()
    time.sleep(chance.uniform(0.4, 0.9))  # the load goes on for a while: when the power goes is up to chance
    marker.write_bytes(UNFLUSHED)
    disk.cut_power(server)
    for worker in workers:
        worker.join()
    assert not marker.exists() or marker.read_bytes() != UNFLUSHED, "the cut took nothing away: it shows nothing"
    return memory


def _work(address: str, memory: Memory, chance: random.Random) -> None:
    """Take licenses and give most of them back, until the server answers no more."""
    with contextlib.suppress(OSError):
        while True:
            with LastingClient(address) as client:
                _visit(client, memory, chance)


def _visit(client: Client, memory: Memory, chance: random.Random) -> None:
    client.hello()
    answer = client.login(f"user {chance.randrange(1000)}")
    if not isinstance(answer, Granted):
        if refusal(answer) != "no_free_license":
            memory.wrong.append(answer)
        return
    memory.held[answer.lease] = client
    for _ in range(chance.randrange(3)):
        renewed = client.renew()
        if not isinstance(renewed, Renewed):
            memory.wrong.append(renewed)
    if chance.random() < 0.8:
        del memory.held[answer.lease]
        if isinstance(client.logout(), Freed):
            memory.ended.add(answer.lease)


def _judge(server: ServerProcess, memory: Memory) -> None:
    """See whether the server knows what it said; then give everything back."""
    assert memory.wrong == []
    _, listed = http_request(server.address, "GET", "/api/v1/connections")
    leases = [one["lease"] for one in listed["connections"]]
    assert len(leases) == len(set(leases)) <= LIMIT
    assert memory.held.keys() <= set(leases), "a license was lost"
    assert not memory.ended & set(leases), "a license that was given back is in use"
    for lease, before in memory.held.items():
        with Client(server.address, private=before.private) as client:
            client.hello()
            client.granted, client.sequence = before.granted, before.sequence
            assert isinstance(client.renew(), Renewed), lease
            assert isinstance(client.logout(), Freed), lease
    _judge_events(server, {*memory.held, *memory.ended})


def _judge_events(server: ServerProcess, granted: set[str]) -> None:
    _, verified = http_request(server.address, "GET", "/api/v1/events/verification")
    assert verified["verification"]["problems"] == []
    _, answer = http_request(server.address, "GET", f"/api/v1/events?kind=granted&limit={MOST_EVENTS}")
    assert len(answer["events"]) == MOST_EVENTS or granted <= {event["lease"] for event in answer["events"]}

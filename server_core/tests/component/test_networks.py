# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real networks: ``*AUTO`` for a client with two cards, one of them on a bridge, and the doctor where no way leads."""

import json
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from server_core.tests.networks import NetworkedComputer

FIRST_ANSWER_SECONDS = 0.05
"""How soon a search on a bridge must be answered."""
ROUNDS = 3

DOCTOR = """
import sys
from pathlib import Path
from licserver.component.doctor import Doctor
for step in Doctor(Path(sys.argv[1])).examine().steps:
    print(step.name, step.code or step.outcome)
"""

SEARCH = f"""
import json, time
from licserver.component.find import search
rounds = []
for _ in range({ROUNDS}):
    started = time.monotonic()
    rounds.append([(address.host, address.port, time.monotonic() - started) for address in search(1.0)])
print(json.dumps(rounds))
"""


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, tuple[int, float]]]:
    """What some searches found: by address, the port and after how many seconds."""
    with ExitStack() as computers:
        client, hub, near, silent, far = (
            computers.enter_context(NetworkedComputer(role)) for role in ("client", "hub", "near", "silent", "far")
        )
        hub.set_up("link add bridge type bridge", "link set bridge up")
        for computer, card in ((client, "to-client"), (near, "to-near"), (silent, "to-silent")):
            computer.plug("eth0", hub, card)
            hub.set_up(f"link set {card} master bridge")
        client.plug("eth1", far, "eth0")
        client.set_up("address add 10.66.1.1/24 dev eth0", "address add 10.66.2.1/24 dev eth1")
        near.set_up("address add 10.66.1.2/24 dev eth0")
        silent.set_up("address add 10.66.1.3/24 dev eth0")
        far.set_up("address add 10.66.2.2/24 dev eth0")
        folder = tmp_path_factory.mktemp("servers")
        near.serve(folder / "near", Local=0)
        silent.serve(folder / "silent", Local=1)
        far.serve(folder / "far", Local=0, port=16200, BindAddress="10.66.2.2")
        found = json.loads(client.run(sys.executable, "-c", SEARCH))
        return [{host: (port, seconds) for host, port, seconds in one} for one in found]


def test_servers_in_every_network_answer_and_none_with_local(rounds: list[dict[str, tuple[int, float]]]) -> None:
    for one in rounds:
        assert {host: port for host, (port, _) in one.items()} == {"10.66.1.2": 15200, "10.66.2.2": 16200}


def test_the_first_answer_comes_at_once(rounds: list[dict[str, tuple[int, float]]]) -> None:
    first = [min(seconds for _, seconds in one.values()) for one in rounds]

    assert min(first) < FIRST_ANSWER_SECONDS, first  # the quickest round: the computer may be busy with other tests


def test_the_doctor_tells_a_missing_way_from_a_missing_computer(tmp_path: Path) -> None:
    ini = tmp_path / "client.ini"
    ini.write_text("server=10.67.1.1,10.66.1.9\n")
    with NetworkedComputer("patient") as client, NetworkedComputer("neighbor") as neighbor:
        client.plug("eth0", neighbor, "eth0")
        client.set_up("address add 10.66.1.1/24 dev eth0")

        found = client.run(sys.executable, "-c", DOCTOR, str(ini)).splitlines()

    assert found == ["client.ini ok", "route no_route", "route ok", "port unreachable"]

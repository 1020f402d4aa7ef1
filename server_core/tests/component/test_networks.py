# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``*AUTO`` on real networks: a client with two cards, the first of them plugged into a bridge with two servers."""

import json
import sys
from contextlib import ExitStack

import pytest

from server_core.tests.networks import NetworkedComputer

FIRST_ANSWER_SECONDS = 0.05
"""How soon a search on a bridge must be answered."""
ROUNDS = 3

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

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fleet of a given size looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.linux.plan import MAX_HOSTS, Host, groups, hosts, hosts_file, inventory


@pytest.mark.parametrize(
    ("count", "servers", "clients"),
    [(1, 0, 0), (2, 1, 0), (3, 2, 0), (6, 2, 3), (30, 5, 24), (99, 19, 79)],
)
def test_groups_share_out_all_hosts(count: int, servers: int, clients: int) -> None:
    shared = groups(count)

    assert [len(members) for members in shared.values()] == [1, servers, clients]
    assert [host for members in shared.values() for host in members] == hosts(count)


@pytest.mark.parametrize("fact", ["name", "address", "mac", "machine_id"])
def test_no_two_hosts_share_a_fact(fact: str) -> None:
    assert len({getattr(host, fact) for host in hosts(MAX_HOSTS)}) == MAX_HOSTS


def test_facts_of_a_host_stay_the_same_from_fleet_to_fleet() -> None:
    host = Host(2)

    assert (host.mac, host.machine_id) == ("02:4c:41:42:00:02", "a6fc51d8a1ca520ca377107bac1426a6")


def test_inventory_names_the_address_of_every_host() -> None:
    everything = inventory(6, Path("/project"), Path("/lab/ssh"), Path("/run/ssh"))["all"]

    assert isinstance(everything, dict)
    clients = everything["children"]["license_clients"]["hosts"]
    assert clients == {f"h{number}": {"ansible_host": f"10.78.0.{10 + number}"} for number in (4, 5, 6)}


def test_hosts_file_names_every_host() -> None:
    lines = hosts_file().splitlines()

    assert {f"{host.address} {host.name}" for host in hosts(MAX_HOSTS)} <= set(lines)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `fleet` on real hosts. Takes the one fleet of this machine."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.linux.plan import LOGIN_USER, Host

HERE = Path(__file__).parent
SSH = HERE.parents[1] / "build/lab/ssh"

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="hosts need namespaces and mounts: root only"),
    pytest.mark.timeout(900),
]


def fleet(*arguments: str) -> str:
    done = subprocess.run([HERE / "fleet", *arguments], capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def on_host(host: Host, command: str) -> str:
    return subprocess.run(
        [SSH, f"{LOGIN_USER}@{host.address}", command], capture_output=True, text=True, check=False, timeout=30
    ).stdout.strip()


@pytest.fixture
def two_hosts() -> Iterator[None]:
    fleet("up", "2")
    yield
    fleet("down")


@pytest.mark.usefixtures("two_hosts")
def test_up_leaves_hosts_that_run_as_they_are() -> None:
    boot = on_host(Host(1), "systemctl show --property UserspaceTimestampMonotonic")

    answer = fleet("up", "2")

    assert "0 of them new" in answer
    assert on_host(Host(1), "systemctl show --property UserspaceTimestampMonotonic") == boot


@pytest.mark.usefixtures("two_hosts")
def test_up_removes_hosts_beyond_the_number_asked_for() -> None:
    fleet("up", "1")

    assert fleet("status").split()[0] == "h1"
    assert len(fleet("status").splitlines()) == 1


@pytest.mark.usefixtures("two_hosts")
def test_facts_of_a_host_survive_its_reboot() -> None:
    facts = "cat /etc/machine-id /sys/class/net/eth0/address; hostname; "
    before = on_host(Host(2), f"{facts} touch kept; ls")

    boot = on_host(Host(2), "cat /proc/1/stat")
    on_host(Host(2), "sudo reboot")
    deadline = time.monotonic() + 30
    while on_host(Host(2), "cat /proc/1/stat") in ("", boot) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert on_host(Host(2), f"{facts} ls") == before


def test_up_works_after_a_run_that_was_killed() -> None:
    fleet("image")
    with subprocess.Popen([HERE / "fleet", "up", "2"], stdout=subprocess.DEVNULL) as killed:
        deadline = time.monotonic() + 10
        while not Path("/run/netns/h1").exists() and time.monotonic() < deadline:
            time.sleep(0.001)
        killed.kill()
    try:
        answer = fleet("up", "2")

        assert answer.startswith("2 hosts are up")
    finally:
        fleet("down")


@pytest.mark.usefixtures("two_hosts")
def test_hosts_have_no_way_out_and_know_each_other_by_name() -> None:
    assert on_host(Host(1), "getent hosts h2").split() == [Host(2).address, "h2"]
    assert on_host(Host(1), "getent hosts pypi.org") == ""

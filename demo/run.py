# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A working fleet on this one computer, from nothing, and what it is good for, in plain words.

`make demo` runs it, `make demo-down` stops what it leaves running. It ends with an error as soon as anything
that it claims is not so.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import hand_edits
from desks import Desk, start_products, stop_everything, stop_products
from playbooks import ROOT, DemoError, Place, Run, run_playbook

SITE = "playbooks/site.yml"
PRODUCT = "trade"
BRANCHES = ("north", "south", "east")
SERVERS = [f"{branch}-server" for branch in BRANCHES]
DESKS = [
    Desk(f"{branch}-desk-{number}", user)
    for (branch, number), user in zip(
        [(branch, number) for branch in BRANCHES for number in (1, 2)],
        ("anna", "boris", "vera", "gleb", "darya", "egor"),
        strict=True,
    )
]
FLEET = {"center", *SERVERS, *(desk.host for desk in DESKS)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("action", choices=["up", "down"])
    parser.add_argument("--directory", type=Path, default=ROOT / "build" / "demo", help="where the fleet lives")
    parser.add_argument("--network", default="127.0.77", help="the first three numbers of its loopback addresses")
    arguments = parser.parse_args()
    place = Place(arguments.directory.resolve(), arguments.network)
    try:
        (tell if arguments.action == "up" else take_down)(place)
    except DemoError as error:
        print(f"\ndemo: FAILED: {error}", file=sys.stderr)
        return 1
    return 0


def take_down(place: Place) -> None:
    ended = stop_everything(place)
    print(f"demo: {ended} processes ended; their state stays in {place.directory}" if ended else "demo: nothing runs")


def tell(place: Place) -> None:
    started = time.monotonic()
    begin_anew_with_another_payload(place)
    print(
        "An activation center, three branches with a license server each, and six desks:\n"
        f"all on this computer, under {place.directory}."
    )
    chapter("1. Set-up", lambda: set_up(place))
    chapter("2. The protected product starts on every desk", lambda: take_licenses(place))
    chapter("3. The same playbook once more", lambda: run_again(place))
    chapter("4. Somebody changes things by hand", lambda: correct_drift(place))
    chapter("5. The product never noticed", lambda: check_connections(place))
    print(f"\nAll of it took {time.monotonic() - started:.0f} s. Look at the license servers' pages:")
    for branch, server in zip(BRANCHES, addresses(place), strict=True):
        print(f"   {branch:<6} http://{server}:15201/connections")
    print(f"Log in as administrator; the password is in {place.directory / 'secrets' / 'web-password'}")
    print("Stop everything with: make demo-down")


def begin_anew_with_another_payload(place: Place) -> None:
    """A release is never installed twice under one version: right for hosts, wrong while a payload is being built."""
    [payload] = (ROOT / "roles" / "license_server" / "files").glob("*.whl")
    checksum, kept = hashlib.sha256(payload.read_bytes()).hexdigest(), place.directory / "payload.sha256"
    if place.directory.exists() and (not kept.exists() or kept.read_text() != checksum):
        print("The payload was built anew since the last time, so the fleet begins from nothing.")
        stop_everything(place)
        shutil.rmtree(place.directory)
    place.directory.mkdir(parents=True, exist_ok=True)
    kept.write_text(checksum)


def chapter(title: str, happen: Callable[[], None]) -> None:
    print(f"\n{title}")
    started = time.monotonic()
    happen()
    print(f"   {time.monotonic() - started:.1f} s", flush=True)


def addresses(place: Place) -> list[str]:
    return [f"{place.network}.{number}" for number in (11, 12, 13)]


def set_up(place: Place) -> None:
    stop_products(place)
    run = run_playbook(place, SITE, title="1-set-up")
    if set(run.ok) != FLEET:
        raise DemoError(f"the recap names {sorted(run.ok)}, the fleet is {sorted(FLEET)}")
    print_recap(run)


def print_recap(run: Run) -> None:
    for host in run.ok:
        print(f"   {host:<14} ok={run.ok[host]:<3} changed={run.changed[host]}")


def take_licenses(place: Place) -> None:
    answers = start_products(place, DESKS, PRODUCT)
    for desk in DESKS:
        answer = answers[desk.host]
        expected = addresses(place)[BRANCHES.index(desk.host.split("-")[0])]
        if expected not in str(answer["server"]):
            raise DemoError(f"{desk.host} got its license from {answer['server']}, not from its branch at {expected}")
        print(f"   {desk.host}  {desk.user:<6} has a license from {answer['server']}, key {answer['key_number']}")


def run_again(place: Place) -> None:
    run = run_playbook(place, SITE, title="3-again")
    if run.changed_hosts:
        raise DemoError(f"the second run changed {sorted(run.changed_hosts)}; see {place.logs / '3-again.log'}")
    print(f"   all {len(run.ok)} hosts: changed=0")


def correct_drift(place: Place) -> None:
    before = hand_edits.settings(place)
    for line in hand_edits.edit_by_hand(place):
        print(f"   {line}")
    edited = hand_edits.settings(place)

    found = run_playbook(place, SITE, "--check", "--diff", title="4-check")
    expect_edited_hosts("--check --diff", found)
    if hand_edits.settings(place) != edited:
        raise DemoError("--check changed a file")
    for host in sorted(found.changed_hosts):
        print(f"   {host:<14} {'  '.join(found.differences.get(host, ['would start its license server']))}")

    corrected = run_playbook(place, SITE, title="4-correct")
    expect_edited_hosts("the run that corrects", corrected)
    if hand_edits.settings(place) != before:
        raise DemoError("a settings file is not, byte for byte, what it was before the hand edits")
    left = run_playbook(place, "playbooks/drift.yml", title="4-drift")
    if left.changed_hosts:
        raise DemoError(f"there is still drift on {sorted(left.changed_hosts)}")
    print(f"   put right on {', '.join(sorted(corrected.changed_hosts))}; nothing else changed; no drift left")


def expect_edited_hosts(what: str, run: Run) -> None:
    if run.changed_hosts != hand_edits.EDITED_HOSTS:
        raise DemoError(
            f"{what} says changed on {sorted(run.changed_hosts)}, edited were {sorted(hand_edits.EDITED_HOSTS)}"
        )


def check_connections(place: Place) -> None:
    for branch, server in zip(BRANCHES, SERVERS, strict=True):
        wanted = {desk.user for desk in DESKS if desk.host.startswith(branch)}
        holders = {connection["user"] for connection in connections(place, server)}
        if not wanted <= holders:
            raise DemoError(f"{server} lost the licenses of {sorted(wanted - holders)}")
        print(f"   {server:<14} still serves {' and '.join(sorted(wanted))}")


def connections(place: Place, server: str) -> list[dict[str, str]]:
    home = place.of(server)
    command = [str(home / "opt" / "current" / "bin" / "licctl"), "--json", "--ini", str(home / "etc" / "licserver.ini")]
    asked = subprocess.run(
        [*command, "--state", str(home / "state"), "connections"], capture_output=True, text=True, timeout=30
    )
    if asked.returncode != 0:
        raise DemoError(f"licctl on {server}: {asked.stdout}{asked.stderr}")
    answered: list[dict[str, str]] = json.loads(asked.stdout)["connections"]
    return answered


if __name__ == "__main__":
    sys.exit(main())

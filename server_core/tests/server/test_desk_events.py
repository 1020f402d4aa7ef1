# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk: which events its decisions leave."""

import asyncio
from typing import Any

import pytest

from licserver.documents import Counter
from licserver.seats.lease import ACTIVE_SECONDS
from server_core.tests.helpers import KEY, NOW, PRODUCT, OwnKey, Vendor
from server_core.tests.server.helpers import ADDRESS, IDLE, Instance, Office, code

LAPSE = ACTIVE_SECONDS + 1.0


def connection(lease: str, user: str = "anna") -> dict[str, Any]:
    """A lease of the product, in the words of the list of connections."""
    return {
        "lease": lease,
        "user": user,
        "computer": "pc1",
        "product": PRODUCT,
        "counter": "main",
        "type": "session",
        "key_number": KEY,
        "session_number": 0,
        "rdp_session": 0,
    }


def kept(office: Office) -> list[dict[str, Any]]:
    """Every event on disk, without its number and time."""
    events = office.events()
    assert [event.pop("number") for event in events] == list(range(1, len(events) + 1))
    assert {event.pop("at") for event in events} <= {NOW}
    return events


def test_a_grant_is_on_disk_with_its_license_and_needs_no_second_flush(office: Office, key: OwnKey) -> None:
    lease = asyncio.run(Instance(office).take()).lease

    assert kept(office) == [{"kind": "granted", **connection(lease), "address": ADDRESS}]
    assert office.ledger.commits == 1


def test_a_repeated_login_is_the_same_grant_and_no_event(office: Office, key: OwnKey) -> None:
    async def twice() -> None:
        anna = Instance(office)
        await anna.take()
        await anna.take()

    asyncio.run(twice())

    assert [event["kind"] for event in kept(office)] == ["granted"]


def test_a_denial_says_why_and_to_whom(office: Office, key: OwnKey) -> None:
    async def denied() -> None:
        assert code(await Instance(office, "boris").login(product="other")) == "no_key"
        await office.desk.tick()

    asyncio.run(denied())

    assert kept(office) == [
        {
            "kind": "denied",
            "code": "no_key",
            "reason": "no protection key on this server serves the product other for this client",
            "address": ADDRESS,
            "request": "login",
            "user": "boris",
            "computer": "pc1",
            "product": "other",
            "counter": None,
            "session_number": 0,
            "rdp_session": 0,
        }
    ]


def test_a_denial_of_licenses_that_are_taken_says_who_has_them(office: Office, vendor: Vendor) -> None:
    async def denied() -> None:
        for number in range(5):
            await Instance(office, f"user{number}").login()
        await office.desk.tick()

    office.attach(OwnKey.of(vendor, KEY, Counter(name="main", type="session", limit=4)))
    asyncio.run(denied())

    event = kept(office)[-1]
    assert (event["code"], event["limit"]) == ("no_free_license", "4")
    assert event["holders"] == "user0 · pc1, user1 · pc1, user2 · pc1, …"


def test_a_denial_for_a_key_that_has_expired_names_it(office: Office, vendor: Vendor) -> None:
    async def denied() -> None:
        await Instance(office).login()
        await office.desk.tick()

    office.attach(OwnKey.of(vendor, "A", expires_at=NOW))
    asyncio.run(denied())

    event = kept(office)[-1]
    assert (event["code"], event["key_number"]) == ("key_expired", "A")


@pytest.mark.parametrize("request_", ["renew", "logout"])
def test_a_message_that_is_not_the_holders_is_a_denial(office: Office, key: OwnKey, request_: str) -> None:
    async def forged() -> str:
        anna = Instance(office)
        lease = (await anna.take()).lease
        await getattr(anna, request_)(mac="A" * 43)
        await office.desk.tick()
        return lease

    lease = asyncio.run(forged())

    assert kept(office)[1:] == [
        {
            "kind": "denied",
            "code": "wrong_proof",
            "reason": "this is not from the holder of the lease",
            "address": ADDRESS,
            "request": request_,
            "lease": lease,
        }
    ]


def test_a_logout_is_noted(office: Office, key: OwnKey) -> None:
    async def come_and_go() -> str:
        anna = Instance(office)
        lease = (await anna.take()).lease
        await anna.logout()
        return lease

    lease = asyncio.run(come_and_go())

    assert kept(office)[1:] == [{"kind": "freed", **connection(lease), "by": "logout"}]


def test_a_license_that_lapses_is_noted_as_blocked_and_then_as_freed(office: Office, key: OwnKey) -> None:
    async def lapse() -> str:
        lease = (await Instance(office).take()).lease
        for seconds in (LAPSE, IDLE):
            office.monotonic.seconds += seconds
            await office.desk.tick()
        return lease

    lease = asyncio.run(lapse())

    assert kept(office)[1:] == [
        {"kind": "blocked", **connection(lease)},
        {"kind": "freed", **connection(lease), "by": "lapse"},
    ]


def test_what_an_administrator_frees_is_noted(office: Office, key: OwnKey) -> None:
    async def release() -> str:
        lease = (await Instance(office).take()).lease
        await office.desk.release([lease])
        return lease

    lease = asyncio.run(release())

    assert kept(office)[1:] == [{"kind": "released", **connection(lease)}]


def test_a_grant_that_could_not_be_written_is_a_denial_only(office: Office, key: OwnKey) -> None:
    async def take_on_a_full_disk() -> None:
        office.ledger.full = True
        assert code(await Instance(office).login()) == "disk_full"
        office.ledger.full = False
        await office.desk.tick()

    asyncio.run(take_on_a_full_disk())

    assert [(event["kind"], event["code"]) for event in kept(office)] == [("denied", "disk_full")]


def test_the_chain_goes_on_over_a_crash(office: Office, key: OwnKey) -> None:
    asyncio.run(Instance(office).take())
    office.crash()
    asyncio.run(Instance(office, "boris").take())

    assert [event["user"] for event in kept(office)] == ["anna", "boris"]

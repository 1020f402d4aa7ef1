# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk: what time and a crash do to leases."""

import asyncio

import pytest

from licserver.seats.lease import ACTIVE_SECONDS
from licserver.wire.messages import Renewed
from server_core.tests.helpers import OwnKey
from server_core.tests.server.helpers import IDLE, Instance, Office, code

LAPSE = ACTIVE_SECONDS + 1.0


class TestTime:
    def test_a_tick_blocks_what_lapsed_and_later_frees_it(self, office: Office, key: OwnKey) -> None:
        async def wait(seconds: float) -> dict[str, str]:
            office.monotonic.seconds += seconds
            await office.desk.tick()
            return office.on_disk()

        lease = asyncio.run(Instance(office).take()).lease

        assert asyncio.run(wait(LAPSE)) == {lease: "blocked"}
        assert asyncio.run(wait(IDLE - 2)) == {lease: "blocked"}
        assert asyncio.run(wait(2)) == {}

    def test_an_idle_server_writes_nothing(self, office: Office, key: OwnKey) -> None:
        office.monotonic.seconds += 3600
        asyncio.run(office.desk.tick())

        assert office.ledger.commits == 0

    def test_while_licenses_are_in_use_the_ledgers_time_is_kept(self, office: Office, key: OwnKey) -> None:
        asyncio.run(Instance(office).take())
        office.monotonic.seconds += 60
        asyncio.run(office.desk.tick())
        office.crash()

        assert office.ledger.now() == 60


class TestCrash:
    def test_a_holder_goes_on_after_it(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())
        office.crash()

        assert isinstance(asyncio.run(anna.renew()), Renewed)

    def test_no_license_is_given_twice_after_it(self, office: Office, key: OwnKey) -> None:
        async def two() -> None:
            await asyncio.gather(Instance(office).take(), Instance(office).take())

        asyncio.run(two())
        office.crash()

        assert code(asyncio.run(Instance(office).login())) == "no_free_license"

    def test_the_time_the_server_was_down_is_credited(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())
        office.now += 7 * 24 * 3600
        office.crash()
        asyncio.run(office.desk.tick())

        assert office.on_disk() == {anna.granted.lease: "active"}

    @pytest.mark.parametrize("hours", [-48, 48])
    def test_a_clock_that_jumps_frees_nothing(self, office: Office, key: OwnKey, hours: int) -> None:
        lease = asyncio.run(Instance(office).take()).lease
        office.now += hours * 3600
        asyncio.run(office.desk.tick())

        assert office.on_disk() == {lease: "active"}

    def test_a_message_from_before_it_cannot_be_replayed_once_it_was_kept(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())
        recorded = anna.renewal()
        asyncio.run(office.ask(recorded))
        asyncio.run(office.desk.tick())
        office.crash()

        assert code(asyncio.run(office.ask(recorded))) == "replayed"


def test_an_administrator_frees_what_he_names_and_nothing_else(office: Office, key: OwnKey) -> None:
    anna, boris = Instance(office), Instance(office)

    async def release() -> int:
        await asyncio.gather(anna.take(), boris.take())
        return await office.desk.release([anna.granted.lease, "never-was"])

    assert asyncio.run(release()) == 1
    assert office.on_disk() == {boris.granted.lease: "active"}


def test_at_the_end_everything_is_written_down(office: Office, key: OwnKey) -> None:
    anna = Instance(office)

    async def work_and_stop() -> None:
        await anna.take()
        office.monotonic.seconds += 5
        await anna.renew(sequence=7)
        await office.desk.close()

    asyncio.run(work_and_stop())

    assert [lease.sequence for lease in office.ledger.leases()] == [7]

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk: what each request of a client is answered with."""

import asyncio
import threading
from typing import Any

import msgspec
import pytest

from licserver.component.trust import check_granted
from licserver.sealing import encode_bytes
from licserver.seats.lease import ACTIVE_SECONDS
from licserver.seats.ledger import DiskFullError
from licserver.wire.messages import AnyAnswer, Freed, Granted, Hello, Login, Renewed, Welcome, lease_mac
from server_core.tests.helpers import NOW, PRODUCT, OwnKey, Vendor, holder
from server_core.tests.server.helpers import CHALLENGE, IDLE, Instance, Office, code

LAPSE = ACTIVE_SECONDS + 1.0


def test_hello_is_answered_with_the_servers_name_and_the_connections_challenge(office: Office) -> None:
    welcome = asyncio.run(office.ask(Hello(id=5, versions=[1, 7])))

    assert welcome == Welcome(
        id=5,
        version=1,
        server_id="server",
        name="host",
        challenge=CHALLENGE,
        session_public=office.desk.sessions.session_public,
        exchange_public=office.desk.sessions.exchange_public,
    )


class TestLogin:
    def test_a_grant_is_a_chain_that_the_product_can_check(self, office: Office, vendor: Vendor, key: OwnKey) -> None:
        anna = Instance(office)
        granted = asyncio.run(anna.take())
        login = Login(id=1, product=PRODUCT, nonce="nonce", holder=holder(anna.private), client_proof="")

        trusted = check_granted(granted, login, "server", vendor.kit, now=NOW)

        assert trusted.grant.active_seconds == granted.active_seconds == ACTIVE_SECONDS
        assert trusted.license == key.license

    def test_a_grant_is_on_disk_before_it_is_answered(self, office: Office, key: OwnKey) -> None:
        granted = asyncio.run(Instance(office).take())

        assert office.on_disk() == {granted.lease: "active"}

    def test_the_same_instance_gets_the_same_lease_again(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)

        async def twice() -> tuple[Granted, Granted]:
            return await anna.take(), await anna.take()

        first, second = asyncio.run(twice())

        assert first.lease == second.lease
        assert len(office.desk.book.leases) == 1

    def test_two_logins_of_one_instance_at_the_same_time_get_one_lease(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)

        async def together() -> tuple[Granted, Granted]:
            return await asyncio.gather(anna.take(), anna.take())

        assert len({granted.lease for granted in asyncio.run(together())}) == 1

    def test_without_a_key_it_is_refused(self, office: Office) -> None:
        assert code(asyncio.run(Instance(office).login())) == "no_key"

    def test_without_a_free_license_it_is_refused(self, office: Office, key: OwnKey) -> None:
        async def three() -> list[str]:
            await asyncio.gather(Instance(office).take(), Instance(office).take())
            return [code(await Instance(office).login())]

        assert asyncio.run(three()) == ["no_free_license"]

    @pytest.mark.parametrize("public", ["", "short", encode_bytes(bytes(32)), encode_bytes(b"\1" + bytes(31))])
    def test_an_unusable_client_key_is_refused_and_takes_no_license(
        self, office: Office, key: OwnKey, public: str
    ) -> None:
        odd = msgspec.structs.replace(holder(Instance(office).private), client_public=public)

        answer = asyncio.run(Instance(office).login(holder=odd))

        assert code(answer) == "bad_client_key"
        assert office.desk.book.leases == {}

    def test_what_was_undone_with_the_first_of_two_is_not_granted_by_the_second(
        self, office: Office, key: OwnKey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        anna, writing, goes_on = Instance(office), threading.Event(), threading.Event()
        commit = office.ledger.commit

        def fail_once(*batch: Any) -> None:
            if writing.is_set():
                return commit(*batch)
            writing.set()
            goes_on.wait(10)
            raise DiskFullError(office.path, "disk full")

        async def two() -> list[AnyAnswer]:
            first = asyncio.ensure_future(anna.login())
            while not writing.is_set():
                await asyncio.sleep(0)
            second = asyncio.ensure_future(anna.login())
            await asyncio.sleep(0)
            goes_on.set()
            return await asyncio.gather(first, second)

        monkeypatch.setattr(office.ledger, "commit", fail_once)

        assert [code(answer) for answer in asyncio.run(two())] == ["disk_full", "unknown_lease"]
        assert office.desk.book.leases == {}

    def test_an_accident_before_the_answer_takes_no_license(
        self, office: Office, key: OwnKey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(_: object) -> str:
            raise ZeroDivisionError

        monkeypatch.setattr(office.desk.sessions, "sign", broken)

        with pytest.raises(ZeroDivisionError):
            asyncio.run(Instance(office).login())

        assert office.desk.book.leases == {}

    def test_while_the_disk_is_full_it_is_refused_and_takes_no_license(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        office.ledger.full = True
        refused = asyncio.run(anna.login())
        held = dict(office.desk.book.leases)
        office.ledger.full = False

        assert code(refused) == "disk_full"
        assert held == {}
        assert isinstance(asyncio.run(anna.login()), Granted)


class TestRenew:
    def test_it_makes_the_ten_minutes_begin_again(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        lease = asyncio.run(anna.take()).lease
        office.monotonic.seconds += 500

        renewed = asyncio.run(anna.renew())

        assert renewed == Renewed(
            id=2,
            lease=lease,
            sequence=1,
            active_seconds=ACTIVE_SECONDS,
            mac=lease_mac(anna.secret, "renewed", lease, 1, ACTIVE_SECONDS),
        )
        assert office.desk.book.leases[lease].state_ends == office.ledger.now() + ACTIVE_SECONDS

    def test_of_an_active_lease_it_does_not_wait_for_the_disk(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())

        assert office.at_once(anna.renewal())

    def test_of_a_blocked_lease_it_is_kept_by_a_crash_though_it_was_not_on_disk(
        self, office: Office, key: OwnKey
    ) -> None:
        anna = Instance(office)

        async def renewed_on_a_full_disk() -> None:
            await anna.take()
            office.monotonic.seconds += LAPSE
            await office.desk.tick()
            office.monotonic.seconds += IDLE - 1
            office.ledger.full = True
            assert isinstance(await anna.renew(), Renewed)

        async def wait(seconds: float) -> dict[str, str]:
            office.monotonic.seconds += seconds
            await office.desk.tick()
            return office.on_disk()

        asyncio.run(renewed_on_a_full_disk())
        office.crash()

        assert asyncio.run(wait(ACTIVE_SECONDS - 1)) == {anna.granted.lease: "blocked"}
        assert asyncio.run(wait(2)) == {}

    def test_with_a_wrong_proof_it_is_refused(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())

        assert code(asyncio.run(anna.renew(mac="A" * 43))) == "wrong_proof"

    def test_with_the_proof_of_a_logout_it_is_refused(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())

        assert code(asyncio.run(anna.renew(mac=anna.leaving(sequence=9).mac, sequence=9))) == "wrong_proof"

    def test_of_the_lease_of_another_it_is_refused(self, office: Office, key: OwnKey) -> None:
        anna, boris = Instance(office), Instance(office, "boris")
        asyncio.run(anna.take())
        asyncio.run(boris.take())

        assert code(asyncio.run(boris.renew(lease=anna.granted.lease))) == "wrong_proof"

    def test_a_replayed_one_is_refused(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())
        recorded = anna.renewal()
        asyncio.run(office.ask(recorded))

        assert code(asyncio.run(office.ask(recorded))) == "replayed"

    @pytest.mark.parametrize("sequence", [0, 1, 2])
    def test_a_number_that_was_passed_is_refused(self, office: Office, key: OwnKey, sequence: int) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())
        asyncio.run(anna.renew(sequence=2))

        assert code(asyncio.run(anna.renew(sequence=sequence))) == "replayed"

    def test_of_a_lease_that_never_was_it_is_refused(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())

        assert code(asyncio.run(anna.renew(lease="never-was"))) == "unknown_lease"


class TestLogout:
    def test_it_frees_the_license_at_once_and_on_disk(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        lease = asyncio.run(anna.take()).lease

        freed = asyncio.run(anna.logout())

        assert freed == Freed(id=3, lease=lease, sequence=1, mac=lease_mac(anna.secret, "freed", lease, 1))
        assert office.desk.book.leases == {}
        assert office.on_disk() == {}

    def test_of_the_lease_of_another_it_is_refused(self, office: Office, key: OwnKey) -> None:
        anna, boris = Instance(office), Instance(office, "boris")
        asyncio.run(anna.take())
        asyncio.run(boris.take())

        assert code(asyncio.run(boris.logout(lease=anna.granted.lease))) == "wrong_proof"
        assert len(office.desk.book.leases) == 2

    def test_while_the_disk_is_full_the_end_is_written_later(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)

        async def leave_on_a_full_disk() -> None:
            await anna.take()
            office.ledger.full = True
            assert code(await anna.logout()) == "disk_full"
            office.ledger.full = False
            await office.desk.tick()

        asyncio.run(leave_on_a_full_disk())

        assert office.on_disk() == {}

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk: what each request of a client is answered with."""

import asyncio

import msgspec
import pytest

from licserver.component.trust import check_granted
from licserver.documents import Counter
from licserver.keys.options import KeyOptions
from licserver.sealing import encode_bytes
from licserver.seats.lease import ACTIVE_SECONDS
from licserver.wire.messages import Freed, Granted, Hello, Login, Renewed, Welcome, lease_mac
from server_core.tests.helpers import NOW, PRODUCT, OwnKey, Vendor, holder
from server_core.tests.server.helpers import CHALLENGE, IDLE, Instance, Office, code

LAPSE = ACTIVE_SECONDS + 1.0


@pytest.fixture
def key(vendor: Vendor, office: Office) -> OwnKey:
    """An attached key with two licenses."""
    made = OwnKey.of(vendor)
    office.attach(made)
    return made


def test_hello_is_answered_with_the_servers_name_and_the_connections_challenge(office: Office) -> None:
    welcome = asyncio.run(office.ask(Hello(id=5, versions=[1, 7])))

    assert welcome == Welcome(
        id=5,
        version=1,
        server_id="server",
        name="host",
        challenge=CHALLENGE,
        session_public=office.desk.sessions.session_public,
    )


class TestLogin:
    def test_a_grant_is_a_chain_that_the_product_can_check(self, office: Office, vendor: Vendor, key: OwnKey) -> None:
        anna = Instance(office)
        granted = asyncio.run(anna.take())
        login = Login(id=1, product=PRODUCT, nonce="nonce", holder=holder(anna.private))

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

    def test_while_the_disk_is_full_it_is_refused_and_takes_no_license(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        office.ledger.full = True
        refused = asyncio.run(anna.login())
        held = dict(office.desk.book.leases)
        office.ledger.full = False

        assert code(refused) == "ledger_failed"
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

    def test_of_a_blocked_lease_it_is_on_disk_before_it_is_answered(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)

        async def renewed_in_the_idle_time() -> None:
            await anna.take()
            office.monotonic.seconds += LAPSE
            await office.desk.tick()
            assert office.on_disk() == {anna.granted.lease: "blocked"}
            assert isinstance(await anna.renew(), Renewed)

        asyncio.run(renewed_in_the_idle_time())

        assert office.on_disk() == {anna.granted.lease: "active"}

    def test_of_a_blocked_lease_it_promises_nothing_while_the_disk_is_full(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)

        async def renewed_on_a_full_disk() -> str:
            await anna.take()
            office.monotonic.seconds += LAPSE
            await office.desk.tick()
            office.ledger.full = True
            return code(await anna.renew())

        assert asyncio.run(renewed_on_a_full_disk()) == "ledger_failed"

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
            assert code(await anna.logout()) == "ledger_failed"
            office.ledger.full = False
            await office.desk.tick()

        asyncio.run(leave_on_a_full_disk())

        assert office.on_disk() == {}


class TestAccessCodes:
    @pytest.fixture(autouse=True)
    def keys(self, vendor: Vendor, office: Office) -> None:
        office.attach(
            OwnKey.of(vendor, "open"),
            OwnKey.of(vendor, "firm-a"),
            OwnKey.of(vendor, "firm-b"),
            options={
                "firm-a": KeyOptions().with_access_code("код А"),
                "firm-b": KeyOptions().with_access_code("code B"),
            },
        )

    def served_from(self, office: Office, granted: Granted) -> str:
        return office.desk.book.leases[granted.lease].key_number

    @pytest.mark.parametrize(("access_code", "number"), [("", "open"), ("код А", "firm-a"), ("code B", "firm-b")])
    def test_a_client_is_served_only_from_keys_with_its_own_code(
        self, office: Office, access_code: str, number: str
    ) -> None:
        async def three() -> list[object]:
            taken = [await Instance(office).take(access_code) for _ in range(2)]
            return [*(self.served_from(office, one) for one in taken), code(await Instance(office).login(access_code))]

        assert asyncio.run(three()) == [number, number, "no_free_license"]

    def test_a_wrong_code_is_served_from_no_key(self, office: Office) -> None:
        assert code(asyncio.run(Instance(office).login("code C"))) == "no_key"

    def test_a_proof_that_was_overheard_is_worth_nothing_on_another_connection(self, office: Office) -> None:
        assert code(asyncio.run(Instance(office).login("code B", challenge="another"))) == "no_key"

    def test_a_proof_that_was_overheard_is_worth_nothing_to_another_client(self, office: Office) -> None:
        overheard = holder(Instance(office).private)

        assert code(asyncio.run(Instance(office).login("code B", holder=overheard))) == "no_key"


class TestKeys:
    def test_a_key_that_is_not_to_be_used_does_not_serve(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A"), options={"A": KeyOptions(use=False)})

        assert code(asyncio.run(Instance(office).login())) == "no_key"

    def test_a_lease_of_a_key_that_is_gone_is_not_renewed(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())
        office.attach()

        assert code(asyncio.run(anna.renew())) == "key_gone"

    def test_a_holder_moves_to_another_key_when_its_own_is_gone(
        self, office: Office, vendor: Vendor, key: OwnKey
    ) -> None:
        anna = Instance(office)
        before = asyncio.run(anna.take())
        office.attach(OwnKey.of(vendor, "B"))

        after = asyncio.run(anna.take())

        assert office.desk.book.leases[after.lease].key_number == "B"
        assert office.on_disk() == {after.lease: "active"} != {before.lease: "active"}

    def test_a_key_that_comes_back_serves_its_holders_as_if_nothing_was(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())
        office.attach()
        office.attach(key)

        assert isinstance(asyncio.run(anna.renew()), Renewed)

    def test_a_new_license_of_a_key_counts_at_once(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", Counter(name="main", type="session", limit=1)))
        asyncio.run(Instance(office).take())
        office.attach(OwnKey.of(vendor, "A", Counter(name="main", type="session", limit=2)))

        asyncio.run(Instance(office).take())

        assert office.desk.book.used("A", "main") == 2


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

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk: which keys serve whom, and what becomes of their holders when they go."""

import asyncio
import json
from typing import Any

import pytest

from licserver.documents import Counter
from licserver.keys.options import KeyOptions
from licserver.sealing import decode_bytes
from licserver.wire.messages import Freed, Granted, Renewed
from server_core.tests.helpers import KEY, NOW, OwnKey, Vendor, holder
from server_core.tests.server.helpers import Instance, Office, code

ONE = Counter(name="main", type="session", limit=1)


class TestAccessCodes:
    @pytest.fixture(autouse=True)
    def keys(self, vendor: Vendor, office: Office) -> None:
        office.attach(
            OwnKey.of(vendor, "open"),
            OwnKey.of(vendor, "firm-a"),
            OwnKey.of(vendor, "firm-b"),
            options={
                "firm-a": KeyOptions().with_access_code("код А", "server"),
                "firm-b": KeyOptions().with_access_code("code B", "server"),
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
        anna = Instance(office)

        answer = asyncio.run(anna.login("code B", challenge="another", client_proof=anna.client_proof("another")))

        assert code(answer) == "no_key"

    def test_a_proof_that_was_overheard_is_worth_nothing_to_another_client(self, office: Office) -> None:
        boris = Instance(office)
        overheard = Instance(office).access_proof("code B")

        assert code(asyncio.run(boris.login(access_proof=overheard))) == "no_key"


class TestKeys:
    def test_a_key_that_is_not_to_be_used_does_not_serve(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A"), options={"A": KeyOptions(use=False)})

        assert code(asyncio.run(Instance(office).login())) == "no_key"

    def test_who_knows_the_code_of_a_key_that_is_not_used_is_told_so_and_nobody_else(
        self, office: Office, vendor: Vendor
    ) -> None:
        off = KeyOptions(use=False).with_access_code("firm", "server")
        office.attach(OwnKey.of(vendor, "A"), options={"A": off})

        answers = [asyncio.run(Instance(office).login(access_code)) for access_code in ("firm", "guess", "")]

        assert [code(answer) for answer in answers] == ["no_key"] * 3
        assert ["licctl key set A --use yes" in str(answer) for answer in answers] == [True, False, False]

    def test_a_lease_of_a_key_that_is_gone_is_not_renewed(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())
        office.attach()

        assert code(asyncio.run(anna.renew())) == "key_gone"

    def test_a_lease_of_a_key_that_is_gone_can_be_given_back(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())
        office.attach()

        assert isinstance(asyncio.run(anna.logout()), Freed)
        assert office.on_disk() == {}

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


class TestMoves:
    """What a client notices when the key of its license goes: it is told, logs in again, and goes on."""

    @pytest.fixture
    def moved(self, office: Office, vendor: Vendor, key: OwnKey) -> Instance:
        """A holder whose license was moved from its key to the key B."""
        anna = Instance(office)
        asyncio.run(anna.take())
        office.attach(OwnKey.of(vendor, "B", ONE))
        return anna

    def test_its_renewal_is_refused_for_its_grant_names_the_old_key(self, moved: Instance) -> None:
        assert code(asyncio.run(moved.renew())) == "key_gone"

    def test_its_seat_on_the_other_key_is_given_to_nobody_else(self, office: Office, moved: Instance) -> None:
        assert code(asyncio.run(Instance(office, "boris").login())) == "no_free_license"

    def test_it_logs_in_again_and_gets_the_same_license_from_the_other_key(
        self, office: Office, moved: Instance
    ) -> None:
        before = moved.granted.lease

        after = asyncio.run(moved.take())

        assert said(after.grant)["key_number"] == "B"
        assert after.lease == before
        assert isinstance(asyncio.run(moved.renew()), Renewed)

    def test_it_stays_where_it_is_when_its_old_key_comes_back(
        self, office: Office, vendor: Vendor, key: OwnKey, moved: Instance
    ) -> None:
        office.attach(key, OwnKey.of(vendor, "B", ONE))

        assert said(asyncio.run(moved.take()).grant)["key_number"] == "B"

    def test_a_crash_does_not_undo_it(self, office: Office, moved: Instance) -> None:
        asyncio.run(office.desk.tick())
        office.crash()

        assert code(asyncio.run(moved.renew())) == "key_gone"
        assert said(asyncio.run(moved.take()).grant)["key_number"] == "B"

    def test_while_the_disk_is_full_it_is_not_told_and_tries_again(self, office: Office, moved: Instance) -> None:
        office.ledger.full = True
        refused = code(asyncio.run(moved.login()))
        office.ledger.full = False

        assert refused == "disk_full"
        assert code(asyncio.run(moved.renew())) == "key_gone"
        assert isinstance(asyncio.run(moved.login()), Granted)

    def test_it_leaves_an_event(self, office: Office, moved: Instance) -> None:
        asyncio.run(office.desk.tick())

        *_, event = office.events()
        assert (event["kind"], event["lease"], event["from_key"], event["key_number"]) == (
            "moved",
            moved.granted.lease,
            KEY,
            "B",
        )

    def test_without_a_free_license_elsewhere_it_leaves_another(self, office: Office, key: OwnKey) -> None:
        asyncio.run(Instance(office).take())
        office.attach()
        asyncio.run(office.desk.tick())

        *_, event = office.events()
        assert (event["kind"], event["from_key"]) == ("stranded", KEY)

    @pytest.mark.parametrize(
        "options", [KeyOptions(use=False), KeyOptions().with_access_code("code", "server")], ids=["use", "access code"]
    )
    def test_what_an_administrator_sets_moves_the_holders_too(
        self, office: Office, vendor: Vendor, key: OwnKey, options: KeyOptions
    ) -> None:
        anna, other = Instance(office), OwnKey.of(vendor, "B")
        asyncio.run(anna.take())
        office.attach(key, other, options={KEY: options})

        assert code(asyncio.run(anna.renew())) == "key_gone"
        assert said(asyncio.run(anna.take()).grant)["key_number"] == "B"

    def test_a_key_that_expires_moves_its_holders(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", expires_at=NOW + 60), OwnKey.of(vendor, "B"))
        anna = Instance(office)
        asyncio.run(anna.take())
        office.now += 60
        asyncio.run(office.desk.tick())

        assert office.desk.book.used("B", "main") == 1

    def test_a_clock_that_is_set_back_lets_no_expired_key_serve_again(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", expires_at=NOW + 60))
        anna = Instance(office)
        asyncio.run(anna.take())
        office.now += 60
        refused = code(asyncio.run(anna.renew()))
        office.now -= 3600

        assert refused == "key_gone"
        assert code(asyncio.run(anna.renew())) == "key_gone"
        assert code(asyncio.run(anna.login())) == "key_expired"


class TestWhoIsIt:
    def test_a_login_without_the_private_key_is_refused(self, office: Office, key: OwnKey) -> None:
        anna, boris = Instance(office), Instance(office, "boris")

        answer = asyncio.run(boris.login(holder=holder(anna.private)))

        assert code(answer) == "wrong_proof"

    def test_a_login_that_was_overheard_does_not_keep_a_license(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        overheard = anna.client_proof()
        asyncio.run(anna.take())
        ends = office.desk.book.leases[anna.granted.lease].state_ends
        office.monotonic.seconds += 500

        answer = asyncio.run(anna.login(challenge="another", client_proof=overheard))

        assert code(answer) == "wrong_proof"
        assert office.desk.book.leases[anna.granted.lease].state_ends == ends


class TestExpiry:
    def test_an_expired_key_lends_nothing_and_takes_no_seat(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", expires_at=NOW))

        assert code(asyncio.run(Instance(office).login())) == "key_expired"
        assert office.desk.book.leases == {}

    def test_until_the_last_second_it_lends(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", expires_at=NOW + 1))

        assert isinstance(asyncio.run(Instance(office).login()), Granted)

    def test_a_license_of_a_key_that_expires_is_not_renewed(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", expires_at=NOW + 60))
        instance = Instance(office)
        asyncio.run(instance.take())
        office.now += 60

        assert code(asyncio.run(instance.renew())) == "key_gone"

    def test_another_key_that_has_not_expired_serves(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", expires_at=NOW), OwnKey.of(vendor, "B"))

        assert asyncio.run(Instance(office).take()).lease in office.desk.book.leases


def test_a_grant_is_never_older_than_its_certificate(office: Office, vendor: Vendor) -> None:
    office.attach(OwnKey.of(vendor, "A"))
    seconds = iter(range(NOW, NOW + 100))
    office.desk._clock = lambda: next(seconds)

    granted = asyncio.run(Instance(office).take())

    assert said(granted.certificate)["issued_at"] <= said(granted.grant)["issued_at"]


def said(token: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(decode_bytes(token.split(".")[1]))
    return content

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk: which keys serve whom, and what becomes of their holders when they go."""

import asyncio
import json

import pytest

from licserver.documents import Counter
from licserver.keys.options import KeyOptions
from licserver.sealing import decode_bytes
from licserver.wire.messages import Granted, Renewed
from server_core.tests.helpers import NOW, OwnKey, Vendor, holder
from server_core.tests.server.helpers import Instance, Office, code


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


def said(token: str) -> dict[str, int]:
    content: dict[str, int] = json.loads(decode_bytes(token.split(".")[1]))
    return content

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk: would this client get a license now? Asking takes nothing."""

import asyncio
from typing import Any

import pytest

from licserver.documents import Counter
from licserver.keys.options import KeyOptions
from licserver.server.checks import MOST_HOLDERS, MOST_WAITING, SUPPOSED_AT_ONCE
from licserver.server.visitors import SHARE_OF_ONE
from licserver.wire.messages import AnyAnswer, Checked, Granted, HolderSeen, MoreLicenses, Suppose
from server_core.tests.helpers import KEY, NOW, OwnKey, Vendor
from server_core.tests.server.helpers import Instance, Office, code


def sessions(limit: int) -> Counter:
    return Counter(name="main", type="session", limit=limit)


def checked(instance: Instance, access_code: str = "", **changes: Any) -> Checked:
    return asyncio.run(instance.check(access_code, **changes))


def took(office: Office, count: int, access_code: str = "") -> None:
    for number in range(count):
        office.now += 1
        asyncio.run(Instance(office, f"user{number}").take(access_code))


class TestAllowed:
    def test_it_says_from_which_key_and_counter(self, office: Office, key: OwnKey) -> None:
        answer = checked(Instance(office))

        assert (answer.allowed, answer.key_number, answer.counter, answer.code) == (True, KEY, "main", "")
        assert answer.message == f"the key {KEY} has a license of the counter main for this client"

    def test_it_takes_nothing_and_writes_nothing(self, office: Office, key: OwnKey) -> None:
        checked(Instance(office))
        asyncio.run(office.desk.tick())

        assert office.desk.book.leases == {}
        assert office.ledger.commits == 0

    def test_it_is_answered_at_once_and_so_counts_for_whoever_asks(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)

        assert office.at_once(anna.question())
        assert not office.at_once(anna.question(suppose=Suppose()))

    def test_what_it_says_is_what_a_login_gets(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", sessions(5)), OwnKey.of(vendor, "B", sessions(3)))
        anna = Instance(office)

        answer = checked(anna)
        granted = asyncio.run(anna.take())

        assert answer.key_number == office.desk.book.leases[granted.lease].key_number == "B"

    def test_who_holds_a_license_already_is_told_of_that_one(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())
        took(office, 1)

        assert checked(anna).allowed

    def test_nobody_is_named(self, office: Office, key: OwnKey) -> None:
        took(office, 1)

        assert checked(Instance(office)).holders == ()


class TestRefused:
    def test_it_names_who_holds_what_this_client_could_use(self, office: Office, key: OwnKey) -> None:
        took(office, 2)

        answer = checked(Instance(office))

        assert (answer.allowed, answer.key_number, answer.code) == (False, None, "no_free_license")
        assert answer.holders == (
            HolderSeen(user="user0", computer="pc1", since=NOW + 1),
            HolderSeen(user="user1", computer="pc1", since=NOW + 2),
        )

    def test_it_says_what_a_login_would_be_told(self, office: Office, key: OwnKey) -> None:
        took(office, 2)
        anna = Instance(office)

        answer, refused = checked(anna), asyncio.run(anna.login())

        assert not isinstance(refused, Granted)
        assert code(refused) == answer.code
        assert "in use by user0 on pc1 and user1 on pc1" in answer.message

    def test_it_names_a_few_only(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", sessions(MOST_HOLDERS + 1)))
        took(office, MOST_HOLDERS + 1)

        answer = checked(Instance(office))

        assert [one.user for one in answer.holders] == [f"user{number}" for number in range(MOST_HOLDERS)]
        assert answer.message.endswith("in use by user0 on pc1, user1 on pc1, user2 on pc1 and others")

    def test_it_tells_nobody_who_uses_the_keys_of_another_firm(self, office: Office, vendor: Vendor) -> None:
        office.attach(
            OwnKey.of(vendor, "A", sessions(1)),
            OwnKey.of(vendor, "B", sessions(1)),
            options={"B": KeyOptions().with_access_code("code", "server")},
        )
        took(office, 1)

        assert checked(Instance(office)).holders
        assert checked(Instance(office), "code").key_number == "B"
        wrong = checked(Instance(office), "guess")
        assert (wrong.code, wrong.holders) == ("no_key", ())

    def test_a_key_that_has_expired_is_named(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", expires_at=NOW))

        answer = checked(Instance(office))

        assert (answer.code, answer.message) == ("key_expired", "the key A has expired")


class TestSuppose:
    def test_without_its_key_a_client_gets_none(self, office: Office, key: OwnKey) -> None:
        answer = checked(Instance(office), suppose=Suppose(without_keys=(KEY,)))

        assert (answer.allowed, answer.code) == (False, "no_key")

    def test_the_holders_of_a_lost_key_take_what_is_free_elsewhere(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", sessions(1)), OwnKey.of(vendor, "B", sessions(1)))
        took(office, 1)

        answer = checked(Instance(office), suppose=Suppose(without_keys=("A",)))

        assert (answer.code, [one.user for one in answer.holders]) == ("no_free_license", ["user0"])
        assert checked(Instance(office)).key_number == "B"

    def test_a_license_pack_makes_room(self, office: Office, key: OwnKey) -> None:
        took(office, 2)
        pack = MoreLicenses(key_number=KEY, counter="main", licenses=1)

        assert checked(Instance(office), suppose=Suppose(more=(pack,))).key_number == KEY
        assert not checked(Instance(office)).allowed

    def test_a_license_pack_on_another_key_makes_up_for_a_lost_one(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", sessions(1)), OwnKey.of(vendor, "B", sessions(1)))
        took(office, 2)
        pack = MoreLicenses(key_number="B", counter="main", licenses=2)

        answer = checked(Instance(office), suppose=Suppose(without_keys=("A",), more=(pack,)))

        assert answer.key_number == "B"

    def test_whoever_lost_his_license_comes_first_when_there_are_more(self, office: Office, vendor: Vendor) -> None:
        office.attach(OwnKey.of(vendor, "A", sessions(1)), OwnKey.of(vendor, "B", sessions(1)))
        took(office, 2)
        office.attach(OwnKey.of(vendor, "B", sessions(1)))
        pack = MoreLicenses(key_number="B", counter="main", licenses=1)

        assert checked(Instance(office), suppose=Suppose(more=(pack,))).code == "no_free_license"

    def test_whoever_holds_a_license_of_another_access_code_gets_none_then_either(
        self, office: Office, vendor: Vendor
    ) -> None:
        with_code = {"A": KeyOptions().with_access_code("code", "server")}
        office.attach(*(OwnKey.of(vendor, key, sessions(1)) for key in ("A", "B", "C")), options=with_code)
        anna = Instance(office)
        asyncio.run(anna.take("code"))

        answer = checked(anna, suppose=Suppose(without_keys=("B",)))

        assert answer.code == checked(anna).code == "no_key"

    def test_it_changes_nothing(self, office: Office, key: OwnKey) -> None:
        anna = Instance(office)
        asyncio.run(anna.take())
        checked(anna, suppose=Suppose(without_keys=(KEY,)))

        (lease,) = office.desk.book.leases.values()
        assert (lease.seated, lease.told, lease.key_number) == (True, True, KEY)
        assert office.desk.book.used(KEY, "main") == 1

    def test_of_too_many_at_once_some_are_asked_to_come_again(self, office: Office, key: OwnKey) -> None:
        addresses = [f"192.0.2.{number % 5}" for number in range(MOST_WAITING + 2)]
        answers = asyncio.run(self.crowd(office, addresses))

        assert [code(one) for one in answers if not isinstance(one, Checked)] == ["too_busy"] * 2
        assert checked(Instance(office), suppose=Suppose()).allowed

    def test_one_address_has_a_part_of_the_places_and_leaves_the_others(self, office: Office, key: OwnKey) -> None:
        answers = asyncio.run(self.crowd(office, ["192.0.2.1"] * MOST_WAITING + ["192.0.2.2"]))

        assert sum(isinstance(one, Checked) for one in answers[:-1]) == MOST_WAITING // SHARE_OF_ONE
        assert isinstance(answers[-1], Checked)

    def test_one_address_may_ask_so_much_and_then_waits(self, office: Office, key: OwnKey) -> None:
        async def flood() -> list[AnyAnswer]:
            return [(await self.crowd(office, ["192.0.2.1"]))[0] for _ in range(SUPPOSED_AT_ONCE + 1)]

        *answers, last = asyncio.run(flood())

        assert all(isinstance(one, Checked) for one in answers)
        assert code(last) == "too_busy"
        assert checked(Instance(office)).allowed

    async def crowd(self, office: Office, addresses: list[str]) -> list[AnyAnswer]:
        """Somebody at each of the addresses asks at the same moment."""
        question = Instance(office).question(suppose=Suppose())
        return await asyncio.gather(*(office.ask(question, address=address) for address in addresses))

    @pytest.mark.parametrize(
        "suppose",
        [
            Suppose(without_keys=("Z",)),
            Suppose(more=(MoreLicenses(key_number="Z", counter="main", licenses=1),)),
            Suppose(more=(MoreLicenses(key_number=KEY, counter="office", licenses=1),)),
        ],
    )
    def test_what_does_not_serve_this_client_cannot_be_supposed(
        self, office: Office, key: OwnKey, suppose: Suppose
    ) -> None:
        answer = asyncio.run(office.ask(Instance(office).question(suppose=suppose)))

        assert code(answer) == "unknown_key"

    def test_the_keys_of_another_firm_are_as_unknown_as_those_that_never_were(
        self, office: Office, vendor: Vendor
    ) -> None:
        office.attach(OwnKey.of(vendor, "A"), options={"A": KeyOptions().with_access_code("code", "server")})

        answer = asyncio.run(office.ask(Instance(office).question(suppose=Suppose(without_keys=("A",)))))

        assert code(answer) == "unknown_key"

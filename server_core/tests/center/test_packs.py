# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""License packs at the center: each raises the limits of one key, once."""

import secrets
from typing import Any

import msgspec
import pytest

from licserver.center import pack_registry
from licserver.center.answering import MAX_WRONG_PINS, WRONG_PIN_PERIOD
from licserver.center.catalog import CatalogError, CatalogKey, CatalogPack, read_catalog
from licserver.documents import License, PackRequest, Raise, password_context, seal
from licserver.errors import LicensingError
from licserver.sealing import Ed25519PrivateKey, encode_public, seal_to
from server_core.tests.center.helpers import KEY, NOW, PINS, SERVER, Office

PACK = CatalogPack(pack="P-1", product="retail", raises=(Raise(counter="main", licenses=3),), password="abcd-1234")


@pytest.fixture
def database_url(each_database: str | None) -> str | None:
    """All of this holds on every kind of database."""
    return each_database


class Branch:
    """A computer with an activated key, which asks the office for packs."""

    def __init__(self, office: Office, pin: str = PINS[0], **activation: Any) -> None:
        self.office = office
        self.signer = Ed25519PrivateKey.generate()
        self.license = office.activate(pin, signer=self.signer, **activation)

    def request(self, password: str = PACK.password, *, pack: str = PACK.pack, request_id: str | None = None) -> str:
        request_id = request_id or secrets.token_urlsafe(24)
        key_public = encode_public(self.signer.public_key())
        exchange = self.office.center.authority.exchange.public_key()
        context = password_context(request_id, pack, key_public)
        content = PackRequest(
            request_id=request_id,
            pack=pack,
            sealed_password=seal_to(exchange, password.encode(), context=context),
            key_number=self.license.key_number,
            key_public=key_public,
            server_id="server",
            server_version="0.1.0",
            created_at=NOW,
        )
        return seal(content, self.signer)

    def activate(self, **options: Any) -> License:
        return self.office.open(self.office.issuer.answer(self.request(**options), SERVER))

    def refused(self, **options: Any) -> str:
        with pytest.raises(LicensingError) as refusal:
            self.office.issuer.answer(self.request(**options), SERVER)
        return refusal.value.code


@pytest.fixture
def branch(office: Office) -> Branch:
    office.apply(packs=[PACK])
    return Branch(office)


def test_a_pack_makes_the_next_license_of_the_same_key(branch: Branch) -> None:
    license = branch.activate(password=" ABCD 1234 ")

    before = branch.license
    assert (license.key_public, license.facts, license.activation) == (before.key_public, before.facts, 1)
    assert (license.counters[0].limit, license.revision) == (before.counters[0].limit + 3, 2)
    assert [(pack.pack, pack.raises, pack.activated_at) for pack in license.packs] == [("P-1", PACK.raises, NOW)]


def test_packs_add_up(branch: Branch) -> None:
    branch.office.apply(packs=[CatalogPack(pack="P-2", product="retail", raises=PACK.raises, password="second")])
    branch.activate()

    license = branch.activate(pack="P-2", password="second")

    assert (license.counters[0].limit, license.revision, len(license.packs)) == (5 + 3 + 3, 3, 2)


def test_the_same_request_again_gets_the_same_answer(branch: Branch) -> None:
    request = branch.request()
    answer = branch.office.issuer.answer(request, SERVER)
    branch.office.clock.now += 1000

    assert branch.office.issuer.answer(request, SERVER) == answer


def test_another_document_under_the_same_id_is_refused(branch: Branch) -> None:
    branch.activate(request_id="request-0123456789")

    assert branch.refused(request_id="request-0123456789") == "request_conflict"


def test_a_pack_is_activated_once(branch: Branch) -> None:
    branch.activate()
    branch.office.apply(keys=[CatalogKey(key_number="100-0002", product="retail", pins=("9999",))])
    other = Branch(branch.office, "9999", key_number="100-0002")

    assert branch.refused() == "pack_spent"
    assert other.refused() == "pack_spent"


def test_a_reactivated_key_keeps_its_packs_and_its_old_self_gets_none(branch: Branch) -> None:
    branch.activate()
    branch.office.apply(packs=[CatalogPack(pack="P-2", product="retail", raises=PACK.raises, password="second")])
    again = Branch(branch.office, PINS[1])

    assert again.license.counters[0].limit == 5 + 3
    assert branch.refused(pack="P-2", password="second") == "other_computer"
    assert again.activate(pack="P-2", password="second").counters[0].limit == 5 + 3 + 3


def test_an_unknown_pack_and_a_wrong_password_are_refused(branch: Branch) -> None:
    assert branch.refused(pack="P-9") == "unknown_pack"
    assert branch.refused(password="0000-0000") == "wrong_password"
    assert branch.refused(password="!") == "wrong_password"


def test_after_many_wrong_passwords_the_right_one_has_to_wait(branch: Branch) -> None:
    for _ in range(MAX_WRONG_PINS):
        branch.refused(password="0000-0000")

    assert branch.refused() == "too_many_attempts"
    branch.office.clock.now += WRONG_PIN_PERIOD + 1
    assert branch.activate().revision == 2


def test_a_key_that_was_never_activated_gets_no_pack(branch: Branch) -> None:
    branch.office.apply(keys=[CatalogKey(key_number="100-0002", product="retail", pins=("9999",))])
    branch.license = msgspec.structs.replace(branch.license, key_number="100-0002")

    assert branch.refused() == "key_not_activated"


def test_a_pack_of_another_product_is_refused(branch: Branch) -> None:
    branch.office.apply(packs=[CatalogPack(pack="P-2", product="virtual", raises=PACK.raises, password="second")])

    assert branch.refused(pack="P-2", password="second") == "wrong_product"


def test_an_expired_key_gets_no_pack(office: Office) -> None:
    key = CatalogKey(key_number="100-0002", product="retail", pins=("9999",), expires_at=NOW + 9)
    office.apply(packs=[PACK], keys=[key])
    branch = Branch(office, "9999", key_number="100-0002")
    office.clock.now += 9

    assert branch.refused() == "key_expired"


@pytest.mark.parametrize("more", [Raise(counter="other", licenses=1), Raise(counter="main", licenses=1_000_000)])
def test_a_pack_that_does_not_fit_the_key_is_refused(branch: Branch, more: Raise) -> None:
    branch.office.apply(packs=[CatalogPack(pack="P-2", product="retail", raises=(more,), password="second")])

    assert branch.refused(pack="P-2", password="second") == "wrong_counters"


def test_the_packs_of_a_key_stand_in_its_history(branch: Branch) -> None:
    branch.refused(password="0000-0000")
    branch.activate()

    assert branch.office.history()[-2:] == [("refused", "wrong_password"), ("pack_activated", None)]


def test_the_list_of_packs_says_which_key_has_which(branch: Branch) -> None:
    branch.office.apply(packs=[CatalogPack(pack="P-2", product="retail", raises=PACK.raises, password="second")])
    branch.activate()

    with branch.office.center.database.reading() as connection:
        packs = pack_registry.list_packs(connection)

    assert [(pack["pack"], pack["key_number"]) for pack in packs] == [("P-1", KEY), ("P-2", None)]


class TestCatalog:
    def test_a_pack_applied_again_is_no_change(self, office: Office) -> None:
        assert office.apply(packs=[PACK]).packs_added == ["P-1"]
        assert not office.apply(packs=[PACK]).report()["changed"]

    def test_a_pack_changes_until_it_is_activated(self, office: Office) -> None:
        office.apply(packs=[PACK])
        more = CatalogPack(pack="P-1", product="retail", raises=(Raise(counter="main", licenses=4),), password="new-1")

        assert office.apply(packs=[more]).packs_changed == ["P-1"]
        Branch(office).activate(password="new-1")
        with pytest.raises(CatalogError, match="activated already"):
            office.apply(packs=[PACK])

    def test_a_pack_for_an_unknown_product_is_refused(self, office: Office) -> None:
        with pytest.raises(CatalogError, match="which nobody knows"):
            office.apply(packs=[CatalogPack(pack="P", product="none", raises=PACK.raises, password="abcd")])

    @pytest.mark.parametrize(
        ("pack", "problem"),
        [
            ('{"pack":"P","product":"r","raises":[{"counter":"a","licenses":1}],"password":"?"}', "digits and Latin"),
            ('{"pack":"P","product":"r","raises":[],"password":"abcd"}', "length >= 1"),
            (
                '{"pack":"P","product":"r","password":"abcd",'
                '"raises":[{"counter":"a","licenses":1},{"counter":"a","licenses":1}]}',
                "2 times",
            ),
        ],
    )
    def test_a_pack_that_makes_no_sense_is_refused(self, pack: str, problem: str) -> None:
        with pytest.raises(CatalogError, match=problem):
            read_catalog(f'{{"packs":[{pack}]}}'.encode(), source="catalog.json")

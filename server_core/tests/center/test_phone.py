# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls answered from a real database: by one PIN each, and for the license that is sold."""

import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from licserver.activation.blocks import PhoneCodeError
from licserver.activation.phone import RequestCode, code_of, license_by_phone, read_answer, write_answer
from licserver.activation.requests import NewActivation, PendingActivation, make_request
from licserver.binding import bind_best
from licserver.center import registry
from licserver.center.answering import MAX_WRONG_PINS, WRONG_PIN_PERIOD
from licserver.center.catalog import CatalogKey, CatalogPack
from licserver.center.foundation import initialize, open_center
from licserver.center.phone import PhoneCall, PhoneSecrets
from licserver.center.settings import Settings
from licserver.documents import License, PackRequest, Raise, password_context, seal
from licserver.errors import LicensingError
from licserver.keys.soft_key import unseal_signer
from licserver.kit import Kit, KitTicket
from licserver.licenses import open_license
from licserver.sealing import Ed25519PrivateKey, encode_public, seal_to
from server_core.tests.center.helpers import COUNTERS, DESK, KEY, NEVER, NOW, PINS, RETAIL, SERVER, URL, Office
from server_core.tests.helpers import Computer

ONCE = "200-0001"
PACK = CatalogPack(pack="P-1", product="retail", raises=(Raise(counter="main", licenses=3),), password="abcd-1234")


_made: dict[str, KitTicket] = {}
"""What takes a while to make, and is the same for the same center."""


class Caller:
    """A branch with a telephone, and a kit with tickets of the office's keys."""

    def __init__(self, office: Office, *, key_number: str = KEY, computer: Computer | None = None) -> None:
        self.office = office
        self.computer = computer or Computer()
        self.key_number = key_number
        self.kit = self.fresh_kit()
        self.renew()

    def fresh_kit(self) -> Kit:
        center = self.office.center
        with center.database.reading() as connection:
            key = registry.find_key(connection, self.key_number)
            assert key is not None
            record = registry.key_record(connection, key)
        phone, sign = PhoneSecrets(center.authority.pepper), partial(seal, signer=center.authority.vendor)
        token = sign(phone.ticket(record, center.settings.name))
        if token not in _made:
            _made[token] = phone.kit_ticket(record, center.settings.name, sign)
        return center.authority.kit(center.settings, {self.key_number: _made[token]})

    def renew(self) -> None:
        """Make a new request."""
        wanted = NewActivation(key_number=self.key_number, pin="not told")
        self.pending = make_request(wanted, self.kit, bind_best(self.computer), now=NOW, server_version="0.1.0")

    @property
    def code(self) -> str:
        code = code_of(self.pending)
        assert code is not None
        return code.write()

    def call(self, pin: str = PINS[0], **changes: Any) -> str:
        told = {"key_number": self.key_number, "pin": pin, "code": self.code} | changes
        return self.office.issuer.answer_phone(PhoneCall(**told), DESK)

    def refused(self, pin: str = PINS[0], **changes: Any) -> str:
        with pytest.raises(LicensingError) as refusal:
            self.call(pin, **changes)
        return refusal.value.code

    def activate(self, pin: str = PINS[0]) -> str:
        return license_by_phone(self.pending, self.call(pin), now=self.office.clock.now)

    def signer(self, pending: PendingActivation) -> Ed25519PrivateKey:
        return unseal_signer(pending.sealed_signer, bind_best(self.computer), self.key_number)

    def pack_request(self, license: str | None) -> str:
        """What a key that works with a license asks for."""
        signer, request_id = self.signer(self.pending), secrets.token_urlsafe(24)
        key_public = encode_public(signer.public_key())
        context = password_context(request_id, PACK.pack, key_public)
        exchange = self.office.center.authority.exchange.public_key()
        content = PackRequest(
            request_id=request_id,
            pack=PACK.pack,
            sealed_password=seal_to(exchange, PACK.password.encode(), context=context),
            key_number=self.key_number,
            key_public=key_public,
            server_id="server",
            server_version="0.1.0",
            created_at=NOW,
            license=license,
        )
        return seal(content, signer)

    def pack_refused(self, license: str | None) -> str:
        with pytest.raises(LicensingError) as refusal:
            self.office.issuer.answer(self.pack_request(license), SERVER)
        return refusal.value.code


def make_center(directory: Path, database: str | None = None) -> Path:
    """The directory of a new center whose products are activated by telephone."""
    initialize(directory, Settings(name="Vendor", url=URL, database=database), None, now=NOW)
    by_phone = [msgspec.structs.replace(product, phone=True) for product in (RETAIL, NEVER)]
    with open_center(directory) as center:
        once = CatalogKey(key_number=ONCE, product="virtual", pins=PINS)
        Office(directory, center).apply(products=by_phone, keys=(once,), packs=[PACK])
    return directory


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a center that has answered nothing yet."""
    return make_center(tmp_path_factory.mktemp("sold") / "center")


@pytest.fixture
def office(sold: Path, tmp_path: Path) -> Iterator[Office]:
    """That center, which has answered nothing yet."""
    directory = tmp_path / "center"
    shutil.copytree(sold, directory)
    with open_center(directory) as center:
        yield Office(directory, center, sells=False)


@pytest.fixture
def caller(office: Office) -> Caller:
    return Caller(office)


def opened(caller: Caller, token: str) -> License:
    return open_license(token, caller.kit)


def test_a_call_gets_the_license_that_was_sold_for_one_pin(office: Office, caller: Caller) -> None:
    license = opened(caller, caller.activate())

    assert (license.key_number, license.product, license.counters, license.activation) == (KEY, "retail", COUNTERS, 1)
    assert (license.key_public, license.facts) == (caller.pending.content.key_public, caller.pending.content.facts)
    assert office.pins_spent() == 1
    assert office.history()[-1] == ("activated", None)


@pytest.mark.parametrize("told", [PINS[0], " 11111111 "])
def test_the_same_call_again_gets_the_same_answer_and_spends_nothing(caller: Caller, told: str) -> None:
    blocks = caller.call()

    again = caller.call(told, code=caller.code.replace(" ", "-"))

    assert again == blocks
    assert caller.office.pins_spent() == 1


def test_fifty_calls_at_once_spend_one_pin(office: Office, caller: Caller) -> None:
    code = caller.code
    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(lambda _: caller.call(code=code), range(50)))

    assert len(answers) == 1
    assert office.pins_spent() == 1


def test_on_either_database_a_key_lives_by_telephone_by_packs_and_online(
    tmp_path: Path, each_database: str | None
) -> None:
    with open_center(make_center(tmp_path / "center", each_database)) as center:
        caller = Caller(office := Office(tmp_path / "center", center, sells=False))
        token = caller.activate()
        raised = office.open(office.issuer.answer(caller.pack_request(token), SERVER))
        online = office.activate(PINS[1], of=caller.pending.content.facts)

        assert caller.call() == caller.call()
        assert (opened(caller, token).activation, raised.revision, online.activation) == (1, 2, 2)
        assert office.pins_spent() == 2


def test_an_answered_code_tells_nothing_to_whoever_has_not_its_pin(caller: Caller) -> None:
    caller.call()

    assert caller.refused("0000-0000") == "wrong_pin"
    assert caller.refused(PINS[1]) == "request_conflict"
    assert caller.office.pins_spent() == 1


def test_wrong_pins_are_counted_over_telephone_and_network_alike(office: Office, caller: Caller) -> None:
    caller.call()
    for _ in range(MAX_WRONG_PINS - 1):
        assert caller.refused("0000-0000") == "wrong_pin"
    with pytest.raises(LicensingError, match="no PIN"):
        office.activate("0000-0000")

    assert caller.refused(PINS[0]) == "too_many_attempts"
    office.clock.now += WRONG_PIN_PERIOD + 1
    assert caller.call()


def test_what_is_no_pin_at_all_is_a_wrong_one(caller: Caller) -> None:
    assert caller.refused("?") == "wrong_pin"


def test_an_unknown_key_is_told(caller: Caller) -> None:
    assert caller.refused(key_number="100-9999") == "unknown_key"


def test_a_misheard_code_names_the_block_and_costs_nothing(office: Office, caller: Caller) -> None:
    blocks = caller.code.split(" ")
    blocks[2] = ("1" if blocks[2][0] != "1" else "2") + blocks[2][1:]

    with pytest.raises(PhoneCodeError) as refusal:
        caller.call(code=" ".join(blocks))

    assert refusal.value.blocks == (3,)
    assert office.pins_spent() == 0


def test_a_product_that_is_not_activated_by_telephone_is_refused(office: Office, caller: Caller) -> None:
    office.apply(products=[RETAIL])

    assert caller.refused() == "phone_not_allowed"
    assert office.pins_spent() == 0


def test_a_kit_older_than_what_was_sold_is_refused_before_a_pin_is_spent(office: Office, caller: Caller) -> None:
    more = msgspec.structs.replace(COUNTERS[0], limit=9)
    office.apply(keys=[CatalogKey(key_number=KEY, product="retail", counters=(more,))])

    assert caller.refused() == "other_ticket"
    assert office.pins_spent() == 0
    fresh = Caller(office)
    assert opened(fresh, fresh.activate()).counters == (more,)


def test_the_answer_for_what_is_sold_now_opens_no_older_ticket(office: Office, caller: Caller) -> None:
    """Also where somebody says the digits of the new ticket."""
    old = caller.pending
    fewer = msgspec.structs.replace(COUNTERS[0], limit=1)
    office.apply(keys=[CatalogKey(key_number=KEY, product="retail", counters=(fewer,))])
    told, now = RequestCode.read(caller.code), RequestCode.read(Caller(office).code)
    pretended = RequestCode(now.ticket, told.facts, told.mark)

    blocks = caller.call(code=pretended.write())

    with pytest.raises(LicensingError, match="no answer to this server's request"):
        license_by_phone(old, blocks, now=NOW)


def test_further_pins_do_not_make_a_kit_old(office: Office, caller: Caller) -> None:
    office.apply(keys=[CatalogKey(key_number=KEY, product="retail", pins=(*PINS, "4444-4444"))])

    assert opened(caller, caller.activate("4444-4444")).activation == 1


def test_after_a_repair_the_next_pin_activates_again(office: Office, caller: Caller) -> None:
    caller.activate()
    caller.computer.facts |= {"disk": "new", "board": "new", "network": "new"}
    caller.renew()

    assert opened(caller, caller.activate(PINS[1])).activation == 2
    assert office.pins_spent() == 2


def test_a_ticket_that_is_used_up_is_told_before_a_pin_is_spent(office: Office, caller: Caller) -> None:
    pins = [f"5555-000{number}" for number in range(9)]
    office.apply(keys=[CatalogKey(key_number=KEY, product="retail", pins=tuple(pins))])
    for pin in pins[:8]:
        caller.call(pin)
        caller.renew()

    assert caller.refused(pins[8]) == "ticket_used_up"
    assert office.pins_spent() == 8


def test_another_computer_is_told_so(office: Office, caller: Caller) -> None:
    caller.activate()
    other = Caller(office, computer=Computer({kind: f"other {kind}" for kind in caller.computer.facts}))

    assert other.refused(PINS[1]) == "other_computer"


def test_a_product_that_is_activated_once_is_not_activated_again(office: Office) -> None:
    caller = Caller(office, key_number=ONCE)
    caller.activate()
    caller.renew()

    assert caller.refused(PINS[1]) == "already_activated"


def test_online_and_by_telephone_know_the_same_computer(office: Office, caller: Caller) -> None:
    office.activate(PINS[0], of=bind_best(caller.computer).digests(KEY))
    assert opened(caller, caller.activate(PINS[1])).activation == 2
    assert office.activate(PINS[2], of=bind_best(caller.computer).digests(KEY)).activation == 3


def test_online_another_computer_is_told_so_after_a_call(office: Office, caller: Caller) -> None:
    caller.activate()

    with pytest.raises(LicensingError, match="belongs to another computer"):
        office.activate(PINS[1])


def test_a_pack_raises_what_was_activated_by_telephone(office: Office, caller: Caller) -> None:
    token = caller.activate()
    before = opened(caller, token)

    raised = office.open(office.issuer.answer(caller.pack_request(token), SERVER))

    assert (raised.key_public, raised.facts, raised.activation) == (before.key_public, before.facts, 1)
    assert (raised.counters[0].limit, raised.revision, raised.ticket) == (COUNTERS[0].limit + 3, 2, None)


def test_a_key_with_packs_is_not_activated_again_by_telephone_but_online(office: Office, caller: Caller) -> None:
    office.issuer.answer(caller.pack_request(caller.activate()), SERVER)
    caller.renew()

    assert caller.refused(PINS[1]) == "has_packs"
    assert office.activate(PINS[1], of=caller.pending.content.facts).packs[0].pack == "P-1"


def test_a_pack_is_refused_where_the_license_is_not_shown(caller: Caller) -> None:
    caller.activate()

    assert caller.pack_refused(None) == "other_computer"


def test_a_pack_is_refused_for_a_license_that_was_made_for_another_computer(office: Office, caller: Caller) -> None:
    """Whoever has heard the answer can sign for himself, and gets nothing more of the center."""
    blocks = caller.call()
    clone = Caller(office, computer=Computer({kind: f"other {kind}" for kind in caller.computer.facts}))
    secret, own = read_answer(blocks, KEY, RequestCode.read(caller.code)), RequestCode.read(clone.code)
    forged = license_by_phone(clone.pending, write_answer(secret, KEY, own), now=NOW)

    assert opened(clone, forged).activation == 1
    assert clone.pack_refused(forged) == "other_computer"
    assert ("clone_seen", "pack_request") in office.history()


def test_after_a_pack_a_copy_is_noticed_as_well_and_the_key_itself_is_none(office: Office, caller: Caller) -> None:
    blocks, code = caller.call(), RequestCode.read(caller.code)
    own = license_by_phone(caller.pending, blocks, now=NOW)
    office.issuer.answer(caller.pack_request(own), SERVER)
    clone = Caller(office, computer=Computer({kind: f"other {kind}" for kind in caller.computer.facts}))
    secret = read_answer(blocks, KEY, code)
    forged = license_by_phone(clone.pending, write_answer(secret, KEY, RequestCode.read(clone.code)), now=NOW)

    assert caller.pack_refused(own) == "pack_spent"
    assert ("clone_seen", "pack_request") not in office.history()
    clone.pack_refused(forged)
    assert ("clone_seen", "pack_request") in office.history()


@pytest.mark.parametrize("shown", ["", "x", "a.b.c"])
def test_a_pack_is_refused_for_what_is_no_license(caller: Caller, shown: str) -> None:
    caller.activate()

    assert caller.pack_refused(shown) == "other_computer"


def test_a_ticket_is_the_same_again_while_nothing_changes(caller: Caller) -> None:
    assert caller.fresh_kit().tickets[KEY].token == caller.kit.tickets[KEY].token

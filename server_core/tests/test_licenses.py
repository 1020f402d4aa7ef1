# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which licenses are believed: the vendor's own, and those that keep to a ticket of his."""

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from licserver.activation.phone import code_of, license_by_phone
from licserver.documents import Counter, DocumentError, License, Pack, PhoneTicket, Raise, peek, seal
from licserver.errors import LicensingError
from licserver.kit import KitError
from licserver.licenses import open_license, vendor_key_id
from licserver.sealing import Ed25519PrivateKey, encode_public
from server_core.tests.helpers import KEY, NOW, PRODUCT, SESSIONS, Computer, Vendor


@dataclass
class Delegate:
    """Whoever may sign the licenses of a ticket."""

    vendor: Vendor
    signer: Ed25519PrivateKey
    ticket: PhoneTicket

    @classmethod
    def of(cls, vendor: Vendor) -> "Delegate":
        signer = Ed25519PrivateKey.generate()
        signers = tuple(encode_public(key.public_key()) for key in (signer, Ed25519PrivateKey.generate()))
        return cls(vendor, signer, msgspec.structs.replace(vendor.phone_ticket(), signers=signers))

    def license(self, *, signed_by: Ed25519PrivateKey | None = None, **changes: Any) -> str:
        """A license that keeps to the ticket, but for the changes."""
        changes.setdefault("ticket", seal(self.ticket, self.vendor.signer))
        license = self.vendor.answer(self.vendor.request(Computer()), **changes)
        return seal(license, signed_by or self.signer)


@pytest.fixture
def delegate(vendor: Vendor) -> Delegate:
    return Delegate.of(vendor)


def test_what_the_vendor_signed_is_believed(vendor: Vendor) -> None:
    license = vendor.answer(vendor.request(Computer()))

    assert open_license(seal(license, vendor.signer), vendor.kit) == license


def test_what_keeps_to_a_ticket_is_believed(delegate: Delegate) -> None:
    token = delegate.license()

    assert open_license(token, delegate.vendor.kit) == peek(token, License)


def test_either_way_it_is_known_which_vendors_key_it_rests_on(delegate: Delegate, vendor: Vendor) -> None:
    direct = seal(vendor.answer(vendor.request(Computer())), vendor.signer)

    assert vendor_key_id(direct) == vendor_key_id(delegate.license()) == vendor.kid


@pytest.mark.parametrize(
    "changes",
    [
        {"key_number": "100-0002"},
        {"vendor": "Somebody"},
        {"product": "other"},
        {"product_name": "Other 8"},
        {"counters": (Counter(name="main", type="session", limit=SESSIONS.limit + 1),)},
        {"counters": (SESSIONS, Counter(name="more", type="session", limit=1))},
        {"counters": (Counter(name="main", type="user", limit=SESSIONS.limit),)},
        {"reactivation": "never"},
        {"expires_at": NOW},
        {"revision": 2},
        {"packs": (Pack(pack="P-1", raises=(Raise(counter="main", licenses=1),), activated_at=NOW),)},
        {"activation": 2},
        {"activation": 3},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whatever_a_ticket_does_not_promise_is_not_believed(delegate: Delegate, changes: dict[str, Any]) -> None:
    license = msgspec.structs.replace(peek(delegate.license(), License), **changes)

    with pytest.raises(DocumentError):
        open_license(seal(license, delegate.signer), delegate.vendor.kit)


def test_an_end_that_the_ticket_sets_cannot_be_left_out(vendor: Vendor) -> None:
    delegate = Delegate.of(vendor)
    delegate.ticket = msgspec.structs.replace(delegate.ticket, expires_at=NOW + 1)

    with pytest.raises(DocumentError, match="expires_at"):
        open_license(delegate.license(), vendor.kit)


def test_a_ticket_counts_only_with_the_signature_of_the_vendor(delegate: Delegate, stranger: Vendor) -> None:
    with pytest.raises(KitError):
        open_license(delegate.license(ticket=seal(delegate.ticket, stranger.signer)), delegate.vendor.kit)


def test_nobody_but_the_signer_of_the_ticket_signs(delegate: Delegate, stranger: Vendor) -> None:
    with pytest.raises(DocumentError):
        open_license(delegate.license(signed_by=stranger.signer), delegate.vendor.kit)


def test_the_signer_of_a_ticket_signs_nothing_without_it(delegate: Delegate) -> None:
    with pytest.raises(LicensingError):
        open_license(delegate.license(ticket=None), delegate.vendor.kit)


def test_a_license_is_no_ticket(delegate: Delegate) -> None:
    own = seal(delegate.vendor.answer(delegate.vendor.request(Computer())), delegate.vendor.signer)

    with pytest.raises(DocumentError):
        open_license(delegate.license(ticket=own), delegate.vendor.kit)


def test_a_signer_that_is_no_public_key_signs_nothing(delegate: Delegate) -> None:
    delegate.ticket = msgspec.structs.replace(delegate.ticket, signers=("x",))

    with pytest.raises(DocumentError, match="no public key"):
        open_license(delegate.license(), delegate.vendor.kit)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_no_character_of_a_license_by_telephone_can_be_changed(vendor: Vendor, part: int) -> None:
    pending = vendor.request(Computer(), ticket=vendor.ticket())
    code = code_of(pending)
    assert code is not None
    parts = license_by_phone(pending, vendor.say(code.write()), now=NOW).split(".")

    for at in range(0, len(parts[part]), 7):
        changed = list(parts)
        changed[part] = parts[part][:at] + ("A" if parts[part][at] != "A" else "B") + parts[part][at + 1 :]
        with pytest.raises(LicensingError):
            open_license(".".join(changed), vendor.kit)
    assert open_license(".".join(parts), vendor.kit).product == PRODUCT
    assert open_license(".".join(parts), vendor.kit).key_number == KEY

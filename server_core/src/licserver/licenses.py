# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to believe a license, for the keyring, the component and the center alike.

A license is the vendor's word in one of two ways. docs/documents.md, "Ticket"; docs/security.md, "Telephone":

1. the vendor signed it; or
2. it carries a ticket that the vendor signed, is signed by the signer that the ticket names for its activation, and
   says of the key what the ticket says, word by word; there is nothing in it (no pack, no later revision) that the
   ticket does not promise.
"""

from typing import Protocol

from licserver.documents import DocumentError, License, PhoneTicket, open_sealed, peek, signer_id
from licserver.sealing import Ed25519PublicKey, decode_signing_public

TERMS = ("key_number", "vendor", "product", "product_name", "counters", "reactivation", "expires_at", "note")
"""What a license made from a ticket repeats of it."""


class VendorKeys(Protocol):
    """Whose signatures are believed: a kit, or the center's own."""

    def vendor_public(self, kid: str) -> Ed25519PublicKey:
        """The vendor's signing key of that id.

        :raises LicensingError: there is no such key.
        """


def open_license(token: str, vendor_keys: VendorKeys) -> License:
    """What the vendor promises a key.

    :raises DocumentError: cut, altered, or not what the vendor signed or promised.
    :raises LicensingError: signed by a vendor's key that is not known.
    """
    ticket_token = peek(token, License).ticket
    if ticket_token is None:
        return open_sealed(token, License, vendor_keys.vendor_public(signer_id(token, License)))
    ticket = open_ticket(ticket_token, vendor_keys)
    license = open_sealed(token, License, _signer(ticket, peek(token, License).activation))
    for name in TERMS:
        if getattr(license, name) != getattr(ticket, name):
            raise DocumentError(f"the license says of {name} what its ticket does not")
    if license.packs or license.revision != 1:
        raise DocumentError("the license has licenses of packs, which no ticket promises")
    return license


def open_ticket(token: str, vendor_keys: VendorKeys) -> PhoneTicket:
    """What the vendor promises a key that is activated by telephone.

    :raises DocumentError: cut, altered, or not signed by the vendor.
    :raises LicensingError: signed by a vendor's key that is not known.
    """
    return open_sealed(token, PhoneTicket, vendor_keys.vendor_public(signer_id(token, PhoneTicket)))


def vendor_key_id(token: str) -> str:
    """Which vendor's key a license *says* that it rests on.

    :raises DocumentError: cut or of another kind.
    """
    ticket = peek(token, License).ticket
    return signer_id(token, License) if ticket is None else signer_id(ticket, PhoneTicket)


def _signer(ticket: PhoneTicket, activation: int) -> Ed25519PublicKey:
    if activation > len(ticket.signers):
        raise DocumentError(f"the ticket names no signer for the activation {activation}")
    try:
        return decode_signing_public(ticket.signers[activation - 1])
    except ValueError as error:
        raise DocumentError("the ticket names a signer that is no public key") from error

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's kit: the file delivered with a product that says whom to trust and where to ask.

docs/specification.md, section 5; docs/documents.md, "Kit".
"""

from typing import Annotated, Literal

import msgspec
from cryptography.x509 import load_pem_x509_certificates

from licserver.documents import DocumentError
from licserver.errors import LicensingError
from licserver.licenses import open_ticket
from licserver.sealing import (
    Ed25519PublicKey,
    X25519PublicKey,
    decode_exchange_public,
    decode_signing_public,
    key_id,
)


class KitError(LicensingError):
    """A kit that cannot be used."""

    def __init__(self, message: str) -> None:
        super().__init__("bad_kit", message, hint="Take the kit again from the vendor's delivery")


class VendorKey(msgspec.Struct, frozen=True, kw_only=True):
    """One Ed25519 key with which the vendor signs licenses; several stand in a kit while keys change."""

    kid: str
    x: str


class KitTicket(msgspec.Struct, frozen=True, kw_only=True):
    """What activating one key by telephone needs. docs/documents.md, "Ticket".

    :ivar token: the signed :class:`licserver.documents.PhoneTicket`.
    :ivar sealed_signers: the private key of each signer that it names; the answer of the desk opens it.
    """

    token: str
    sealed_signers: tuple[str, ...]


class Kit(msgspec.Struct, frozen=True, kw_only=True):
    """What a computer needs to know of a vendor before it can ask for or believe a license.

    :ivar tickets: by key number; a kit with some is for the customer who has the keys.
    """

    kind: Literal["protect-kit"] = "protect-kit"
    version: Literal[1] = 1
    vendor: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    vendor_keys: Annotated[tuple[VendorKey, ...], msgspec.Meta(min_length=1)]
    exchange_key: str
    center_url: str
    center_ca: str | None = None
    mail: str | None = None
    phone: str | None = None
    tickets: dict[str, KitTicket] = {}

    def only_for(self, *key_numbers: str) -> "Kit":
        """The same kit without the tickets of other keys."""
        kept = {number: ticket for number, ticket in self.tickets.items() if number in key_numbers}
        return msgspec.structs.replace(self, tickets=kept)

    def exchange_public(self) -> X25519PublicKey:
        """The center's key to which PINs are sealed."""
        return decode_exchange_public(self.exchange_key)

    def vendor_public(self, kid: str) -> Ed25519PublicKey:
        """The vendor's signing key of that id.

        :raises KitError: the kit has no such key.
        """
        for key in self.vendor_keys:
            if key.kid == kid:
                return decode_signing_public(key.x)
        raise KitError(f"the kit of {self.vendor} has no signing key {kid}")


def read_kit(data: bytes | str) -> Kit:
    """A kit from its JSON text, checked.

    :raises KitError: saying what is wrong.
    """
    try:
        kit = msgspec.json.decode(data, type=Kit)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _no_kit(error) from error
    check_kit(kit)
    return kit


def check_kit(kit: Kit) -> None:
    """Check every key in a kit that came as part of something else.

    :raises KitError: saying what is wrong.
    """
    try:
        kit.exchange_public()
        for key in kit.vendor_keys:
            if key_id(decode_signing_public(key.x)) != key.kid:
                raise ValueError(f"the id {key.kid} is not that of its key")
        if kit.center_ca is not None:
            load_pem_x509_certificates(kit.center_ca.encode())
        for key_number, ticket in kit.tickets.items():
            if open_ticket(ticket.token, kit).key_number != key_number:
                raise ValueError(f"the ticket of the key {key_number} is for another key")
    except (ValueError, DocumentError) as error:
        raise _no_kit(error) from error


def _no_kit(problem: object) -> KitError:
    return KitError(f"this is not a vendor's kit: {problem}")

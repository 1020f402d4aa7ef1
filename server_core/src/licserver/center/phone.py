# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation by telephone at the center: tickets for kits, the decision on a call, and the answer to it. No I/O.

docs/specification.md, section 5; docs/security.md, "Telephone". Everything is derived from the pepper and from what the
key is worth today, so nothing is kept of tickets: as soon as the vendor changes what a key is worth, no answer opens an
older ticket any more.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from licserver.activation.phone import (
    SECRETS,
    RequestCode,
    are_short,
    digest_of_content,
    digest_of_ticket,
    seal_signer,
    short_ticket,
    write_answer,
)
from licserver.binding import FACT_KINDS
from licserver.center.answering import Case, KeyRecord, Refusal, decide, differing_facts
from licserver.center.clones import Self
from licserver.documents import ActivationRequest, Company, FactKind, License, Name, PhoneTicket
from licserver.errors import LicensingError
from licserver.kit import KitTicket
from licserver.licenses import VendorKeys, open_license
from licserver.sealing import Ed25519PrivateKey, derive_key, encode_public

_SIGNERS = 8
"""So many activations a ticket provides for at least: PINs may be added to a key, and the ticket lasts."""


class PhoneCall(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the desk is told.

    :ivar code: the request code, in any grouping.
    """

    key_number: Name
    pin: str
    code: str
    company: Company = Company()


class PhoneSecrets:
    """What only the center knows of tickets, derived from its pepper."""

    def __init__(self, pepper: bytes) -> None:
        self._key = derive_key(pepper, salt=b"", purpose="protect telephone")

    def ticket(self, key: KeyRecord, vendor: str) -> PhoneTicket:
        """What a key may be activated for by telephone today; asked again, the very same."""
        terms = PhoneTicket(
            key_number=key.key_number,
            vendor=vendor,
            product=key.product,
            product_name=key.product_name,
            counters=tuple(key.counters),
            reactivation=key.reactivation,
            expires_at=key.expires_at,
            note=key.head,
            signers=(),
        )
        activations = range(1, _activations(key) + 1)
        signers = tuple(encode_public(self._signer(terms, activation).public_key()) for activation in activations)
        return msgspec.structs.replace(terms, signers=signers)

    def kit_ticket(self, key: KeyRecord, vendor: str, sign: Callable[[PhoneTicket], str]) -> KitTicket:
        """A ticket as it lies in a kit. It takes about 50 milliseconds of work for each activation."""
        ticket = self.ticket(key, vendor)
        terms, ticket_digest = msgspec.structs.replace(ticket, signers=()), digest_of_content(ticket)
        sealed = (
            seal_signer(
                self._signer(terms, activation), self._secret(ticket_digest, activation), ticket_digest, activation
            )
            for activation in range(1, len(ticket.signers) + 1)
        )
        return KitTicket(token=sign(ticket), sealed_signers=tuple(sealed))

    def answer(self, ticket: PhoneTicket, activation: int, code: RequestCode) -> str:
        """The blocks that open a ticket for one activation."""
        return write_answer(self._secret(digest_of_content(ticket), activation), ticket.key_number, code)

    def _signer(self, terms: PhoneTicket, activation: int) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._derive("signer", digest_of_content(terms), activation))

    def _secret(self, ticket_digest: str, activation: int) -> int:
        return int.from_bytes(self._derive("secret", ticket_digest, activation), "big") % SECRETS

    def _derive(self, purpose: str, digest: str, activation: int) -> bytes:
        return hmac.new(self._key, f"{purpose}\n{digest}\n{activation}".encode(), hashlib.sha256).digest()


def request_of(call: PhoneCall, code: RequestCode, *, now: int) -> ActivationRequest:
    """A call in the form of a request, as far as the center is told. The same code makes the same one."""
    named = hashlib.sha256(f"{call.key_number}\n{code.digits}".encode()).hexdigest()
    return ActivationRequest(
        request_id=f"telephone-{named[:32]}",
        key_number=call.key_number,
        sealed_pin="",
        key_public=_standing_in(code),
        facts=code.fact_digests(),
        company=call.company,
        server_version="",
        created_at=now,
    )


def decide_call(
    case: Case, request: ActivationRequest, code: RequestCode, ticket: PhoneTicket, *, now: int
) -> License | Refusal:
    """What the server that is answered will sign, as far as the center knows it, or why there is no answer."""
    decision = decide(case, request, vendor=ticket.vendor, now=now)
    if isinstance(decision, Refusal):
        return decision
    return _judge_product(case.key) or _judge_packs(decision) or _judge_ticket(decision, code, ticket) or decision


def learned(issued: License, shown: str | None, vendor_keys: VendorKeys) -> License:
    """The license in force, with the key pair and the facts that no telephone could tell, where a license that is shown
    proves to be the one that the call was for.

    :param shown: the license that the key works with.
    """
    if not are_short(issued.facts):
        return issued
    found = _opened(shown, vendor_keys)
    if found is None or (found.license.activation, found.standing_in) != (issued.activation, issued.key_public):
        return issued
    return msgspec.structs.replace(found.license, ticket=None)


def copied(selves: Sequence[Self], shown: str | None, vendor_keys: VendorKeys) -> tuple[FactKind, ...] | None:
    """Whether a license that is shown was made with the answer to somebody else's call.

    :param selves: of the key, by activation.
    :returns: the facts in which its computer differs from the one that called; ``None``: there is nothing to say.
    """
    found = _opened(shown, vendor_keys)
    if found is None or found.license.activation > len(selves):
        return None
    known = selves[found.license.activation - 1]
    if known.key_public == found.standing_in:
        return None
    return differing_facts(known.facts, found.license.facts)


def phone_not_allowed(key: KeyRecord) -> Refusal:
    """The refusal where the product is not activated by telephone."""
    return Refusal(
        "phone_not_allowed",
        f"the key {key.key_number} is of {key.product_name}, which is not activated by telephone",
        "Activate it online or by a request file",
    )


class _Shown(NamedTuple):
    """A license made with an answer, and what stands for its key pair in the registry."""

    license: License
    standing_in: str


def _opened(shown: str | None, vendor_keys: VendorKeys) -> _Shown | None:
    if shown is None:
        return None
    try:
        license = open_license(shown, vendor_keys)
    except LicensingError:
        return None
    if license.ticket is None or set(license.facts) != set(FACT_KINDS):
        return None
    code = RequestCode.of(
        key_number=license.key_number,
        key_public=license.key_public,
        facts=license.facts,
        ticket_digest=digest_of_ticket(license.ticket),
    )
    return _Shown(license, _standing_in(code))


def _activations(key: KeyRecord) -> int:
    return 1 if key.reactivation == "never" else max(_SIGNERS, key.pins)


def _judge_product(key: KeyRecord) -> Refusal | None:
    return None if key.phone else phone_not_allowed(key)


def _judge_packs(decision: License) -> Refusal | None:
    if not decision.packs:
        return None
    return Refusal(
        "has_packs",
        f"the key {decision.key_number} has license packs, which no telephone can carry",
        "Activate it online or by a request file",
    )


def _judge_ticket(decision: License, code: RequestCode, ticket: PhoneTicket) -> Refusal | None:
    number = decision.key_number
    if code.ticket != short_ticket(digest_of_content(ticket)):
        return Refusal(
            "other_ticket",
            f"the request code is for another key than {number}, or the kit there is older than what was sold",
            "Compare the key number; send a kit of today with a ticket for it, or have a request file carried",
        )
    if decision.activation > len(ticket.signers):
        return Refusal(
            "ticket_used_up",
            f"the ticket of the key {number} provides for {len(ticket.signers)} activations",
            "Activate it online or by a request file",
        )
    return None


def _standing_in(code: RequestCode) -> str:
    """Stands where the public key would: the center is not told it, and no key is spelled so."""
    return f"telephone {code.digits}"

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation by telephone: the code that a license server shows, and the license that it makes of the answer.

docs/specification.md, section 5; docs/documents.md, "Telephone"; docs/security.md, "Telephone". A telephone cannot
carry a signature, so the vendor signs beforehand: a ticket in the kit promises what the key is worth, and names for
each of its activations a signer whose private key lies beside it, sealed with a secret of the center. The answer of the
desk is that secret, masked for the server that asked; with it the server signs its own license.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from licserver.activation import ActivationError
from licserver.activation.blocks import ANSWER_CODE, REQUEST_CODE
from licserver.activation.requests import PendingActivation
from licserver.binding import FACT_KINDS
from licserver.documents import ActivationRequest, FactDigest, FactKind, License, PhoneTicket, seal
from licserver.kit import KitTicket
from licserver.licenses import TERMS, open_ticket
from licserver.sealing import (
    Ed25519PrivateKey,
    UnsealError,
    decode_bytes,
    decrypt,
    encode_bytes,
    encode_public,
    encrypt,
)

SECRETS: int = 10**ANSWER_CODE.digits
"""The secret of an activation is a number below this."""
_SHORT_SOURCE = "telephone"
_TICKET_DIGITS, _FACT_DIGITS, _MARK_DIGITS = 4, 4, 8
assert _TICKET_DIGITS + _FACT_DIGITS * len(FACT_KINDS) + _MARK_DIGITS == REQUEST_CODE.digits


@dataclass(frozen=True)
class RequestCode:
    """What a license server says of itself and its request in a few digits.

    :ivar ticket: stands for the ticket in its kit.
    :ivar facts: of its computer, each shortened.
    :ivar mark: stands for the key pair that it made, and all the rest.
    """

    ticket: str
    facts: Mapping[FactKind, str]
    mark: str

    @classmethod
    def of(
        cls, *, key_number: str, key_public: str, facts: Mapping[FactKind, FactDigest], ticket_digest: str
    ) -> "RequestCode":
        """The code of a request, or of the license that was made of the answer to it."""
        listed = [f"{kind}\t{facts[kind].source}\t{facts[kind].digest}" for kind in FACT_KINDS]
        mark = _digits(_MARK_DIGITS, "mark", key_number, key_public, ticket_digest, *listed)
        short = {kind: digest.digest for kind, digest in shorten(facts).items()}
        return cls(short_ticket(ticket_digest), short, mark)

    @classmethod
    def read(cls, typed: str) -> "RequestCode":
        """The code behind what was typed, in any grouping.

        :raises PhoneCodeError: it was misheard or mistyped.
        """
        digits = REQUEST_CODE.read(typed)
        ticket, told, mark = digits[:_TICKET_DIGITS], digits[_TICKET_DIGITS:-_MARK_DIGITS], digits[-_MARK_DIGITS:]
        parts = (told[at : at + _FACT_DIGITS] for at in range(0, len(told), _FACT_DIGITS))
        return cls(ticket, dict(zip(FACT_KINDS, parts, strict=True)), mark)

    @property
    def digits(self) -> str:
        """All of it, without check digits."""
        return self.ticket + "".join(self.facts[kind] for kind in FACT_KINDS) + self.mark

    def write(self) -> str:
        """The blocks to be told."""
        return REQUEST_CODE.write(self.digits)

    def fact_digests(self) -> dict[FactKind, FactDigest]:
        """The facts in the form in which :func:`shorten` leaves them."""
        return {kind: FactDigest(source=_SHORT_SOURCE, digest=digits) for kind, digits in self.facts.items()}


def shorten(facts: Mapping[FactKind, FactDigest]) -> dict[FactKind, FactDigest]:
    """Facts as a code can tell them: four digits each. Those that are short already stay."""
    return {kind: fact if fact.source == _SHORT_SOURCE else _shortened(kind, fact) for kind, fact in facts.items()}


def are_short(facts: Mapping[FactKind, FactDigest]) -> bool:
    """Whether facts came by telephone."""
    return any(fact.source == _SHORT_SOURCE for fact in facts.values())


def digest_of_ticket(token: str) -> str:
    """What stands for a signed ticket: the SHA-256 of what it says, in hexadecimal digits."""
    return hashlib.sha256(decode_bytes(token.split(".")[1])).hexdigest()


def digest_of_content(ticket: PhoneTicket) -> str:
    """The :func:`digest_of_ticket` of a ticket, whoever signs it."""
    return hashlib.sha256(msgspec.json.encode(ticket)).hexdigest()


def short_ticket(ticket_digest: str) -> str:
    """What a code says of a ticket."""
    return _digits(_TICKET_DIGITS, "ticket", ticket_digest)


def write_answer(secret: int, key_number: str, code: RequestCode) -> str:
    """The blocks that the desk says. Without the request they tell nothing of the secret to whoever mistypes them
    somewhere else; whoever knows the code can take the mask off."""
    masked = (secret + _mask(key_number, code)) % SECRETS
    return ANSWER_CODE.write(f"{masked:0{ANSWER_CODE.digits}d}")


def read_answer(typed: str, key_number: str, code: RequestCode) -> int:
    """The secret in an answer.

    :raises PhoneCodeError: it was misheard or mistyped.
    """
    return (int(ANSWER_CODE.read(typed)) - _mask(key_number, code)) % SECRETS


def seal_signer(signer: Ed25519PrivateKey, secret: int, ticket_digest: str, activation: int) -> str:
    """The private key of a ticket's signer for one activation, as it lies in the kit."""
    key, context = _sealing_key(secret, ticket_digest), _context(ticket_digest, activation)
    return encode_bytes(encrypt(key, signer.private_bytes_raw(), context=context))


def code_of(pending: PendingActivation) -> RequestCode | None:
    """The code to be told for a request; ``None`` where the kit has no ticket for the key."""
    ticket = pending.kit.tickets.get(pending.content.key_number)
    return None if ticket is None else _code(pending.content, ticket)


def license_by_phone(pending: PendingActivation, typed: str, *, now: int) -> str:
    """The license of a request that was answered by telephone, signed. It takes a tenth of a second of work.

    :param typed: the three blocks, in any grouping.
    :param now: seconds since 1970-01-01 UTC.
    :raises PhoneCodeError: a block was misheard or mistyped.
    :raises ActivationError: the blocks answer another request.
    :raises DocumentError: the ticket in the kit cannot be believed.
    """
    asked = pending.content
    at_hand = pending.kit.tickets.get(asked.key_number)
    if at_hand is None:
        raise no_ticket(asked.key_number)
    ticket = open_ticket(at_hand.token, pending.kit)
    secret = read_answer(typed, asked.key_number, _code(asked, at_hand))
    activation, signer = _open_signer(secret, ticket, at_hand)
    license = License(
        **{name: getattr(ticket, name) for name in TERMS},
        key_public=asked.key_public,
        facts=asked.facts,
        request_id=asked.request_id,
        activation=activation,
        issued_at=now,
        company=asked.company,
        ticket=at_hand.token,
    )
    return seal(license, signer)


def no_ticket(key_number: str) -> ActivationError:
    """The refusal where the kit does not provide for the telephone."""
    return ActivationError(
        "no_ticket",
        f"the vendor's kit has no ticket for the key {key_number}: it cannot be activated by telephone",
        hint="Ask the vendor for a kit with a ticket for this key, or carry a request file",
    )


def _code(request: ActivationRequest, ticket: KitTicket) -> RequestCode:
    return RequestCode.of(
        key_number=request.key_number,
        key_public=request.key_public,
        facts=request.facts,
        ticket_digest=digest_of_ticket(ticket.token),
    )


def _open_signer(secret: int, ticket: PhoneTicket, at_hand: KitTicket) -> tuple[int, Ed25519PrivateKey]:
    ticket_digest = digest_of_ticket(at_hand.token)
    key = _sealing_key(secret, ticket_digest)
    for activation, (public, sealed) in enumerate(zip(ticket.signers, at_hand.sealed_signers, strict=False), 1):
        try:
            raw = decrypt(key, decode_bytes(sealed), context=_context(ticket_digest, activation))
            signer = Ed25519PrivateKey.from_private_bytes(raw)
        except (UnsealError, ValueError):
            continue
        if encode_public(signer.public_key()) == public:
            return activation, signer
    raise ActivationError(
        "bad_answer",
        f"these blocks are no answer to this server's request for the key {ticket.key_number}",
        hint="Tell the desk the request code that this server shows now, and type the answer to it",
    )


def _shortened(kind: FactKind, fact: FactDigest) -> FactDigest:
    return FactDigest(source=_SHORT_SOURCE, digest=_digits(_FACT_DIGITS, "fact", kind, fact.source, fact.digest))


def _mask(key_number: str, code: RequestCode) -> int:
    return int(_digits(ANSWER_CODE.digits, "mask", key_number, code.digits))


def _sealing_key(secret: int, ticket_digest: str) -> bytes:
    password, salt = f"{secret:0{ANSWER_CODE.digits}d}", f"protect ticket {ticket_digest}"
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=16384, r=8, p=1, dklen=32)


def _context(ticket_digest: str, activation: int) -> bytes:
    return f"{ticket_digest}\n{activation}".encode()


def _digits(count: int, *parts: str) -> str:
    """So many decimal digits of the SHA-256 of the parts, one a line."""
    text = "\n".join(("protect telephone", *parts))
    return f"{int.from_bytes(hashlib.sha256(text.encode()).digest(), 'big') % 10**count:0{count}d}"

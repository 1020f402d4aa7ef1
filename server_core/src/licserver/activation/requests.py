# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request for a license, and the answer to it, as the license server sees them.

docs/specification.md, section 5; docs/documents.md, "Activation request". A request is made once and kept until it is
answered: sent again, after a lost answer or a crash, it is the very same, and the center gives the very same answer
without spending another PIN.
"""

import secrets

import msgspec

from licserver.activation import ActivationError
from licserver.binding import Binding
from licserver.documents import (
    ActivationRequest,
    Company,
    License,
    Name,
    open_sealed,
    pin_context,
    seal,
    signer_id,
)
from licserver.keys.soft_key import seal_signer, write_soft_key
from licserver.kit import Kit
from licserver.sealing import Ed25519PrivateKey, encode_public, seal_to


class PendingActivation(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was made and not answered yet, as it is kept on disk.

    :ivar request: the signed request document.
    :ivar sealed_signer: the new key's private key, sealed with the facts of this computer.
    """

    key_number: str
    request: str
    sealed_signer: str
    content: ActivationRequest


class NewActivation(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator gives to activate a key."""

    key_number: Name
    pin: str
    company: Company = Company()


def make_request(
    wanted: NewActivation, kit: Kit, binding: Binding, *, now: int, server_version: str
) -> PendingActivation:
    """A new key pair, bound to this computer, and the request for its license. The PIN is sealed to the center:
    nobody on the way can read it.

    :param now: seconds since 1970-01-01 UTC.
    """
    signer = Ed25519PrivateKey.generate()
    request_id, key_public = secrets.token_urlsafe(24), encode_public(signer.public_key())
    context = pin_context(request_id, wanted.key_number, key_public)
    content = ActivationRequest(
        request_id=request_id,
        key_number=wanted.key_number,
        sealed_pin=seal_to(kit.exchange_public(), wanted.pin.strip().encode(), context=context),
        key_public=key_public,
        facts=binding.digests(wanted.key_number),
        company=wanted.company,
        server_version=server_version,
        created_at=now,
    )
    return PendingActivation(
        key_number=wanted.key_number,
        request=seal(content, signer),
        sealed_signer=seal_signer(signer, binding, wanted.key_number),
        content=content,
    )


def accept_answer(pending: PendingActivation, answer: str, kit: Kit) -> str:
    """The text of the ``.dongle`` file that an answer makes of a request.

    :raises DocumentError: the answer was cut or altered, or the vendor did not sign it.
    :raises ActivationError: it answers another request.
    """
    license = open_sealed(answer, License, kit.vendor_public(signer_id(answer, License)))
    asked = pending.content
    if (license.request_id, license.key_number) != (asked.request_id, asked.key_number):
        raise ActivationError(
            "bad_answer",
            f"this answer is for the key {license.key_number} and another request",
            hint="Load the answer on the server that made the request",
        )
    if license.key_public != asked.key_public or license.facts != asked.facts:
        raise ActivationError("bad_answer", "this answer is for another computer")
    return write_soft_key(answer, license, pending.sealed_signer)

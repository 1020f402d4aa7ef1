# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request for a license, and the answer to it, as the license server sees them.

docs/specification.md, section 5; docs/documents.md, "Activation request". A request is made once and kept until it is
answered: sent again, after a lost answer or a crash, it is the very same, and the center gives the very same answer
without spending another PIN.
"""

import hashlib
import secrets
import time
from collections.abc import Mapping

import msgspec

from licserver.activation import ActivationError
from licserver.armor import armor
from licserver.binding import Binding
from licserver.documents import (
    ActivationRequest,
    Company,
    License,
    Name,
    open_self_signed,
    pin_context,
    seal,
)
from licserver.keys.soft_key import is_sealed_signer, seal_signer, write_soft_key
from licserver.kit import Kit, check_kit
from licserver.licenses import open_license
from licserver.sealing import Ed25519PrivateKey, encode_public, seal_to

REQUEST_TITLE = "Protect activation request"


class PendingActivation(msgspec.Struct, frozen=True, kw_only=True, tag="key"):
    """A request that was made and not answered yet, as it is kept on disk.

    :ivar request: the signed request document.
    :ivar sealed_signer: the new key's private key, sealed with the facts of this computer.
    :ivar kit: of the vendor who is asked, and whose answer is believed.
    """

    request: str
    sealed_signer: str
    content: ActivationRequest
    kit: Kit

    @property
    def name(self) -> str:
        """The name of what is asked for: there is one request for it at a time."""
        return request_name(self.content.key_number, self.kit)

    def check(self) -> None:
        """Look whether it is as it was made, after it has lain on a disk.

        :raises LicensingError: it was cut or altered.
        """
        check_kept(open_self_signed(self.request, ActivationRequest) == self.content)
        check_kept(is_sealed_signer(self.sealed_signer))
        check_kit(self.kit)

    def text(self) -> str:
        """The request as a file that people carry to the center."""
        return request_file(REQUEST_TITLE, request_head(self.content), self.request, self.kit)


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
    :raises ActivationError: the PIN is empty.
    """
    check_given("PIN", wanted.pin)
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
        request=seal(content, signer),
        sealed_signer=seal_signer(signer, binding, wanted.key_number),
        content=content,
        kit=kit.only_for(wanted.key_number),
    )


def check_given(what: str, secret: str) -> None:
    """Refuse an empty secret: its request would be carried to the center in vain.

    :raises ActivationError: there is nothing in it.
    """
    if not secret.strip():
        raise ActivationError(
            f"bad_{what.lower()}", f"the {what} is empty", hint=f"Give the {what} of the delivery papers"
        )


def check_kept(whole: bool) -> None:
    """Refuse a request of which a part is not what it was.

    :raises ActivationError: it is not whole.
    """
    if not whole:
        raise ActivationError("bad_state", "a part of the request is not what it was when it was made")


def is_in_force(pending: PendingActivation, license: License) -> bool:
    """Whether a request was answered with the key that has this license, or an earlier one of the same activation."""
    return license.key_public == pending.content.key_public


def request_name(key_number: str, kit: Kit) -> str:
    """The name of a request for a key of one vendor."""
    return f"{key_number}-{hashlib.sha256(kit.exchange_key.encode()).hexdigest()[:16]}"


def request_head(request: ActivationRequest) -> dict[str, str]:
    """What stands in clear at the head of a request's file."""
    return {
        "Key number": request.key_number,
        "Company": request.company.name,
        "Made": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(request.created_at)),
    }


def request_file(title: str, head: Mapping[str, str], request: str, kit: Kit) -> str:
    """A request as text that people carry to the center; at its end it says where."""
    mail = f", or mail it to {kit.mail}" if kit.mail else ""
    carried = f"Upload this file at {kit.center_url}{mail}.\nLoad the answer on the server that made this request.\n"
    return f"{armor(title, head, {'REQUEST': request})}\n{carried}"


def accept_answer(pending: PendingActivation, answer: str) -> str:
    """The text of the ``.dongle`` file that an answer makes of a request.

    :raises DocumentError: the answer was cut or altered, or the vendor did not sign it.
    :raises ActivationError: it answers another request.
    """
    license = open_license(answer, pending.kit)
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

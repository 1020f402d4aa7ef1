# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request for the licenses of a pack, and the answer to it, as the license server sees them.

docs/specification.md, section 6; docs/documents.md, "Pack request". The key signs the request, so it is made where the
key is attached; the answer is the key's next license, with the limits raised, and fits no other key and no other
computer. As with an activation, a request is kept until it is answered and gets the same answer every time.
"""

import secrets
import time
from collections.abc import Sequence

import msgspec

from licserver.activation import ActivationError
from licserver.activation.requests import check_given, check_kept, request_file
from licserver.documents import (
    MAX_LICENSES,
    Counter,
    License,
    Name,
    PackRequest,
    Raise,
    open_self_signed,
    password_context,
)
from licserver.keys import ProtectionKey
from licserver.kit import Kit, check_kit
from licserver.licenses import open_license
from licserver.sealing import seal_to


class NewPack(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator gives to activate a pack."""

    key_number: Name
    pack: Name
    password: str


REQUEST_TITLE = "Protect pack request"


class PendingPack(msgspec.Struct, frozen=True, kw_only=True, tag="pack"):
    """A request that was made and not answered yet, as it is kept on disk; see
    :class:`licserver.activation.requests.PendingActivation`."""

    request: str
    content: PackRequest
    kit: Kit

    @property
    def name(self) -> str:
        """The name of what is asked for: there is one request for it at a time."""
        return pack_request_name(self.content.pack, self.content.key_number)

    def check(self) -> None:
        """See :meth:`licserver.activation.requests.PendingActivation.check`."""
        check_kept(open_self_signed(self.request, PackRequest) == self.content)
        check_kit(self.kit)

    def text(self) -> str:
        """The request as a file that people carry to the center."""
        return request_file(REQUEST_TITLE, pack_request_head(self.content), self.request, self.kit)


def pack_request_name(pack: str, key_number: str) -> str:
    """The name of a request for a pack. The plus sign is in no name of a key."""
    return f"{pack}+{key_number}"


def pack_request_head(request: PackRequest) -> dict[str, str]:
    """What stands in clear at the head of a request's file."""
    return {
        "Pack": request.pack,
        "Key number": request.key_number,
        "Made": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(request.created_at)),
    }


def make_pack_request(
    wanted: NewPack, key: ProtectionKey, kit: Kit, *, server_id: str, now: int, server_version: str
) -> PendingPack:
    """The request of a key for the licenses of a pack. The password is sealed to the center.

    :param now: seconds since 1970-01-01 UTC.
    :raises ActivationError: the password is empty.
    """
    check_given("password", wanted.password)
    request_id, key_public = secrets.token_urlsafe(24), key.license.key_public
    context = password_context(request_id, wanted.pack, key_public)
    content = PackRequest(
        request_id=request_id,
        pack=wanted.pack,
        sealed_password=seal_to(kit.exchange_public(), wanted.password.strip().encode(), context=context),
        key_number=wanted.key_number,
        key_public=key_public,
        server_id=server_id,
        server_version=server_version,
        created_at=now,
        facts=key.license.facts,
        license=key.license_token if key.license.ticket is not None else None,
    )
    return PendingPack(request=key.sign(content), content=content, kit=kit)


def accept_pack_answer(pending: PendingPack, answer: str, current: License) -> License:
    """The license that an answer puts in the place of the current one.

    :raises DocumentError: the answer was cut or altered, or the vendor did not sign it.
    :raises ActivationError: it answers another request, is for another key or computer, or is older than the license.
    """
    license = open_license(answer, pending.kit)
    asked = pending.content
    if license.request_id != asked.request_id or not holds_pack(license, asked.pack):
        raise ActivationError(
            "bad_answer",
            "this answer is for another request",
            hint="Load the answer on the server that made the request",
        )
    if (license.key_public, license.facts) != (current.key_public, current.facts):
        raise ActivationError(
            "bad_answer",
            f"this answer is for another activation of the key {license.key_number}, or for another computer",
            hint="Ask for the pack anew",
        )
    if license.revision <= current.revision:
        raise ActivationError("old_answer", f"the key {license.key_number} has a newer license already")
    return license


def holds_pack(license: License, pack: str) -> bool:
    """Whether a pack's licenses are among those of a license."""
    return any(held.pack == pack for held in license.packs)


def raise_limits(counters: Sequence[Counter], raises: Sequence[Raise]) -> tuple[Counter, ...]:
    """The counters with so many licenses more.

    :raises ValueError: a counter that is not there, or more licenses than a counter can have.
    """
    limits = {counter.name: counter.limit for counter in counters}
    for more in raises:
        if more.counter not in limits:
            raise ValueError(f"there is no counter {more.counter}")
        limits[more.counter] += more.licenses
        if limits[more.counter] > MAX_LICENSES:
            raise ValueError(f"the counter {more.counter} would have more than {MAX_LICENSES} licenses")
    return tuple(msgspec.structs.replace(counter, limit=limits[counter.name]) for counter in counters)

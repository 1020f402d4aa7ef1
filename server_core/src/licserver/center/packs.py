# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision on one request for a pack: the key's next license, or a refusal that says why. No I/O.

docs/specification.md, section 6: a pack raises the limits of one key, once, and only where that key is attached. What
a pack was used for is told only to those who show its password.
"""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from licserver.activation.packs import raise_limits
from licserver.center.answering import MAX_WRONG_PINS, WRONG_PIN_PERIOD, Refusal, wrong_counters
from licserver.documents import License, Name, Pack, PackRequest, Raise


class PackRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A pack as the vendor sold it."""

    pack: Name
    product: Name
    raises: Annotated[tuple[Raise, ...], msgspec.Meta(min_length=1)]


@dataclass(frozen=True)
class PackCase:
    """Everything that the registry knows and the decision needs.

    :ivar issued: the license in force of the key that asks; ``None``: it was never activated.
    :ivar used_by: the key that the pack was activated for.
    :ivar recent_wrong_passwords: of this pack within :data:`licserver.center.answering.WRONG_PIN_PERIOD`.
    """

    pack: PackRecord
    password_right: bool
    recent_wrong_passwords: int
    used_by: str | None
    issued: License | None


def unknown_pack(pack: str) -> Refusal:
    """The refusal for a pack that the registry does not have."""
    return Refusal("unknown_pack", f"there is no license pack {pack}", "Compare its id with the delivery papers")


def decide_pack(case: PackCase, request: PackRequest, *, now: int) -> License | Refusal:
    """The license that ``request`` deserves, or why it gets none."""
    refusal = _judge_password(case) or _judge_pack(case)
    if refusal is not None:
        return refusal
    if case.issued is None:
        return Refusal(
            "key_not_activated",
            f"the key {request.key_number} was never activated",
            "Activate the key first, then the pack",
        )
    return _judge_key(case, case.issued, request, now) or _raised(case.pack, case.issued, request, now)


def _judge_password(case: PackCase) -> Refusal | None:
    pack = case.pack.pack
    if case.recent_wrong_passwords >= MAX_WRONG_PINS:
        return Refusal(
            "too_many_attempts",
            f"too many wrong passwords for the pack {pack}",
            f"Wait {WRONG_PIN_PERIOD // 60} minutes, then try again with the right password",
        )
    if not case.password_right:
        return Refusal(
            "wrong_password",
            f"this is not the password of the pack {pack}",
            "Compare the password with the delivery papers",
        )
    return None


def _judge_pack(case: PackCase) -> Refusal | None:
    if case.used_by is None:
        return None
    return Refusal(
        "pack_spent",
        f"the pack {case.pack.pack} was activated for the key {case.used_by} before",
        "A pack is activated once; ask the vendor for another one",
    )


def _judge_key(case: PackCase, issued: License, request: PackRequest, now: int) -> Refusal | None:
    number = request.key_number
    if issued.key_public != request.key_public:
        return Refusal(
            "other_computer",
            f"the key {number} was activated again since, and this is not the computer of its last activation",
            "Activate the pack on the computer where the key works",
        )
    if issued.product != case.pack.product:
        return Refusal(
            "wrong_product",
            f"the pack {case.pack.pack} is for {case.pack.product}, and the key {number} is of {issued.product}",
            "Activate the pack for a key of its product",
        )
    if issued.expires_at is not None and issued.expires_at <= now:
        return Refusal("key_expired", f"the key {number} has expired", "Ask the vendor for a new key")
    return None


def _raised(pack: PackRecord, issued: License, request: PackRequest, now: int) -> License | Refusal:
    try:
        counters = raise_limits(issued.counters, pack.raises)
    except ValueError as error:
        return wrong_counters(f"the pack {pack.pack} cannot raise the limits of the key {request.key_number}: {error}")
    return msgspec.structs.replace(
        issued,
        counters=counters,
        packs=(*issued.packs, Pack(pack=pack.pack, raises=pack.raises, activated_at=now)),
        revision=issued.revision + 1,
        request_id=request.request_id,
    )

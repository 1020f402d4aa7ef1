# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision on one activation request: a license to sign, or a refusal that says why. No I/O.

docs/specification.md, section 5:

- any unspent PIN of a key activates it first, each further one activates it again, and only where so many of the four
  facts are still what they were at the last activation as the product asks for;
- a product whose ``reactivation`` is ``never`` is activated once.

What a key was used for is told only to those who show one of its PINs, so the PIN is judged before everything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from licserver.activation.packs import raise_limits
from licserver.activation.phone import are_short, shorten
from licserver.binding import FACT_KINDS, changed_facts, name_facts
from licserver.documents import ActivationRequest, Counter, FactDigest, FactKind, License

Facts = Mapping[FactKind, FactDigest]
Reactivation = Literal["pins", "never"]
"""May a key be activated again, with its further PINs, or never. A policy of the product."""

MAX_WRONG_PINS = 10
"""So many wrong PINs of one key within :data:`WRONG_PIN_PERIOD` are judged; further requests are turned away."""
WRONG_PIN_PERIOD = 3600
"""Seconds."""


class PinState(Enum):
    """What the registry knows of the PIN in a request."""

    WRONG = "wrong"
    SPENT = "spent"
    UNSPENT = "unspent"


@dataclass(frozen=True)
class KeyRecord:
    """A key as the vendor sold it.

    :ivar same_facts: how many of the four facts must be unchanged where it is activated again.
    :ivar head: the vendor's words at the head of the key's file.
    :ivar phone: may it be activated by telephone?
    :ivar pins: how many PINs a key of its product gets.
    """

    key_number: str
    product: str
    product_name: str
    counters: Sequence[Counter]
    reactivation: Reactivation
    expires_at: int | None
    same_facts: int
    head: str
    phone: bool
    pins: int


@dataclass(frozen=True)
class Case:
    """Everything that the registry knows and the decision needs.

    :ivar last: the key's license in force; ``None`` while it was never activated.
    :ivar unspent_pins: how many PINs of the key are left.
    :ivar recent_wrong_pins: wrong PINs of this key within :data:`WRONG_PIN_PERIOD`.
    """

    key: KeyRecord
    last: License | None
    pin: PinState
    unspent_pins: int
    recent_wrong_pins: int


@dataclass(frozen=True)
class Refusal:
    """Why a request is not granted; the words of a :class:`licserver.errors.LicensingError`."""

    code: str
    message: str
    hint: str
    details: Mapping[str, Sequence[str]] = field(default_factory=dict)


def unknown_key(key_number: str) -> Refusal:
    """The refusal for a key number that the registry does not have."""
    return Refusal("unknown_key", f"there is no key {key_number}", "Compare the key number with the delivery papers")


def wrong_counters(problem: str) -> Refusal:
    """The refusal where what was sold does not fit together."""
    return Refusal("wrong_counters", problem, "Ask the vendor's support line")


def decide(case: Case, request: ActivationRequest, *, vendor: str, now: int) -> License | Refusal:
    """The license that ``request`` deserves, or why it gets none."""
    return (
        judge_pin(case)
        or _judge_key(case, now)
        or _judge_spending(case)
        or _judge_facts(case, request)
        or _license(case, request, vendor=vendor, now=now)
    )


def judge_pin(case: Case) -> Refusal | None:
    """Why a PIN is not accepted, before anything is told of its key."""
    number = case.key.key_number
    if case.recent_wrong_pins >= MAX_WRONG_PINS:
        return Refusal(
            "too_many_attempts",
            f"too many wrong PINs for the key {number}",
            f"Wait {WRONG_PIN_PERIOD // 60} minutes, then try again with the right PIN",
        )
    if case.pin is PinState.WRONG:
        return Refusal("wrong_pin", f"this is no PIN of the key {number}", "Compare the PIN with the delivery papers")
    return None


def _judge_key(case: Case, now: int) -> Refusal | None:
    key = case.key
    if key.expires_at is not None and key.expires_at <= now:
        return Refusal("key_expired", f"the key {key.key_number} has expired", "Ask the vendor for a new key")
    if case.last is not None and key.reactivation == "never":
        return Refusal(
            "already_activated",
            f"the key {key.key_number} is activated, and a key of {key.product_name} is never activated again",
            "Use the key where it was activated, or ask the vendor's support line",
        )
    return None


def _judge_spending(case: Case) -> Refusal | None:
    number = case.key.key_number
    if case.unspent_pins == 0:
        return Refusal(
            "pins_exhausted", f"all PINs of the key {number} are spent", "Ask the vendor's support line for another PIN"
        )
    if case.pin is PinState.SPENT:
        return Refusal("pin_spent", f"this PIN of the key {number} is spent", "Use the next PIN of the key")
    return None


def _judge_facts(case: Case, request: ActivationRequest) -> Refusal | None:
    missing = [kind for kind in FACT_KINDS if kind not in request.facts]
    if missing:
        return Refusal(
            "incomplete_facts",
            f"the request does not say {name_facts(missing)}",
            "Make the request with the license server of this product",
            {"facts": missing},
        )
    if case.last is None:
        return None
    changed = differing_facts(case.last.facts, request.facts)
    if len(FACT_KINDS) - len(changed) >= case.key.same_facts:
        return None
    return Refusal(
        "other_computer",
        f"the key {case.key.key_number} belongs to another computer: {name_facts(changed)} differ",
        f"A key of {case.key.product_name} is activated again only on its own computer, with {case.key.same_facts} of"
        f" {len(FACT_KINDS)} facts unchanged; if this is that computer, ask the vendor's support line",
        {"facts": changed},
    )


def differing_facts(recorded: Facts, today: Facts) -> tuple[FactKind, ...]:
    """Which facts differ; where some came by telephone, all are compared as short as those are."""
    if are_short(recorded) or are_short(today):
        return changed_facts(shorten(recorded), shorten(today))
    return changed_facts(recorded, today)


def _license(case: Case, request: ActivationRequest, *, vendor: str, now: int) -> License | Refusal:
    packs = case.last.packs if case.last else ()
    try:
        counters = raise_limits(case.key.counters, [more for pack in packs for more in pack.raises])
    except ValueError as error:
        return wrong_counters(f"the packs of the key {case.key.key_number} do not fit it any more: {error}")
    return License(
        key_number=case.key.key_number,
        vendor=vendor,
        product=case.key.product,
        product_name=case.key.product_name,
        counters=counters,
        reactivation=case.key.reactivation,
        key_public=request.key_public,
        facts=request.facts,
        request_id=request.request_id,
        activation=case.last.activation + 1 if case.last else 1,
        issued_at=now,
        expires_at=case.key.expires_at,
        company=request.company,
        packs=packs,
        note=case.key.head,
    )

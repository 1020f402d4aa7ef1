# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rack: the keys at the desk, which of them serve at a time, and whom.

docs/specification.md, section 3 "Access codes" and "Keys that come and go".
"""

import math
from collections.abc import Callable, Iterable, Mapping
from hmac import compare_digest

from licserver.keys import ProtectionKey
from licserver.keys.keyring import AttachedKey
from licserver.keys.options import KeyOptions
from licserver.seats import SeatError
from licserver.seats.book import Offer, Wish
from licserver.wire.messages import Check, Login, access_proof

_ALWAYS = (-math.inf, math.inf)
_Kind = tuple[str, str]
"""Product, and name of the access code."""


class KeyRack:
    """What was seen of the keys at the last look, and what an administrator set for them."""

    def __init__(self) -> None:
        self.attached: Mapping[str, AttachedKey] = {}
        self.options: Mapping[str, KeyOptions] = {}
        self._keys: dict[str, ProtectionKey] = {}
        self._offers: dict[str, Offer] = {}
        self._access_keys: dict[str, bytes] = {}
        self._expired: dict[_Kind, str] = {}
        self._idle: dict[_Kind, str] = {}
        self._settled = (math.inf, math.inf)

    def put(self, keys: Iterable[AttachedKey], options: Mapping[str, KeyOptions]) -> None:
        """Take over the list of keys as it is now: those that work, and are to be used, serve until they expire."""
        self.attached = {key.key_number: key for key in keys}
        self.options = options
        self._keys = {
            number: attached.key
            for number, attached in self.attached.items()
            if attached.key is not None and self.options_of(number).use
        }
        self._offers = {
            number: Offer(key.license, self.options_of(number).access_name) for number, key in self._keys.items()
        }
        self._access_keys = {}
        for options_of_one in map(self.options_of, self.attached):  # also of those that do not serve: to be told why
            if options_of_one.access_key is not None:
                self._access_keys[options_of_one.access_name] = options_of_one.access_key
        self._idle = {}
        for number, attached in sorted(self.attached.items()):
            hint = self._why_idle(number, attached)
            if attached.license is not None and hint:
                self._idle.setdefault((attached.license.product, self.options_of(number).access_name), hint)
        self._settled = (math.inf, math.inf)

    def options_of(self, key_number: str) -> KeyOptions:
        """What was set for a key, or the defaults."""
        return self.options.get(key_number, KeyOptions())

    @property
    def has_expiring(self) -> bool:
        """Whether a key is attached whose license ends some day."""
        return any(one.license is not None and one.license.expires_at is not None for one in self.attached.values())

    def key(self, key_number: str) -> ProtectionKey:
        """A key that serves."""
        return self._keys[key_number]

    def is_settled(self, clock: Callable[[], float]) -> bool:
        """Whether the same keys serve as when :meth:`offers` was asked last: no look since, and none has expired.

        :param clock: tells the time of day; it is not asked where nothing expires.
        """
        since, until = self._settled
        return (since, until) == _ALWAYS or since <= clock() < until

    def offers(self, now: float) -> Mapping[str, Offer]:
        """The keys that serve, by number.

        :param now: the time of day, in seconds since 1970-01-01 UTC.
        """
        ends = {number: _end_of(offer) for number, offer in self._offers.items()}
        expired = sorted((number for number, end in ends.items() if end <= now), reverse=True)
        self._expired = {_kind_of(self._offers[number]): number for number in expired}
        past = max((end for end in ends.values() if end <= now), default=-math.inf)
        self._settled = (past, min((end for end in ends.values() if end > now), default=math.inf))
        return {number: offer for number, offer in self._offers.items() if ends[number] > now}

    def wish(self, request: Login | Check, challenge: str) -> Wish:
        """What a client asks for, and which access code it has proven.

        :param challenge: the one that the connection's welcome carried.
        """
        return Wish(request.product, request.holder, request.counter, self._access_of(request, challenge))

    def explained(self, refusal: SeatError, wish: Wish) -> SeatError:
        """A refusal, or, where a key would serve if it had not expired, worked or were used, the truth."""
        if refusal.code != "no_key" or wish.access is None:
            return refusal
        kind = wish.product, wish.access
        if kind in self._expired:
            number = self._expired[kind]
            hint, details = "Ask the vendor for a new license", {"key_number": number}
            return SeatError("key_expired", f"the key {number} has expired", hint=hint, details=details)
        return SeatError(refusal.code, refusal.message, hint=self._idle.get(kind, refusal.hint))

    def _why_idle(self, number: str, attached: AttachedKey) -> str:
        """What to do about a key that is attached and does not serve; empty for one that does."""
        if attached.key is None:
            return f"The key {number} for it is there and does not work: `licctl key list` on that server says why"
        if not self.options_of(number).use:
            return f"The key {number} for it is there and not used: `licctl key set {number} --use yes` on that server"
        return ""

    def _access_of(self, request: Login | Check, challenge: str) -> str | None:
        if not request.access_proof:
            return ""
        for name, key in self._access_keys.items():
            proof = access_proof(key, challenge, request.nonce, request.holder.client_public)
            if compare_digest(proof, request.access_proof):
                return name
        return None


def _kind_of(offer: Offer) -> _Kind:
    return offer.license.product, offer.access


def _end_of(offer: Offer) -> float:
    return math.inf if offer.license.expires_at is None else offer.license.expires_at

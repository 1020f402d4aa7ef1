# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many denials are written into the log of events, so that nobody can fill it with them. No I/O.

docs/protocol.md, "Limits". Who was left out is counted, and the counts are written.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from licserver.limits import Allowance, peer_of

EACH = 60
"""Denials of one address that are written in one go; one more every ten seconds."""
EACH_PER_SECOND = 0.1
ALL = 600
"""The same of all addresses together; one more every two seconds."""
ALL_PER_SECOND = 0.5
COUNTED_PEERS = 1024
SUMMARY_SECONDS = 60.0


@dataclass(frozen=True)
class LeftOut:
    """Denials that were not written.

    :ivar addresses: of how many addresses they are, as far as they were told apart.
    :ivar address: the one with most of them.
    """

    denials: int
    addresses: int
    address: str


class Denials:
    """Decides which denials are written, and counts the others."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._each = Allowance(EACH, EACH_PER_SECOND, clock=clock)
        self._all = Allowance(ALL, ALL_PER_SECOND, clock=clock)
        self._left_out: dict[str, int] = {}
        self._summed_up = clock()

    def admit(self, address: str) -> int | None:
        """Whether a denial is written: then how many of the same address were left out before it, else ``None``."""
        peer = peer_of(address)
        if self._all.has("") and self._each.take(peer):
            self._all.take("")
            return self._left_out.pop(peer, 0)
        if peer not in self._left_out and len(self._left_out) >= COUNTED_PEERS:
            peer = "others"
        self._left_out[peer] = self._left_out.get(peer, 0) + 1
        return None

    def summary(self) -> LeftOut | None:
        """Once in a while: what was left out and is not said yet."""
        if not self._left_out or self._clock() < self._summed_up + SUMMARY_SECONDS:
            return None
        self._summed_up = self._clock()
        left_out, self._left_out = self._left_out, {}
        return LeftOut(sum(left_out.values()), len(left_out), max(left_out, key=lambda peer: left_out[peer]))

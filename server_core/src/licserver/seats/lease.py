# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a lease, as one table.

docs/specification.md, section 3 "Leases". A lease is *active* for ten minutes and every renewal starts them again.
When they lapse the license is *blocked*: held for its holder and given to nobody else, for the idle time of the
settings. A renewal within that time makes it active again; after it the license is *freed*. A logout, or the hand of
an administrator, frees at once. A freed lease never comes back: its holder logs in anew.
"""

from typing import Literal

import msgspec

from licserver.documents import CounterType
from licserver.seats.holder import Holder

ACTIVE_SECONDS = 600

State = Literal["active", "blocked", "freed"]
Event = Literal["renew", "lapse", "logout", "release"]

TRANSITIONS: dict[tuple[State, Event], State] = {
    ("active", "renew"): "active",
    ("active", "lapse"): "blocked",
    ("active", "logout"): "freed",
    ("active", "release"): "freed",
    ("blocked", "renew"): "active",
    ("blocked", "lapse"): "freed",
    ("blocked", "logout"): "freed",
    ("blocked", "release"): "freed",
}


class Lease(msgspec.Struct, kw_only=True, gc=False):
    """One license in use.

    :ivar state_ends: when the state lapses, in seconds of the ledger's clock (see :mod:`licserver.seats.ledger`).
    :ivar since: when it was given, in seconds since 1970-01-01 UTC.
    :ivar secret: the 32 bytes that prove a renewal or a logout to come from the holder, and its answer from the server.
    :ivar sequence: the number of the last message of the holder; a replayed one is refused.
    :ivar access: which access code the holder proved, see :attr:`licserver.keys.options.KeyOptions.access_name`.
    :ivar asked: the counter that the holder asked for by name, or ``None`` where any will do.
    :ivar seated: whether a license is counted for it. Without one (its key is gone, and no other has a free license) it
        can end and lapse, but not be renewed.
    :ivar told: whether the holder's grant names the key and the counter that carry the lease now. It does not after the
        lease was moved, until the holder has logged in again.
    """

    lease: str
    key_number: str
    product: str
    counter: str
    counter_type: CounterType
    holder: Holder
    state: State = "active"
    state_ends: float
    since: int
    secret: bytes
    sequence: int = 0
    access: str = ""
    asked: str | None = None
    seated: bool = True
    told: bool = True

    def apply(self, event: Event, *, now: float, idle_seconds: float) -> None:
        """Move to the next state.

        :raises KeyError: the event has no meaning in this state; a freed lease knows none.
        """
        self.state = TRANSITIONS[self.state, event]
        self.state_ends = now + (ACTIVE_SECONDS if self.state == "active" else idle_seconds)

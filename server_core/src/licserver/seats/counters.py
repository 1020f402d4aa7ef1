# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counters: which leases share one license.

docs/specification.md, section 3 "Counters". Names of users and computers are compared without regard to case, as
Windows does.
"""

from licserver.documents import CounterType
from licserver.seats.holder import Holder

SeatId = tuple[str, ...]
"""The type of the counter, then what tells one seat from another."""


def seat_of(counter: CounterType, holder: Holder) -> SeatId:
    """The seat that a holder takes: two holders with the same seat take one license.

    ==========  =================================================
    session     each running instance of the product
    user        each user, however many instances
    computer    each computer
    terminal    each user on a computer in a terminal session
    ==========  =================================================
    """
    user, computer = holder.user.casefold(), holder.computer.casefold()
    match counter:
        case "session":
            return (counter, holder.client_public)
        case "user":
            return (counter, user)
        case "computer":
            return (counter, computer)
        case "terminal":
            return (counter, user, computer, str(holder.rdp_session))

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What events say of leases and requests, in the words of the list of connections."""

from licserver.seats.lease import Lease
from licserver.wire.messages import Login, Logout, Renew


def lease_words(lease: Lease) -> dict[str, str | int]:
    """Whose license it is, and from where."""
    return {
        "lease": lease.lease,
        "user": lease.holder.user,
        "computer": lease.holder.computer,
        "product": lease.product,
        "counter": lease.counter,
        "type": lease.counter_type,
        "key_number": lease.key_number,
        "session_number": lease.holder.session_number,
        "rdp_session": lease.holder.rdp_session,
    }


def request_words(request: Login | Renew | Logout) -> dict[str, str | int | None]:
    """What was asked for, and for whom."""
    match request:
        case Login():
            return {
                "request": "login",
                "user": request.holder.user,
                "computer": request.holder.computer,
                "product": request.product,
                "counter": request.counter,
                "session_number": request.holder.session_number,
                "rdp_session": request.holder.rdp_session,
            }
        case Renew():
            return {"request": "renew", "lease": request.lease}
        case Logout():
            return {"request": "logout", "lease": request.lease}

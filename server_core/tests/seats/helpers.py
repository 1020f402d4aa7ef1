# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holders, leases and licenses without any signatures."""

from dataclasses import dataclass

from licserver.documents import Counter, License
from licserver.seats.book import Offer
from licserver.seats.holder import Holder
from licserver.seats.lease import Lease
from server_core.tests.helpers import KEY, PRODUCT, SESSIONS


@dataclass
class Monotonic:
    """A clock that a test turns."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def holder_of(instance: str, *, user: str = "anna", computer: str = "pc1", rdp_session: int = 0) -> Holder:
    return Holder(user=user, computer=computer, client_public=instance, rdp_session=rdp_session)


def lease_of(instance: str, *, key_number: str = KEY, state_ends: float = 600.0) -> Lease:
    """An active lease, as the book makes it."""
    return Lease(
        lease=f"lease of {instance}",
        key_number=key_number,
        product=PRODUCT,
        counter="main",
        counter_type="session",
        holder=holder_of(instance),
        state_ends=state_ends,
        since=1,
        secret=b"",
    )


def license_of(key_number: str, *counters: Counter, product: str = PRODUCT) -> License:
    """What the book needs of a license."""
    return License(
        key_number=key_number,
        vendor="V",
        product=product,
        product_name="R",
        counters=counters or (SESSIONS,),
        reactivation="pins",
        key_public="",
        facts={},
        request_id="",
        activation=1,
        issued_at=0,
    )


def offers_of(*licenses: License, access: str = "") -> dict[str, Offer]:
    """Keys that serve, all with the same access code."""
    return {license.key_number: Offer(license, access) for license in licenses}

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which connections are meant, where an administrator lists or releases some of them. docs/protocol.md, "JSON API"."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from licserver.seats.lease import Lease


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Connections that have all of these in common; what is left out does not matter.

    Names of users and computers are compared as they are where seats are shared: without regard to case.
    """

    user: str | None = None
    computer: str | None = None
    product: str | None = None
    key_number: str | None = None
    state: Literal["active", "blocked"] | None = None

    def chosen(self, leases: Iterable[Lease]) -> list[Lease]:
        """Those that are meant, longest first."""
        wanted = (_folded(self.user), _folded(self.computer), self.product, self.key_number, self.state)
        found = [lease for lease in leases if all(a is None or a == b for a, b in zip(wanted, _of(lease), strict=True))]
        return sorted(found, key=lambda lease: (lease.since, lease.lease))


EVERY = Filter()


class ReleaseOrder(Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be released: connections by name, those that a filter finds, or ``all``; one of the three."""

    leases: frozenset[str] | None = None
    all: bool = False

    def __post_init__(self) -> None:
        narrowed = any(one is not None for one in (self.user, self.computer, self.product, self.key_number, self.state))
        if [self.leases is not None, narrowed, self.all].count(True) != 1:
            raise ValueError("name `leases`, or a filter, or `all`")

    def chosen(self, leases: Iterable[Lease]) -> list[Lease]:
        """See :class:`Filter`. A named lease that has ended is passed over."""
        meant = super().chosen(leases)
        return meant if self.leases is None else [lease for lease in meant if lease.lease in self.leases]


def _folded(name: str | None) -> str | None:
    return None if name is None else name.casefold()


def _of(lease: Lease) -> tuple[str, ...]:
    holder = lease.holder
    return holder.user.casefold(), holder.computer.casefold(), lease.product, lease.key_number, lease.state

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools and shelves: which licenses there are, who sits on them, and which is given next. Pure.

docs/specification.md, section 3 "Counters". A *pool* is one counter of one key. All pools that could serve the same
clients (one product, one access code, and one counter by name or any) stand on one *shelf*. A shelf keeps what has
something free in the order in which it serves: the fewest free licenses first, so that large keys stay whole, and among
equals the smallest key number. So a choice does not look through the keys, however many there are.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable

from licserver.documents import Counter, CounterType
from licserver.seats.counters import SeatId, seat_of
from licserver.seats.holder import Holder
from licserver.seats.lease import Lease

PoolName = tuple[str, str]
"""The number of the key and the name of the counter."""
_Place = tuple[int, str, str]
"""How many licenses are free, and the pool's name: the order in which pools serve."""

_SHARED: tuple[CounterType, ...] = ("user", "computer", "terminal")
"""The counters of which two leases can share one license."""


class Pool:
    """The licenses of one counter of one key; each seat remembers the leases that share it."""

    def __init__(
        self, key_number: str, product: str, access: str, counter: Counter, shelves: "Iterable[Shelf]"
    ) -> None:
        self.name: PoolName = (key_number, counter.name)
        self.product = product
        self.access = access
        self.counter = counter
        self.seats: dict[SeatId, dict[str, Lease]] = {}
        self._shelves = tuple(shelves)
        for shelf in self._shelves:
            shelf.add(self)

    @property
    def free(self) -> int:
        """How many licenses nobody holds."""
        return self.counter.limit - len(self.seats)

    @property
    def place(self) -> _Place:
        """Where it stands on its shelves."""
        return (self.free, *self.name)

    def carries(self, lease: Lease) -> bool:
        """Whether a lease that names this key and counter is of the same kind still, and there is a seat for it."""
        same = (self.counter.type, self.product, self.access) == (lease.counter_type, lease.product, lease.access)
        return same and (self.free > 0 or seat_of(self.counter.type, lease.holder) in self.seats)

    def sit(self, lease: Lease) -> None:
        """Take a seat for a lease, or share the one that its holder has."""
        seat = seat_of(self.counter.type, lease.holder)
        if seat not in self.seats:
            before = self.place
            self.seats[seat] = {}
            self._reorder(before)
            if self.counter.type in _SHARED:
                for shelf in self._shelves:
                    shelf.shared.setdefault(seat, {})[self.name] = self
        self.seats[seat][lease.lease] = lease
        for shelf in self._shelves:
            shelf.leases[lease.lease] = lease

    def stand_up(self, lease: Lease) -> None:
        """Give up the lease's part of its seat; the last one frees it."""
        seat = seat_of(self.counter.type, lease.holder)
        del self.seats[seat][lease.lease]
        for shelf in self._shelves:
            del shelf.leases[lease.lease]
        if not self.seats[seat]:
            before = self.place
            del self.seats[seat]
            self._reorder(before)
            if self.counter.type in _SHARED:
                for shelf in self._shelves:
                    del shelf.shared[seat][self.name]
                    if not shelf.shared[seat]:
                        del shelf.shared[seat]

    def withdraw(self) -> list[Lease]:
        """Serve no more. Returns the leases that it carried; they have no seat now."""
        leases = [lease for sharing in self.seats.values() for lease in sharing.values()]
        for lease in leases:
            self.stand_up(lease)
        for shelf in self._shelves:
            shelf.remove(self)
        return leases

    def _reorder(self, before: _Place) -> None:
        after = self.place
        for shelf in self._shelves:
            shelf.reorder(before, after)


class Shelf:
    """The pools that could serve the same clients.

    :ivar leases: all that they carry, those that sat down first before the others.
    :ivar limit: how many licenses they have together.
    :ivar shared: the pools on which a seat is taken that others may share.
    """

    def __init__(self) -> None:
        self.leases: dict[str, Lease] = {}
        self.limit = 0
        self.pools: dict[PoolName, Pool] = {}
        self.shared: dict[SeatId, dict[PoolName, Pool]] = {}
        self._free: list[_Place] = []

    def choose(self, holder: Holder) -> Pool | None:
        """The pool that serves a holder: the one on which his seat is taken already, for it costs nothing; else the
        first with a free license."""
        if self.shared:
            sharing = [pool for kind in _SHARED for pool in self.shared.get(seat_of(kind, holder), {}).values()]
            if sharing:
                return min(sharing, key=lambda pool: pool.place)
        return self.pools[self._free[0][1:]] if self._free else None

    def add(self, pool: Pool) -> None:
        """A pool nobody sits on yet."""
        self.pools[pool.name] = pool
        self.limit += pool.counter.limit
        insort(self._free, pool.place)

    def remove(self, pool: Pool) -> None:
        """A pool nobody sits on any more."""
        del self.pools[pool.name]
        self.limit -= pool.counter.limit
        del self._free[bisect_left(self._free, pool.place)]

    def reorder(self, before: _Place, after: _Place) -> None:
        """A pool has more or fewer free licenses than before."""
        if before[0] > 0:
            del self._free[bisect_left(self._free, before)]
        if after[0] > 0:
            insort(self._free, after)

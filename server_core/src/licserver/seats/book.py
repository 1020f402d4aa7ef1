# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The book of seats: which keys serve, who sits where, and every decision about a lease.

Pure: it is told what time it is and does no I/O. docs/specification.md, section 3 "Leases", "Counters", "Access codes".

Which key serves when several could: the one on which the holder's seat is taken already (it costs nothing), else the
one with the fewest free licenses, so that large keys stay whole; among equals the smallest key number.
"""

import heapq
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from licserver.documents import Counter, License
from licserver.seats import SeatError
from licserver.seats.counters import SeatId, seat_of
from licserver.seats.holder import Holder
from licserver.seats.lease import ACTIVE_SECONDS, Event, Lease

SPARE_LAPSES = 1000
"""How many ended leases the queue of lapses may still name, beside as many as there are leases."""


@dataclass
class Pool:
    """The licenses of one counter of one key; each seat remembers the leases that share it."""

    key_number: str
    product: str
    counter: Counter
    seats: dict[SeatId, set[str]] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """How many seats nobody holds; below zero where a key lost licenses that are still held."""
        return self.counter.limit - len(self.seats)


class SeatBook:
    """All leases of a server and the keys that carry them."""

    def __init__(self, *, idle_seconds: float) -> None:
        self.idle_seconds = idle_seconds
        self.leases: dict[str, Lease] = {}
        self._pools: dict[str, list[Pool]] = {}
        self._products: dict[str, list[Pool]] = {}
        self._by_instance: dict[tuple[str, str], str] = {}
        self._lapses: list[tuple[float, str]] = []

    def attach(self, license: License) -> None:
        """A key serves from now on, or its license was renewed; leases that it carries already find their seats."""
        self.detach(license.key_number)
        pools = [Pool(license.key_number, license.product, counter) for counter in license.counters]
        self._pools[license.key_number] = pools
        self._products.setdefault(license.product, []).extend(pools)
        for lease in self.leases.values():
            if lease.key_number == license.key_number:
                self._sit(lease)

    def detach(self, key_number: str) -> None:
        """A key serves no more. Its leases stay in the book, held for their holders."""
        for pool in self._pools.pop(key_number, []):
            self._products[pool.product].remove(pool)

    def restore(self, lease: Lease, now: float) -> None:
        """Take in a lease from before a restart. An active one starts its ten minutes again, so that no promise that
        reached a holder is ever cut short."""
        if lease.state == "active":
            lease.state_ends = now + ACTIVE_SECONDS
        self._enter(lease)

    def used(self, key_number: str, counter: str) -> int:
        """How many licenses of a counter are in use."""
        return sum(len(pool.seats) for pool in self._pools.get(key_number, []) if pool.counter.name == counter)

    def find(self, product: str, client_public: str) -> Lease | None:
        """The lease that one running instance of a product holds already."""
        name = self._by_instance.get((product, client_public))
        return self.leases[name] if name else None

    def login(
        self, product: str, counter: str | None, holder: Holder, keys: Collection[str], *, now: float, clock: int
    ) -> Lease:
        """Give a license, or the same one again to an instance that holds one (its answer was lost).

        :param keys: the numbers of the keys that may serve this client.
        :param clock: the time of day for the list of connections.
        :raises SeatError: ``no_key``: no such key serves this product; ``no_free_license``: all are taken;
            ``other_counter``: the instance holds a license of another counter.
        """
        held = self.find(product, holder.client_public)
        if held is not None and held.key_number not in keys:
            raise _refusal(product, counter, [])
        if held is not None and counter not in (None, held.counter):
            raise SeatError(
                "other_counter", f"this instance holds a license of the counter {held.counter}", hint="Log out first"
            )
        if held is not None:
            self._apply(held, "renew", now)
            return held
        pools = [
            pool
            for pool in self._products.get(product, [])
            if pool.key_number in keys and counter in (None, pool.counter.name)
        ]
        pool = _choose(pools, holder)
        if pool is None:
            raise _refusal(product, counter, pools)
        lease = Lease(
            lease=secrets.token_urlsafe(16),
            key_number=pool.key_number,
            product=product,
            counter=pool.counter.name,
            counter_type=pool.counter.type,
            holder=holder,
            state_ends=now + ACTIVE_SECONDS,
            since=clock,
            secret=b"",
        )
        self._enter(lease)
        return lease

    def renew(self, name: str, *, now: float) -> Lease:
        """The holder is at work: the lease is active for ten more minutes.

        :raises SeatError: ``unknown_lease``: it ended before.
        """
        lease = self.held(name)
        self._apply(lease, "renew", now)
        return lease

    def free(self, name: str, event: Event, *, now: float) -> Lease:
        """End a lease: ``logout`` by its holder, ``release`` by an administrator.

        :raises SeatError: ``unknown_lease``: it ended before.
        """
        lease = self.held(name)
        self._apply(lease, event, now)
        return lease

    def held(self, name: str) -> Lease:
        """A lease that has not ended.

        :raises SeatError: ``unknown_lease``.
        """
        if name not in self.leases:
            raise SeatError("unknown_lease", "this lease has ended or never was", hint="Log in again")
        return self.leases[name]

    def lapse(self, now: float) -> Iterator[Lease]:
        """Move on every lease whose state has lapsed by ``now``, and return each."""
        while self._lapses and self._lapses[0][0] <= now:
            _, name = heapq.heappop(self._lapses)
            lease = self.leases.get(name)
            if lease is None:
                continue
            if lease.state_ends <= now:
                self._apply(lease, "lapse", now)
                yield lease
            if lease.state != "freed":
                self._will_lapse(lease)

    def _enter(self, lease: Lease) -> None:
        self.leases[lease.lease] = lease
        self._by_instance[lease.product, lease.holder.client_public] = lease.lease
        self._will_lapse(lease)
        self._sit(lease)

    def _will_lapse(self, lease: Lease) -> None:
        heapq.heappush(self._lapses, (lease.state_ends, lease.lease))
        if len(self._lapses) > 2 * len(self.leases) + SPARE_LAPSES:  # most are of leases that a logout has ended
            self._lapses = [(one.state_ends, one.lease) for one in self.leases.values()]
            heapq.heapify(self._lapses)

    def _apply(self, lease: Lease, event: Event, now: float) -> None:
        lease.apply(event, now=now, idle_seconds=self.idle_seconds)
        if lease.state == "freed":
            del self.leases[lease.lease]
            del self._by_instance[lease.product, lease.holder.client_public]
            self._stand_up(lease)

    def _pool_of(self, lease: Lease) -> Pool | None:
        pools = self._pools.get(lease.key_number, [])
        return next((pool for pool in pools if pool.counter.name == lease.counter), None)

    def _sit(self, lease: Lease) -> None:
        pool = self._pool_of(lease)
        if pool is not None:
            pool.seats.setdefault(seat_of(pool.counter.type, lease.holder), set()).add(lease.lease)

    def _stand_up(self, lease: Lease) -> None:
        pool = self._pool_of(lease)
        if pool is not None:
            seat = seat_of(pool.counter.type, lease.holder)
            pool.seats[seat].discard(lease.lease)
            if not pool.seats[seat]:
                del pool.seats[seat]


def _choose(pools: list[Pool], holder: Holder) -> Pool | None:
    shared = [pool for pool in pools if seat_of(pool.counter.type, holder) in pool.seats]
    free = [pool for pool in pools if pool.free > 0]
    return min(shared or free, key=lambda pool: (pool.free, pool.key_number), default=None)


def _refusal(product: str, counter: str | None, pools: list[Pool]) -> SeatError:
    wanted = f"the product {product}" + (f" with the counter {counter}" if counter else "")
    if not pools:
        return SeatError(
            "no_key",
            f"no protection key on this server serves {wanted} for this client",
            hint="Activate a key for it here, or check the client's access code and server address",
        )
    total = sum(pool.counter.limit for pool in pools)
    return SeatError(
        "no_free_license",
        f"all {total} licenses for {wanted} are in use",
        hint="Wait until one is free, free one on the Connections page, or activate a license pack",
    )

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The book of seats: which keys serve, who sits where, and every decision about a lease.

Pure: it is told what time it is and does no I/O. docs/specification.md, section 3 "Leases", "Counters", "Access codes",
"Keys that come and go". Which key serves when several could is the order on a shelf, see :mod:`licserver.seats.pools`.
"""

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from licserver.documents import License
from licserver.sealing import encode_bytes
from licserver.seats.holder import Holder
from licserver.seats.lapses import Lapses
from licserver.seats.lease import ACTIVE_SECONDS, Event, Lease
from licserver.seats.pools import Pool, PoolName, Shelf
from licserver.seats.refusals import key_gone, no_free_license, no_key, other_counter, unknown_lease

_ShelfName = tuple[str, str, str | None]
"""Access code (its name), product, and counter or ``None`` for any."""

_TIME_BYTES, _RANDOM_BYTES = 5, 16


class Offer(NamedTuple):
    """A key that serves, and the name of its access code (see :class:`licserver.seats.lease.Lease`)."""

    license: License
    access: str = ""


@dataclass(frozen=True)
class Wish:
    """What a client asks for.

    :ivar access: the name of the access code that it has proven; ``None`` where that is the code of no key.
    """

    product: str
    holder: Holder
    counter: str | None = None
    access: str | None = ""


class Move(NamedTuple):
    """What became of a lease when keys came and went: it moved, lost its seat, or found it again.

    :ivar origin: the number of the key that carried it before.
    """

    lease: Lease
    origin: str


class SeatBook:
    """All leases of a server and the keys that carry them."""

    def __init__(self, *, idle_seconds: float) -> None:
        self.idle_seconds = idle_seconds
        self.leases: dict[str, Lease] = {}
        self._offers: dict[str, Offer] = {}
        self._pools: dict[PoolName, Pool] = {}
        self._shelves: dict[_ShelfName, Shelf] = {}
        self._standing: dict[str, Lease] = {}
        self._by_instance: dict[tuple[str, str], Lease] = {}
        self._lapses = Lapses(self.leases)

    def serve(self, offers: Mapping[str, Offer]) -> list[Move]:
        """These keys serve from now on, by their numbers, and no others.

        A lease whose key or counter is gone, or has become too small or another's, moves to another that can carry it,
        those that began first before the others; if there is none, it loses its seat, and finds it again when its key
        returns.
        """
        for number in [number for number, offer in self._offers.items() if offers.get(number) != offer]:
            self._withdraw(number)
        for number, offer in offers.items():
            if number not in self._offers:
                self._lay_out(offer)
        waiting = sorted(self._standing.values(), key=lambda lease: (not lease.seated, lease.since, lease.lease))
        moves = [self._return(lease) for lease in waiting]
        moves += [self._move(lease) for lease in waiting if lease.lease in self._standing]
        return [move for move in moves if move is not None]

    def restore(self, lease: Lease, now: float) -> None:
        """Take in a lease from before a restart; it finds its seat when its key serves. Its ten minutes start again, so
        that no promise that reached a holder is ever cut short: a blocked one, too, may have been renewed since.
        """
        lease.state_ends = max(lease.state_ends, now + ACTIVE_SECONDS)
        self._enter(lease)

    def used(self, key_number: str, counter: str) -> int:
        """How many licenses of a counter are in use."""
        pool = self._pools.get((key_number, counter))
        return len(pool.seats) if pool else 0

    def stranded(self) -> Counter[PoolName]:
        """How many leases without a seat still name each counter of each key."""
        return Counter((lease.key_number, lease.counter) for lease in self._standing.values())

    def find(self, product: str, client_public: str) -> Lease | None:
        """The lease that one running instance of a product holds already."""
        return self._by_instance.get((product, client_public))

    def choose(self, wish: Wish) -> Pool:
        """Where a client would get a license now. Takes nothing.

        An instance that has a lease is seated as who it was when that was given, whoever it says to be now.

        :raises SeatError: ``no_key``: no key serves this product to this client; ``no_free_license``: all are taken;
            ``other_counter``: the instance holds a license of another counter.
        """
        held = self.find(wish.product, wish.holder.client_public)
        if held is not None and held.seated:
            if held.access != wish.access:
                raise no_key(wish.product, wish.counter)
            if wish.counter not in (None, held.counter):
                raise other_counter(held.counter)
            return self._pools[held.key_number, held.counter]
        shelf = self._shelf(wish.access, wish.product, wish.counter)
        if shelf is None:
            raise no_key(wish.product, wish.counter)
        pool = shelf.choose(wish.holder if held is None else held.holder)
        if pool is None:
            raise no_free_license(wish.product, wish.counter, shelf)
        return pool

    def holders(self, wish: Wish, most: int) -> list[Lease]:
        """Who holds the licenses that a client could use, those that began first before the others."""
        shelf = self._shelf(wish.access, wish.product, wish.counter)
        return list(islice(shelf.leases.values(), most)) if shelf else []

    def offers(self, wish: Wish) -> dict[str, Offer]:
        """The keys that serve a client's product and access code, and the one on which it sits, whatever its code."""
        shelf = self._shelf(wish.access, wish.product, None)
        numbers = {number for number, _ in shelf.pools} if shelf else set()
        held = self.find(wish.product, wish.holder.client_public)
        if held is not None and held.seated:
            numbers.add(held.key_number)
        return {number: self._offers[number] for number in sorted(numbers)}

    def concerning(self, wish: Wish) -> list[Lease]:
        """Every lease of a client's product and access code, and its own, whatever the code."""
        shelf = self._shelf(wish.access, wish.product, None)
        found = dict(shelf.leases) if shelf else {}
        kind = (wish.product, wish.access)
        found |= {name: one for name, one in self._standing.items() if (one.product, one.access) == kind}
        held = self.find(wish.product, wish.holder.client_public)
        if held is not None:
            found[held.lease] = held
        return list(found.values())

    def login(self, wish: Wish, *, now: float, clock: int) -> Lease:
        """Give a license, or the same one again to an instance that holds one: its answer was lost, or its lease moved.

        :param clock: the time of day for the list of connections.
        :raises SeatError: see :meth:`choose`.
        """
        pool = self.choose(wish)
        lease = self.find(wish.product, wish.holder.client_public)
        if lease is None:
            lease = Lease(
                lease=_new_name(clock),
                key_number=pool.name[0],
                product=wish.product,
                counter=pool.counter.name,
                counter_type=pool.counter.type,
                holder=wish.holder,
                state_ends=now + ACTIVE_SECONDS,
                since=clock,
                secret=b"",
            )
            self._enter(lease)
        if lease.lease in self._standing:
            lease.access, lease.asked = pool.access, wish.counter
            self._sit(lease, pool)
        lease.told = True
        self._apply(lease, "renew", now)
        return lease

    def renew(self, name: str, *, now: float) -> Lease:
        """The holder is at work: the lease is active for ten more minutes.

        :raises SeatError: ``unknown_lease``: it ended before; ``key_gone``: its key serves no more, and either another
            one carries the lease now, which the holder must be told by a login, or none could.
        """
        lease = self.held(name)
        if not lease.seated or not lease.told:
            raise key_gone(lease)
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
            raise unknown_lease()
        return self.leases[name]

    def lapse(self, now: float) -> Iterator[Lease]:
        """Move on every lease whose state has lapsed by ``now``, and return each."""
        for lease in self._lapses.due(now):
            self._apply(lease, "lapse", now)
            yield lease

    def _enter(self, lease: Lease) -> None:
        self.leases[lease.lease] = lease
        self._by_instance[lease.product, lease.holder.client_public] = lease
        self._standing[lease.lease] = lease
        self._lapses.expect(lease)

    def _apply(self, lease: Lease, event: Event, now: float) -> None:
        lease.apply(event, now=now, idle_seconds=self.idle_seconds)
        if lease.state == "freed":
            del self.leases[lease.lease]
            del self._by_instance[lease.product, lease.holder.client_public]
            if self._standing.pop(lease.lease, None) is None:
                self._pools[lease.key_number, lease.counter].stand_up(lease)

    def _lay_out(self, offer: Offer) -> None:
        license, access = offer
        self._offers[license.key_number] = offer
        for counter in license.counters:
            names = [(access, license.product, one) for one in (None, counter.name)]
            shelves = [self._shelves.setdefault(name, Shelf()) for name in names]
            pool = Pool(license.key_number, license.product, access, counter, shelves)
            self._pools[pool.name] = pool

    def _withdraw(self, key_number: str) -> None:
        license, access = self._offers.pop(key_number)
        for counter in license.counters:
            for lease in self._pools.pop((key_number, counter.name)).withdraw():
                self._standing[lease.lease] = lease
            for one in (None, counter.name):
                if not self._shelves[access, license.product, one].pools:
                    del self._shelves[access, license.product, one]

    def _return(self, lease: Lease) -> Move | None:
        """To the seat that it had, if that is there."""
        pool = self._pools.get((lease.key_number, lease.counter))
        if pool is None or not pool.carries(lease):
            return None
        was_seated = lease.seated
        self._sit(lease, pool)
        return None if was_seated else Move(lease, lease.key_number)

    def _move(self, lease: Lease) -> Move | None:
        """To a seat elsewhere, of which its holder must be told; or to none."""
        shelf = self._shelf(lease.access, lease.product, lease.asked)
        pool = shelf.choose(lease.holder) if shelf else None
        origin, was_seated = lease.key_number, lease.seated
        if pool is not None:
            lease.told = False
            self._sit(lease, pool)
            return Move(lease, origin)
        lease.seated = False
        return Move(lease, origin) if was_seated else None

    def _shelf(self, access: str | None, product: str, counter: str | None) -> Shelf | None:
        return None if access is None else self._shelves.get((access, product, counter))

    def _sit(self, lease: Lease, pool: Pool) -> None:
        del self._standing[lease.lease]
        lease.key_number, lease.counter, lease.counter_type = *pool.name, pool.counter.type
        lease.seated = True
        pool.sit(lease)


def _new_name(clock: int) -> str:
    """A name for a lease that nobody guesses.

    It begins with the time, so that leases that come and go together lie together on disk, and with a dash at no time
    that a clock shows, so that no command line takes it for an option.
    """
    time = (clock % 256**_TIME_BYTES).to_bytes(_TIME_BYTES, "big")
    return encode_bytes(time + secrets.token_bytes(_RANDOM_BYTES))

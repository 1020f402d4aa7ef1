# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would be if a key were lost, or had more licenses: the book's own rules on a copy. Pure.

docs/specification.md, section 3 "Asking without taking".
"""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from licserver.documents import License
from licserver.seats import SeatError
from licserver.seats.book import Offer, SeatBook, Wish
from licserver.seats.lease import Lease


class More(NamedTuple):
    """A counter of a key with so many more licenses."""

    key_number: str
    counter: str
    licenses: int


@dataclass(frozen=True)
class Excerpt:
    """What a book says about one client's product and access code, copied: the book goes on changing."""

    wish: Wish
    offers: dict[str, Offer]
    leases: list[Lease]

    @classmethod
    def of(cls, book: SeatBook, wish: Wish) -> "Excerpt":
        """Whatever can matter for a client's wish."""
        leases = [copy.copy(lease) for lease in book.concerning(wish)]
        return cls(wish, book.offers(wish), leases)

    def supposing(self, without: Iterable[str], more: Iterable[More]) -> SeatBook:
        """The book as it would be without some keys, and with more licenses on others.

        :raises SeatError: ``unknown_key``: a key or counter that does not serve this client anyway.
        """
        offers = dict(self.offers)
        for grown in more:
            offers[grown.key_number] = self._grown(offers, grown)
        for number in without:
            self._serving(offers, number)
        for number in without:
            offers.pop(number, None)
        book = SeatBook(idle_seconds=0)
        for lease in self.leases:
            book.restore(lease, 0)
        book.serve(offers)
        return book

    def _grown(self, offers: dict[str, Offer], more: More) -> Offer:
        license, access = self._serving(offers, more.key_number)
        if more.counter not in {counter.name for counter in license.counters}:
            raise SeatError("unknown_key", f"the key {more.key_number} has no counter {more.counter}")
        return Offer(_with_more(license, more), access)

    def _serving(self, offers: dict[str, Offer], number: str) -> Offer:
        if number not in offers:
            raise SeatError(
                "unknown_key",
                f"no key {number} serves the product {self.wish.product} for this client",
                hint="Name keys that serve now",
            )
        return offers[number]


def _with_more(license: License, more: More) -> License:
    counters = (
        msgspec.structs.replace(counter, limit=counter.limit + more.licenses)
        if counter.name == more.counter
        else counter
        for counter in license.counters
    )
    return msgspec.structs.replace(license, counters=tuple(counters))

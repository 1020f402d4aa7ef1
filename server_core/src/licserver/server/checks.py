# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking without taking: would this client get a license now, from which key, and if not why?

docs/specification.md, section 3 "Asking without taking".
"""

import asyncio

from licserver.limits import Allowance, peer_of
from licserver.seats import SeatError
from licserver.seats.book import SeatBook, Wish
from licserver.seats.supposing import Excerpt, More
from licserver.server.rack import KeyRack
from licserver.server.visitors import Visitors
from licserver.wire.messages import Check, Checked, HolderSeen, Suppose

MOST_HOLDERS = 20
MOST_WAITING = 64
"""Requests that suppose something, each of many kilobytes, of which one is thought through at a time. One address may
have a part of them, see :class:`licserver.server.visitors.Visitors`."""
SUPPOSED_AT_ONCE, SUPPOSED_PER_SECOND = 20, 2.0
"""So many may come from one address, and those that grow back with time: each has the book copied."""


class Checks:
    """Answers requests of the kind :class:`licserver.wire.messages.Check`."""

    def __init__(self, book: SeatBook, keys: KeyRack) -> None:
        self._book = book
        self._keys = keys
        self._supposing = asyncio.Lock()
        self._waiting: Visitors[object] = Visitors("questions what would be", MOST_WAITING)
        self._allowance = Allowance(SUPPOSED_AT_ONCE, SUPPOSED_PER_SECOND)

    def answer(self, request: Check, challenge: str) -> Checked:
        """What a login would be answered with."""
        return self._answer(request, self._keys.wish(request, challenge), self._book)

    async def answer_supposing(self, request: Check, suppose: Suppose, challenge: str, address: str) -> Checked:
        """What a login would be answered with then.

        :param address: the IP address of whoever asks.
        :raises SeatError: ``unknown_key``: what is to be supposed makes no sense; ``too_busy``: too many wait, or come
            from that address.
        """
        place = object()
        if not self._allowance.take(peer_of(address)) or not self._waiting.enter(place, address):
            raise SeatError("too_busy", "too many ask at once what would be", hint="Ask again in a moment")
        try:
            wish = self._keys.wish(request, challenge)
            more = [More(one.key_number, one.counter, one.licenses) for one in suppose.more]
            async with self._supposing:  # one at a time, in another thread: it must not keep holders waiting
                excerpt = Excerpt.of(self._book, wish)
                supposed = await asyncio.to_thread(excerpt.supposing, suppose.without_keys, more)
            return self._answer(request, wish, supposed)
        finally:
            self._waiting.leave(place)

    def _answer(self, request: Check, wish: Wish, book: SeatBook) -> Checked:
        try:
            key_number, counter = book.choose(wish).name
        except SeatError as refusal:
            error = self._keys.explained(refusal, wish)
            holders = book.holders(wish, MOST_HOLDERS) if error.code == "no_free_license" else []
            return Checked(
                id=request.id,
                allowed=False,
                code=error.code,
                message=error.message,
                hint=error.hint,
                holders=tuple(
                    HolderSeen(user=lease.holder.user, computer=lease.holder.computer, since=lease.since)
                    for lease in holders
                ),
            )
        message = f"the key {key_number} has a license of the counter {counter} for this client"
        return Checked(id=request.id, allowed=True, key_number=key_number, counter=counter, message=message)

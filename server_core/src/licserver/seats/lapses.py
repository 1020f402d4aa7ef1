# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue of lapses: which leases may have lapsed by now. A renewal costs it nothing."""

import heapq
from collections.abc import Iterator, Mapping

from licserver.seats.lease import Lease

SPARE_LAPSES = 1000
"""How many ended leases the queue may still name, beside as many as there are leases."""


class Lapses:
    """Names every lease once, with a time at which it has not lapsed before.

    :param leases: those that have not ended; the queue looks at them and changes nothing.
    """

    def __init__(self, leases: Mapping[str, Lease]) -> None:
        self._leases = leases
        self._queue: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._queue)

    def expect(self, lease: Lease) -> None:
        """Name a lease that the queue does not name."""
        heapq.heappush(self._queue, (lease.state_ends, lease.lease))
        if len(self._queue) > 2 * len(self._leases) + SPARE_LAPSES:  # most are of leases that a logout has ended
            self._queue = [(one.state_ends, one.lease) for one in self._leases.values()]
            heapq.heapify(self._queue)

    def due(self, now: float) -> Iterator[Lease]:
        """Every lease whose state has lapsed by ``now``; whoever takes one moves it on before he takes the next."""
        while self._queue and self._queue[0][0] <= now:
            _, name = heapq.heappop(self._queue)
            lease = self._leases.get(name)
            if lease is not None and lease.state_ends <= now:
                yield lease
            if lease is not None and lease.state != "freed":
                self.expect(lease)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long something took, counted in classes: cheap enough for every renewal. No I/O."""

import math
from bisect import bisect_left
from collections.abc import Sequence

BOUNDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


class Latencies:
    """A histogram.

    :param bounds: the upper bound of each class, in seconds, rising; one more class takes what is above.
    """

    def __init__(self, bounds: Sequence[float] = BOUNDS) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self.sum += seconds

    def up_to(self) -> list[tuple[float, int]]:
        """How many took no longer than each bound; the last bound is infinity."""
        total, found = 0, []
        for bound, count in zip((*self._bounds, math.inf), self._counts, strict=True):
            total += count
            found.append((bound, total))
        return found

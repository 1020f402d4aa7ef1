# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the clock on the wall jumped, and what time it is all the same. docs/specification.md, sections 3 and 5."""

import time
from dataclasses import dataclass

from licserver.system import this_system

JUMP_SECONDS = 60.0
"""A clock that is corrected by less has not jumped."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment by two clocks.

    :ivar wall: seconds since 1970-01-01 UTC, by the clock that anybody can set.
    :ivar running: seconds since the computer was switched on, its sleep included; nobody can set them.
    :ivar boot: a name for this time of running; see :meth:`licserver.system.System.running_clock`.
    """

    wall: float
    running: float
    boot: str


def this_moment() -> Moment:
    """This very moment."""
    return Moment(time.time(), *this_system().running_clock())


def jump(before: Moment, now: Moment) -> float:
    """By how many seconds the clock on the wall was set forward (below zero: back) between two moments, 0 for none.

    Where the computer was switched off in between, or that cannot be known, only a clock that went back shows it.
    """
    passed = now.wall - before.wall
    if before.boot == now.boot:
        passed -= now.running - before.running
    else:
        passed = min(passed, 0.0)
    return passed if abs(passed) >= JUMP_SECONDS else 0.0


def later(seen: Moment | None, now: Moment) -> Moment:
    """What time it is by a clock that cannot be turned back.

    :param seen: what it was before, as this told it.
    :returns: the same moment as ``now``; its ``wall`` is at least as late as what was seen, and what has passed since.
    """
    if seen is None:
        return now
    passed = max(0.0, now.running - seen.running) if seen.boot == now.boot else 0.0
    return Moment(max(now.wall, seen.wall + passed), now.running, now.boot)

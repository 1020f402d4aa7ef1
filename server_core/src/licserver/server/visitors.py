# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is connected, and who may still connect: never so many that the server runs out of descriptors.

docs/protocol.md, "Limits". No I/O.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from licserver.limits import peer_of

SHARE_OF_ONE = 4
"""One address may have this part of all connections to a port: a terminal server has hundreds."""
_SAY_AGAIN_SECONDS = 60.0

Visitor = TypeVar("Visitor")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Room:
    """How many connections a server has room for.

    :ivar at_once: how many are accepted in one go.
    """

    licenses: int
    web: int
    at_once: int

    @classmethod
    def of(cls, open_files: int) -> "Room":
        """The room of a process that may have so many files open: half of it for clients, and enough left for the
        server's own files and for connections on their way to being refused."""
        return cls(
            licenses=min(20_000, open_files // 2), web=min(256, open_files // 16), at_once=min(128, open_files // 32)
        )


class Visitors(Generic[Visitor]):
    """Those of one kind who are here now: the open connections to a port, or some of them.

    :param what: what is refused when there are too many.
    """

    def __init__(self, what: str, most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._most = most
        self._most_of_one = max(1, most // SHARE_OF_ONE)
        self._clock = clock
        self._said = -_SAY_AGAIN_SECONDS
        self._peers: dict[Visitor, str] = {}
        self._counts: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Visitor]:
        return iter(list(self._peers))

    def enter(self, visitor: Visitor, address: str) -> bool:
        """Let somebody in from an IP address, who may be in already; false when there are too many."""
        if visitor in self._peers:
            return True
        peer = peer_of(address)
        if len(self._peers) >= self._most:
            self._say(f"{self._most} are open")
            return False
        if self._counts[peer] >= self._most_of_one:
            self._say(f"{self._most_of_one} are open from {peer}")
            return False
        self._peers[visitor] = peer
        self._counts[peer] += 1
        return True

    def leave(self, visitor: Visitor) -> None:
        """Somebody left; nothing happens if he was not let in."""
        peer = self._peers.pop(visitor, None)
        if peer is not None:
            self._counts[peer] -= 1
            if not self._counts[peer]:
                del self._counts[peer]

    def _say(self, why: str) -> None:
        if self._clock() >= self._said + _SAY_AGAIN_SECONDS:
            self._said = self._clock()
            _log.warning("%s are refused: %s", self._what, why)

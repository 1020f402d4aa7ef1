# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose turn it is: many connections of one address get no more than one. docs/protocol.md, "Limits".

In one round of the event loop an address is served for so long; what else comes from it waits for the next round. So
whoever asks from another address waits for a moment of each of the others, however much they ask. No I/O.
"""

from collections import deque
from collections.abc import Callable

TURN_SECONDS = 0.003
"""What an address gets of a round; the next round begins at once when nobody else wants anything."""


class Turns:
    """The turns of one port.

    :param soon: has something called in the next round, as the event loop does.
    """

    def __init__(self, soon: Callable[[Callable[[], None]], object]) -> None:
        self._soon = soon
        self._used: dict[str, float] = {}
        self._waiting: dict[str, deque[Callable[[], None]]] = {}
        self._is_round_coming = False

    def has_time(self, peer: str) -> bool:
        """Whether a peer may be served in this round."""
        return self._used.get(peer, 0.0) < TURN_SECONDS

    def use(self, peer: str, seconds: float) -> None:
        """A peer was served for so long."""
        self._used[peer] = self._used.get(peer, 0.0) + seconds
        self._call_round()

    def wait(self, peer: str, go_on: Callable[[], None]) -> None:
        """Have a peer served in its next turn, after what it asked to be served with before."""
        self._waiting.setdefault(peer, deque()).append(go_on)
        self._call_round()

    def _call_round(self) -> None:
        if not self._is_round_coming:
            self._is_round_coming = True
            self._soon(self._round)

    def _round(self) -> None:
        self._is_round_coming = False
        self._used.clear()
        for peer, waiting in list(self._waiting.items()):
            for _ in range(len(waiting)):
                if not self.has_time(peer):
                    break
                waiting.popleft()()
            if not waiting:
                del self._waiting[peer]
        if self._waiting:
            self._call_round()

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much one network peer may take of what all share. docs/protocol.md, "Limits". No I/O."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

REMEMBERED_PEERS = 4096
_HOME_NETWORK = 64
"""Bits of an IPv6 address that name a network; whoever has one address of it has them all."""


def peer_of(address: str) -> str:
    """Who stands behind an IP address: the address itself, or its network with IPv6."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _HOME_NETWORK), strict=False))


class Allowance:
    """So much for every peer, which grows back with time; remembers a bounded number of peers.

    :param most: what a peer has that took nothing for a while.
    :param per_second: what grows back.
    """

    def __init__(self, most: int, per_second: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._per_second = per_second
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def has(self, peer: str) -> bool:
        """Whether one is left."""
        return self._left_for(peer) >= 1

    def take(self, peer: str) -> bool:
        """Take one; false if none was left."""
        left = self._left_for(peer)
        allowed = left >= 1
        self._left[peer] = (left - 1 if allowed else left, self._clock())
        self._left.move_to_end(peer)
        if len(self._left) > REMEMBERED_PEERS:
            self._left.popitem(last=False)
        return allowed

    def _left_for(self, peer: str) -> float:
        if peer not in self._left:
            return self._most
        left, since = self._left[peer]
        return min(self._most, left + (self._clock() - since) * self._per_second)

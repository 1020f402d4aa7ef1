# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""UDP 15200: answers clients that look for a server by broadcast. docs/specification.md, sections 3 and 4."""

import asyncio
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import cast

from licserver.documents import ServerHere
from licserver.server.sessions import Sessions
from licserver.wire.discovery import read_question

ANSWERS_PER_SECOND = 20
REMEMBERED_ADDRESSES = 4096


class RateLimit:
    """At most so many answers a second to one address; remembers a bounded number of addresses."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Whether one more answer may go there now."""
        now = self._clock()
        left, since = self._left.pop(address, (float(ANSWERS_PER_SECOND), now))
        left = min(ANSWERS_PER_SECOND, left + (now - since) * ANSWERS_PER_SECOND)
        allowed = left >= 1
        self._left[address] = (left - 1 if allowed else left, now)
        if len(self._left) > REMEMBERED_ADDRESSES:
            self._left.popitem(last=False)
        return allowed


class DiscoveryPort(asyncio.DatagramProtocol):
    """Answers questions; with ``local`` only those that come from this computer."""

    def __init__(self, name: str, port: int, sessions: Sessions, *, local: bool) -> None:
        self._name = name
        self._port = port
        self._sessions = sessions
        self._local = local
        self._limit = RateLimit()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        """Called by asyncio."""
        if self._local and not ipaddress.ip_address(address[0].partition("%")[0]).is_loopback:
            return
        question = read_question(data)
        if question is None or not self._limit.allows(address[0]):
            return
        here = ServerHere(
            nonce=question.nonce,
            server_id=self._sessions.server_id,
            name=self._name,
            port=self._port,
            session_public=self._sessions.session_public,
        )
        answer = self._sessions.sign(here).encode()
        if len(answer) <= len(data):
            self._transport.sendto(answer, address)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""UDP 15200: answers clients that look for a server by broadcast. docs/specification.md, sections 3 and 4."""

import asyncio
import contextlib
import ipaddress
import socket
from typing import cast

from licserver.documents import ServerHere
from licserver.limits import Allowance, peer_of
from licserver.server.sessions import Sessions
from licserver.wire.discovery import read_question

ANSWERS_PER_SECOND = 20
ALL_ANSWERS_PER_SECOND = 500
"""Beside the limit for each address, because an address can be forged."""
DATAGRAMS_AT_ONCE = 100
_MOST_BYTES = 65536


class DiscoveryPort(asyncio.DatagramProtocol):
    """Answers questions; with ``local`` only those that come from this computer."""

    def __init__(self, bound: socket.socket, name: str, port: int, sessions: Sessions, *, local: bool) -> None:
        self._bound = bound
        self._name = name
        self._port = port
        self._sessions = sessions
        self._local = local
        self._for_each = Allowance(ANSWERS_PER_SECOND, ANSWERS_PER_SECOND)
        self._for_all = Allowance(ALL_ANSWERS_PER_SECOND, ALL_ANSWERS_PER_SECOND)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        """Called by asyncio, which reads one datagram in a round of its loop; more are read here, or a flood of garbage
        would crowd honest questions out of the system's buffer."""
        self._answer(data, address)
        with contextlib.suppress(OSError):  # that there is none left, or a message that an asker is gone
            for _ in range(DATAGRAMS_AT_ONCE):
                self._answer(*self._bound.recvfrom(_MOST_BYTES))

    def _answer(self, data: bytes, address: tuple[str, int]) -> None:
        if self._local and not ipaddress.ip_address(address[0].partition("%")[0]).is_loopback:
            return
        question = read_question(data)
        if question is None or not (self._for_each.take(peer_of(address[0])) and self._for_all.take("")):
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

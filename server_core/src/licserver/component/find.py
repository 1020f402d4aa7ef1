# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where to connect: what each entry of ``server=`` in client.ini stands for. docs/specification.md, section 4."""

import secrets
import select
import socket
import time
from collections.abc import Iterator, Sequence

from licserver.component.transport import Address
from licserver.ini_text import AUTO_SERVER, DEFAULT_PORT, LOCAL_SERVER, parse_server_address
from licserver.settings import DISCOVERY_PORT
from licserver.system import this_system
from licserver.wire.discovery import make_question, read_answer

SEARCH_SECONDS = 3.0
_ASK_AGAIN_SECONDS = 0.5


def candidates(servers: Sequence[str], *, seconds: float = SEARCH_SECONDS) -> Iterator[tuple[int, str, Address | None]]:
    """Every address to be tried, in order: the position of its entry, the entry, and the address; ``None`` for a search
    that nobody answered.

    :param seconds: how long a search may last at most.
    """
    for position, server in enumerate(servers):
        found = False
        for address in addresses(server, seconds=seconds):
            found = True
            yield position, server, address
        if not found:
            yield position, server, None


def addresses(server: str, *, seconds: float = SEARCH_SECONDS) -> Iterator[Address]:
    """The addresses that one entry stands for, in the order in which they are to be tried.

    :param seconds: how long a search may last at most.
    """
    if server == LOCAL_SERVER:
        yield Address("127.0.0.1", DEFAULT_PORT)
    elif server == AUTO_SERVER:
        yield from search(seconds)
    else:
        yield Address(*parse_server_address(server))


def search(seconds: float = SEARCH_SECONDS) -> Iterator[Address]:
    """Ask in every network of this computer, and on the computer itself, which servers there are; the first to answer
    comes first. Asks again now and then, since datagrams may get lost. While an address is tried the search stands
    still: whoever answered beside one that falls silent is not forgotten over it."""
    nonce = secrets.token_urlsafe(32)
    question = make_question(nonce)
    seen: set[str] = set()
    deadline = time.monotonic() + seconds
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        asking.setblocking(False)
        while (now := time.monotonic()) < deadline:
            _ask_everywhere(asking, question)
            ask_again = min(deadline, now + _ASK_AGAIN_SECONDS)
            while (left := ask_again - time.monotonic()) > 0:
                for address in _answers(asking, nonce, left):
                    if address.session_public not in seen:
                        seen.add(address.session_public or "")
                        found = time.monotonic()
                        yield address
                        ask_again += time.monotonic() - found
            if seen:
                return


def _ask_everywhere(asking: socket.socket, question: bytes) -> None:
    for target in ["127.0.0.1", *(broadcast for _, broadcast in this_system().broadcast_addresses())]:
        try:
            asking.sendto(question, (target, DISCOVERY_PORT))
        except OSError:
            continue  # a network that is down now; the others may answer


def _answers(asking: socket.socket, nonce: str, seconds: float) -> Iterator[Address]:
    readable, _, _ = select.select([asking], [], [], seconds)
    if not readable:
        return
    try:
        datagram, (host, *_) = asking.recvfrom(65536)
    except OSError:  # an ICMP message that nothing listens there
        return
    here = read_answer(datagram, nonce)
    if here is not None:
        yield Address(host, here.port, here.session_public)

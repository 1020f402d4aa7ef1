# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page of somebody else must not make a browser in this network do. docs/protocol.md, "JSON API".

A browser sends the credentials that it knows along with whatever any page has it ask for, and believes any name that is
made to point to this server. So a request is for this server by its own name, and a change comes from its own page.
"""

import ipaddress
import socket
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request

from licserver.pages.bodies import is_foreign

_MARKS_OF_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-real-ip")


class OwnNames:
    """The names by which this computer is asked.

    :param set_by_hand: gives those that are set in the ini now.
    """

    def __init__(self, name: str, set_by_hand: Callable[[], Collection[str]]) -> None:
        short = name.partition(".")[0].lower()
        self._set_by_hand = set_by_hand
        self._known = {"localhost", name.lower(), short, f"{short}.local"}
        self._name = name
        self._looking = anyio.Lock()
        self._looked = False

    async def has(self, host: str) -> bool:
        """Whether the ``Host`` of a request is an IP address or a name of this computer."""
        name = _name_in(host)
        if name in self._known or name in self._set_by_hand() or _is_address(name):
            return True
        async with self._looking:
            if not self._looked:
                self._known |= await anyio.to_thread.run_sync(_names_in_network, self._name)
                self._looked = True
        return name in self._known


async def check_sender(request: Request, names: OwnNames, *, has_effect: bool) -> None:
    """Let through what a program, or a browser on a page of this server, sends.

    :param has_effect: whether something changes, or is made and taken away: more than a page that is looked at.
    :raises HTTPException: it is made for another server, or a page of another server has the browser do it.
    """
    host = request.headers.get("host", "")
    if host and not await names.has(host):
        raise HTTPException(
            421,
            f"this server is not {_name_in(host)[:100] or 'called so'}: ask it by its computer's name or address, or "
            "have its ini list the name: Names=",
        )
    if has_effect and is_foreign(request.headers):
        raise HTTPException(403, "a page of another server may neither change nor take away anything here")


def is_this_computer(request: Request) -> bool:
    """Whether a request was made on this very computer, and passed on by nobody."""
    server = (request.scope.get("server") or ("",))[0]
    if request.client is None or any(name in request.headers for name in _MARKS_OF_PROXIES):
        return False
    return request.client.host == server or plain_address(request.client.host).is_loopback


def _name_in(host: str) -> str:
    """The name in a ``Host``; empty where that is more, or less, than a name and a port."""
    try:
        parts = urlsplit(f"//{host}")
        is_whole = parts.netloc == host and parts.username is None and parts.port != 0
        return (parts.hostname or "").rstrip(".") if is_whole else ""
    except ValueError:  # a port that cannot be, too
        return ""


def plain_address(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IP address, also of a socket for both kinds, which writes those of IPv4 as of IPv6."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _names_in_network(name: str) -> set[str]:
    try:
        canonical, aliases, _ = socket.gethostbyaddr(name)
    except OSError:
        return set()
    return {one.lower() for one in (canonical, *aliases)}

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets of the server, bound before anything is served, so that a taken port is one clear message."""

import contextlib
import errno
import ipaddress
import logging
import socket
import sys
from collections.abc import Collection, Iterator

from licserver.errors import LicensingError
from licserver.settings import Settings
from licserver.system import this_system

_QUEUE = 4096
"""Connections that the system keeps until they are accepted, if it allows so many: whoever finds no room tries again
after a second only."""
_DATAGRAM_BYTES = 2**20
"""What the system keeps of questions until they are read, if it allows so much: garbage must not crowd them out."""
_INTERNET = (socket.AF_INET, socket.AF_INET6)
_NO_RIGHT: tuple[int, ...] = () if sys.platform == "win32" else (errno.EACCES, errno.EPERM)
"""What the system says of a port that is not for every account. Windows has none: there another program has it."""

_log = logging.getLogger(__name__)


class ListenError(LicensingError):
    """A port or an address that cannot be listened on.

    :ivar setting: the key of the ini that asks for it.
    """

    def __init__(self, code: str, message: str, *, setting: str, hint: str) -> None:
        super().__init__(code, message, hint=hint)
        self.setting = setting


def bind_tcp(what: str, address: str, port: int, setting: str, passed: list[socket.socket]) -> socket.socket:
    """A TCP socket; an empty address means all of IPv4 and IPv6 where there is one.

    :param passed: bound by the service manager; the one that is the same is taken out and used.
    :raises ListenError: the port is taken, or not for the server, or the address is not this computer's.
    """
    address_bound = _bound_address(address)
    same = next((one for one in passed if _is_bound(one, address_bound, port)), None)
    if same is not None:
        passed.remove(same)
        return same
    try:
        return _bind(socket.SOCK_STREAM, address_bound, port)
    except OSError as error:
        raise _refused_port(what, address, port, setting, error) from error


def look_at_address(address: str) -> None:
    """Whether a server could listen on an address at all.

    :raises ListenError: it is none of this computer's.
    """
    if address:
        try:
            _bind(socket.SOCK_STREAM, address, 0).close()
        except OSError as error:
            raise ListenError(
                "address_unavailable",
                f"this computer cannot listen on {address}: {error.strerror}",
                setting="BindAddress",
                hint="Change BindAddress in the ini to an address of this computer, or to nothing for all of them",
            ) from error


def look_at_ports(now: Settings, wanted: Settings) -> None:
    """Whether a running server could listen where other settings want it to.

    :param now: where it listens; what is its own is not looked at.
    :raises ListenError: an address that is not this computer's, or a port that is not to be had.
    """
    address = wanted.listen_address
    look_at_address(address)
    stays = address == now.listen_address or "" in (address, now.listen_address)
    for what, port, key in (("the license port", wanted.port, "port"), ("the web page", wanted.web_port, "WebPort")):
        if not (stays and port in (now.port, now.web_port)):
            bind_tcp(what, address, port, key, []).close()


def bind_discovery(address: str, port: int) -> list[socket.socket]:
    """UDP sockets that hear questions to one address and broadcasts of its network.

    :raises ListenError: the port is taken; it cannot be changed (docs/specification.md, section 3).
    """
    with contextlib.ExitStack() as unless_all_are_bound:
        try:
            bound = [
                unless_all_are_bound.enter_context(_bind(socket.SOCK_DGRAM, one, port))
                for one in (address or "0.0.0.0", *_broadcasts_heard_by(address))
            ]
        except OSError as error:
            raise _refused_port("discovery (UDP)", address, port, "BindAddress", error) from error
        for one in bound:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _DATAGRAM_BYTES)
        unless_all_are_bound.pop_all()
        return bound


def give_up_others(passed: list[socket.socket], address: str, ports: Collection[int]) -> None:
    """Give up sockets that the service manager bound otherwise than the ini says, and say so.

    Its own copies of them stay open. So they are made to listen no more: one of this computer's own address would keep
    the same port of all addresses from being listened on, and whoever connects would wait for an answer.
    """
    address_bound = _bound_address(address)
    for one in [one for one in passed if not any(_is_bound(one, address_bound, port) for port in ports)]:
        where = f"{one.getsockname()[0]} port {one.getsockname()[1]}" if one.family in _INTERNET else "no port"
        _log.warning("the service manager passed a socket on %s, which the ini does not ask for: it is not used", where)
        passed.remove(one)
        if one.family in _INTERNET and one.type == socket.SOCK_STREAM:
            with contextlib.suppress(OSError):  # it did not listen
                one.shutdown(socket.SHUT_RDWR)
        one.close()


def lengthen_queue(listening: socket.socket) -> None:
    """Have the system keep more connections until they are accepted than asyncio told it, which knows one number for
    that and for how many it accepts in one go."""
    listening.listen(_QUEUE)


def _refused_port(what: str, address: str, port: int, setting: str, error: OSError) -> ListenError:
    where = f"{what} cannot listen on {address or 'every address'} port {port}"
    if error.errno in _NO_RIGHT:
        return ListenError(
            "port_forbidden",
            f"{where}: the server has no right to this port",
            setting=setting,
            hint=f"Change {setting} in the ini to a port that is for every account, such as one from 1024 on",
        )
    return ListenError(
        "port_unavailable",
        f"{where}: {error.strerror}",
        setting=setting,
        hint=f"Stop the program that holds it, or change {setting} in the ini",
    )


def _broadcasts_heard_by(address: str) -> Iterator[str]:
    if address and sys.platform != "win32":  # there a socket of one address hears the broadcasts of its network
        yield from (broadcast for own, broadcast in this_system().broadcast_addresses() if own == address)


def _is_bound(passed: socket.socket, address: str, port: int) -> bool:
    if passed.family not in _INTERNET or passed.type != socket.SOCK_STREAM:
        return False
    bound_address, bound_port = passed.getsockname()[:2]
    return (ipaddress.ip_address(bound_address), bound_port) == (ipaddress.ip_address(address), port) and (
        address != "::" or not passed.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    )


def _bound_address(address: str) -> str:
    return address or ("::" if _has_ipv6() else "0.0.0.0")


def _has_ipv6() -> bool:
    if not socket.has_dualstack_ipv6():
        return False
    try:
        _bind(socket.SOCK_STREAM, "::", 0).close()
    except OSError:  # built in, but switched off on this computer
        return False
    return True


def _bind(kind: socket.SocketKind, address: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    try:
        if sys.platform == "win32":  # there another program could bind the same port beside, and get the connections
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        elif kind == socket.SOCK_STREAM:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if bound.family == socket.AF_INET6 and kind == socket.SOCK_STREAM:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address != "::")
        bound.bind((address, port))
    except OSError:
        bound.close()
        raise
    return bound

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether one place can be reached and a license server is there, looked at step by step: the name, the way, the port,
TLS, the greeting. Each step says what was found and, where it failed, what to do."""

import errno
import ipaddress
import secrets
import socket
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from licserver.component.connection import Connection
from licserver.component.errors import (
    ConnectionLostError,
    LicenseDeniedError,
    NoTlsError,
    UnknownCertificateError,
    UntrustedServerError,
)
from licserver.component.transport import Address, certificate_at, open_socket
from licserver.documents import ServerHere
from licserver.ini_text import DEFAULT_PORT
from licserver.settings import DISCOVERY_PORT
from licserver.wire import WireError
from licserver.wire.discovery import make_question, read_answer

Outcome = Literal["ok", "warning", "failed"]

_DISCOVERY_SECONDS = 1.0
_HUNG_UP_HINT = "Look into the log of the server; it hangs up on whoever comes when too many are connected"


@dataclass(frozen=True)
class Step:
    """One thing that was looked at.

    :ivar name: ``client.ini``, ``search``, ``name``, ``route``, ``port``, ``tls``, ``server``, ``license``, ``trust``
        or ``clock``.
    :ivar server: the entry of ``server=`` that it is about; empty for what is about all.
    :ivar code: a word for programs where it is not ``ok`` (docs/protocol.md, "Findings of licctl doctor").
    """

    name: str
    outcome: Outcome
    message: str
    hint: str = ""
    code: str = ""
    server: str = ""


class Place:
    """One address that is looked at.

    :param server: the entry of ``server=`` that stands for it.
    :param seconds: how long to wait for each answer.
    """

    def __init__(self, server: str, address: Address, tls_pins: Collection[str], *, seconds: float) -> None:
        self.steps: list[Step] = []
        self._server = server
        self._address = address
        self._pins = tls_pins
        self._seconds = seconds

    def connect(self) -> Connection | None:
        """A connection that has exchanged its greetings, or ``None``; :attr:`steps` say how far it went."""
        if self._look_up_name() and self._find_route() and self._knock() and self._secure():
            return self._greet()
        return None

    def _look_up_name(self) -> bool:
        host = self._address.host
        try:
            found = socket.getaddrinfo(host, self._address.port, type=socket.SOCK_STREAM)
        except OSError as error:
            return self._failed(
                "name",
                "unknown_name",
                f"the name {host} is not known: {error.strerror or error}",
                "Correct the name in client.ini, or the name service of this computer, or name the IP address",
            )
        self._ways = [(family, address) for family, _, _, _, address in found]
        if not _is_ip_address(host):
            self._ok("name", f"{host} is {', '.join(str(address[0]) for _, address in self._ways)}")
        return True

    def _find_route(self) -> bool:
        problem = ""
        for family, address in self._ways:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:  # a connected UDP socket sends nothing
                try:
                    probe.connect(address)
                except OSError as error:
                    problem = error.strerror or str(error)
                    continue
                self._ok("route", f"from {probe.getsockname()[0]} on this computer to {address[0]}")
                return True
        return self._failed(
            "route",
            "no_route",
            f"there is no way from this computer to {self._address.host}: {problem}",
            "Check the network of this computer: its cable, its addresses, its default gateway, a VPN",
        )

    def _knock(self) -> bool:
        started = time.monotonic()
        try:
            socket.create_connection((self._address.host, self._address.port), timeout=self._seconds).close()
        except OSError as error:
            return self._no_answer(error)
        self._ok("port", f"{self._address} accepts connections, after {1000 * (time.monotonic() - started):.0f} ms")
        return True

    def _no_answer(self, error: OSError) -> bool:
        here = self._ask_discovery()
        if here is not None and here.port != self._address.port:
            return self._failed(
                "port",
                "other_port",
                f"nothing answers at {self._address}; the license server {here.name} there serves on port {here.port}",
                f"licctl server set {self._address.host}:{here.port}",
            )
        there = f"; but the license server {here.name} there answers on UDP {DISCOVERY_PORT}" if here else ""
        if isinstance(error, ConnectionRefusedError):
            return self._failed(
                "port",
                "refused",
                f"{self._address} refuses: the computer is there, but nothing listens on this port{there}",
                "Start the license server there; if it runs, see in its ini whether Local=1 or another port is set",
            )
        if isinstance(error, TimeoutError):
            return self._failed(
                "port",
                "silence",
                f"{self._address} keeps silent for {self._seconds:.0f} seconds{there}",
                f"A firewall swallows the packets, or the computer is off: allow TCP {self._address.port} to it",
            )
        code = "unreachable" if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH) else "connection_lost"
        return self._failed(
            "port",
            code,
            f"{self._address} cannot be reached: {error.strerror or error}{there}",
            "The computer is off or has another address by now, or a router on the way refuses",
        )

    def _ask_discovery(self) -> ServerHere | None:
        """What a license server there says of itself on the port of discovery, which cannot be changed."""
        nonce = secrets.token_urlsafe(32)
        family, address = self._ways[0]
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.settimeout(min(self._seconds, _DISCOVERY_SECONDS))
            try:
                asking.connect((address[0], DISCOVERY_PORT, *address[2:]))
                asking.send(make_question(nonce))
                return read_answer(asking.recv(65536), nonce)
            except OSError:
                return None

    def _secure(self) -> bool:
        if not self._pins:
            return True
        try:
            open_socket(self._address, self._pins, seconds=self._seconds).close()
        except UnknownCertificateError as error:
            return self._failed("tls", error.code, error.message, error.hint)
        except NoTlsError as error:
            hint = "Set TLS=1 in the ini of the server, or remove tls_pins from client.ini"
            return self._failed("tls", "no_tls", error.message, hint)
        except ConnectionLostError as error:
            return self._failed("tls", error.code, error.message, _HUNG_UP_HINT)
        self._ok("tls", "the server shows a certificate that tls_pins names")
        return True

    def _greet(self) -> Connection | None:
        try:
            connection = Connection(self._address, self._pins, seconds=self._seconds)
        except LicenseDeniedError as error:
            hint = "Update the older of the two: `licctl --version` here, `licctl info` on the server"
            self._failed("server", error.code, f"no version of the protocol in common: {error.message}", hint)
        except UntrustedServerError as error:
            self._failed("server", error.code, error.message, error.hint)
        except ConnectionLostError as error:
            self._no_greeting(error)
        else:
            welcome = connection.welcome
            version = f"version {welcome.version} of the protocol"
            self._ok("server", f"the license server {welcome.name} ({welcome.server_id}) speaks {version}")
            return connection
        return None

    def _no_greeting(self, error: ConnectionLostError) -> None:
        if isinstance(error.__cause__, WireError):
            hint = f"Another program listens there; correct the port in client.ini (usually {DEFAULT_PORT})"
            self._failed("server", "no_license_server", error.message, hint)
            return
        seen = None if self._pins else certificate_at(self._address, seconds=self._seconds)
        if seen is None:
            self._failed("server", error.code, error.message, _HUNG_UP_HINT)
            return
        self._failed(
            "server",
            "tls_needed",
            f"{self._address} speaks TLS only; it shows the certificate {seen}",
            "Compare it with what `licctl info` says on the server, and name it as tls_pins in client.ini",
        )

    def _ok(self, name: str, message: str) -> None:
        self.steps.append(Step(name, "ok", message, server=self._server))

    def _failed(self, name: str, code: str, message: str, hint: str) -> bool:
        self.steps.append(Step(name, "failed", message, hint, code, self._server))
        return False


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True

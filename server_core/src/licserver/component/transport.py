# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a server: TCP, or TLS to a certificate that is known by its digest. docs/protocol.md, "TLS".

No certificate authority is asked: a branch has none, and a digest says exactly which server is meant.
"""

import functools
import hashlib
import socket
import ssl
from collections.abc import Collection
from dataclasses import dataclass

from licserver.component.errors import ConnectionLostError, NoTlsError, UnknownCertificateError


@dataclass(frozen=True)
class Address:
    """A server to try.

    :ivar session_public: the key that its answer to a discovery was signed with, if it was found so.
    """

    host: str
    port: int
    session_public: str | None = None

    def __str__(self) -> str:
        return f"{self.host} port {self.port}"


def open_socket(address: Address, tls_pins: Collection[str], *, seconds: float) -> socket.socket:
    """A connected socket; with pins it speaks TLS, and the server has shown one of those certificates.

    :param seconds: how long to wait for each step.
    :raises ConnectionLostError: nobody answers there, or (:class:`NoTlsError`) without TLS.
    :raises UnknownCertificateError: the server has another certificate.
    """
    try:
        connected = socket.create_connection((address.host, address.port), timeout=seconds)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise ConnectionLostError(str(address), describe(error)) from error
    if not tls_pins:
        return connected
    try:
        secured = _tls().wrap_socket(connected)
    except ssl.SSLEOFError as error:
        connected.close()
        raise ConnectionLostError(str(address), "it closed the connection in the middle of a TLS handshake") from error
    except ssl.SSLError as error:
        connected.close()
        problem = "it does not speak TLS, which tls_pins in client.ini demands; TLS=1 in its ini lets it"
        raise NoTlsError(str(address), f"{problem} ({error.strerror or error})") from error
    except OSError as error:
        connected.close()
        raise ConnectionLostError(str(address), describe(error)) from error
    seen = _digest_of_certificate(secured)
    if seen not in tls_pins:
        secured.close()
        raise UnknownCertificateError(str(address), seen)
    return secured


def certificate_at(address: Address, *, seconds: float) -> str | None:
    """The SHA-256 of the certificate that is shown there, in hexadecimal; ``None`` where TLS is not spoken."""
    try:
        with (
            socket.create_connection((address.host, address.port), timeout=seconds) as connected,
            _tls().wrap_socket(connected) as secured,
        ):
            return _digest_of_certificate(secured)
    except OSError:
        return None


def describe(error: OSError) -> str:
    """What a failed connection means, for an administrator."""
    if isinstance(error, TimeoutError):
        return "no answer in time; it may be off, or a firewall swallows the packets"
    if isinstance(error, socket.gaierror):
        return "the name is not known"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there; the license server may be stopped, or Local=1 keeps the network out"
    return error.strerror or str(error)


def _digest_of_certificate(secured: ssl.SSLSocket) -> str:
    return hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()


@functools.cache
def _tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the certificate is compared with the pins, which say more than any authority
    return context

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS in front of a license server: a certificate of its own, and a socket that hands on what was said in private."""

import contextlib
import datetime
import hashlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from server_core.tests.running import PORT, loopback_address


class OwnCertificate:
    """A certificate that nobody vouches for.

    :ivar pin: its SHA-256 in hexadecimal.
    """

    def __init__(self, folder: Path) -> None:
        key = Ed25519PrivateKey.generate()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "license server")])
        now = datetime.datetime.now(datetime.timezone.utc)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(now + datetime.timedelta(days=1))
            .sign(key, None)
        )
        self.pin = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
        self.path = folder / "certificate.pem"
        self.path.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + certificate.public_bytes(Encoding.PEM)
        )


@contextlib.contextmanager
def tls_in_front_of(address: str, certificate: OwnCertificate) -> Iterator[str]:
    """An address at which the server behind ``address`` is reached by TLS, and not otherwise."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path)
    own = loopback_address()
    with socket.create_server((own, PORT)) as listening:
        leaving = threading.Event()
        thread = threading.Thread(target=_accept, args=(listening, context, address, leaving))
        thread.start()
        try:
            yield own
        finally:
            leaving.set()
            socket.create_connection((own, PORT)).close()
            thread.join()


def _accept(listening: socket.socket, context: ssl.SSLContext, address: str, leaving: threading.Event) -> None:
    while True:
        connection, _ = listening.accept()
        if leaving.is_set():
            connection.close()
            return
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
            _hand_on(secured, address)


def _hand_on(secured: ssl.SSLSocket, address: str) -> None:
    """One connection, as long as the client asks: every line is handed on, and one line comes back."""
    with socket.create_connection((address, PORT)) as behind, behind.makefile("rb") as answers:
        for line in secured.makefile("rb"):
            behind.sendall(line)
            secured.sendall(answers.readline())

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate with which a server encrypts both ports: one of its owner, or one that it makes for itself.

Clients know a server by the SHA-256 of its certificate. So the one that the server makes is made once, has no end (RFC
5280, section 4.1.2.5), and is never replaced by itself: another one would be another server to its clients.
docs/protocol.md, "TLS".
"""

import ipaddress
import logging
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from licserver.errors import LicensingError
from licserver.files import write_atomically
from licserver.settings import Settings
from licserver.system import this_system

_NO_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
_CLOCK_SKEW = timedelta(days=1)

_log = logging.getLogger(__name__)


class CertificateError(LicensingError):
    """A certificate or private key that cannot be used: the message names the file.

    :ivar path: the file.
    """

    def __init__(self, path: Path, problem: str, *, hint: str) -> None:
        super().__init__("bad_certificate", f"{path}: {problem}", hint=hint)
        self.path = path


@dataclass(frozen=True)
class ServerCertificate:
    """A certificate in use.

    :ivar context: encrypts connections with it, TLS 1.2 or newer.
    :ivar sha256: of the certificate in DER, in hexadecimal: what clients pin.
    :ivar not_after: when it ends, in seconds since 1970.
    """

    context: ssl.SSLContext
    sha256: str
    not_after: int


def load_certificate(settings: Settings, state: Path, name: str) -> ServerCertificate | None:
    """The certificate that the settings ask for; ``None`` without TLS.

    :param name: the computer's name, for a certificate that is made now.
    :raises CertificateError: a file cannot be read, or is no certificate, or the key does not belong to it.
    """
    if not settings.tls:
        return None
    if settings.tls_certificate is not None and settings.tls_key is not None:
        hint = "Check TLSCertificate and TLSKey in the ini, and that the server's account may read both files"
        return _load(settings.tls_certificate, settings.tls_key, hint)
    own = state / "tls" / "server.pem"
    if not own.exists():
        this_system().make_private(own.parent)
        write_atomically(own, self_signed(name))
        _log.info("a certificate was made: %s", own)
    return _load(own, own, "Put the file back from a copy; a new one, after deleting it, is unknown to all clients")


def _load(certificate: Path, key: Path, hint: str) -> ServerCertificate:
    try:
        leaf = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    except OSError as error:
        raise CertificateError(certificate, error.strerror or str(error), hint=hint) from error
    except ValueError as error:
        raise CertificateError(certificate, "there is no certificate in PEM in it", hint=hint) from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    try:
        context.load_cert_chain(certificate, key, password="")  # or OpenSSL would ask for one at the terminal
    except ssl.SSLError as error:
        problem = f"not the private key of {certificate} without a password: {error.reason or error}"
        raise CertificateError(key, problem, hint=hint) from error
    except OSError as error:
        raise CertificateError(key, error.strerror or str(error), hint=hint) from error
    digest = sha256(leaf.public_bytes(serialization.Encoding.DER)).hexdigest()
    return ServerCertificate(context, digest, int(leaf.not_valid_after_utc.timestamp()))


def self_signed(name: str) -> bytes:
    """A private key and its certificate, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    names: list[x509.GeneralName] = [x509.DNSName(one) for one in dict.fromkeys((name, "localhost")) if one.isascii()]
    names += [x509.IPAddress(ipaddress.ip_address(loopback)) for loopback in ("127.0.0.1", "::1")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(timezone.utc) - _CLOCK_SKEW)
        .not_valid_after(_NO_END)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)

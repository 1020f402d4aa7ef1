# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The center's own certificate authority and TLS certificates (RFC 5280), for centers without a public certificate.

Strict enough for every verifier: authority and server certificates carry their key identifiers, basic constraints,
key usages and the server's name or IP address as alternative name.
"""

from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address, IPv6Address, ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=20 * 365)
SERVER_LIFE = timedelta(days=825)
RENEWAL_BEFORE = timedelta(days=90)
_CLOCK_SKEW = timedelta(days=1)
"""Certificates begin so much earlier, for clients whose clock is behind."""


def make_authority(key: ec.EllipticCurvePrivateKey, name: str, *, now: int) -> x509.Certificate:
    """A certificate authority that signs server certificates and nothing below it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _builder(key.public_key(), subject, subject, AUTHORITY_LIFE, now)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(certificates=True), critical=True)
    return builder.sign(key, hashes.SHA256())


def make_server_certificate(
    authority_key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    key: ec.EllipticCurvePublicKey,
    host: str,
    *,
    now: int,
) -> x509.Certificate:
    """A TLS server certificate for a DNS name or an IP address."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    builder = _builder(key, subject, authority.subject, SERVER_LIFE, now)
    issuer_id = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    for extension, critical in (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_key_usage(certificates=False), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectAlternativeName([_alternative_name(host)]), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id), False),
    ):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(authority_key, hashes.SHA256())


def is_for(certificate: x509.Certificate, host: str) -> bool:
    """Does a verifier accept the certificate for this DNS name or IP address (RFC 9525)?"""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    address = _address(host)
    if address is not None:
        return address in names.get_values_for_type(x509.IPAddress)
    accepted = {host.lower(), f"*.{host.lower().partition('.')[2]}"}
    return any(name.lower() in accepted for name in names.get_values_for_type(x509.DNSName))


def is_due(certificate: x509.Certificate, *, now: int) -> bool:
    """Should the certificate be replaced by now?"""
    return certificate.not_valid_after_utc - RENEWAL_BEFORE <= _time(now)


def certificate_pem(certificate: x509.Certificate) -> bytes:
    """The certificate as text."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def _builder(
    key: ec.EllipticCurvePublicKey, subject: x509.Name, issuer: x509.Name, life: timedelta, now: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_time(now) - _CLOCK_SKEW)
        .not_valid_after(_time(now) + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _alternative_name(host: str) -> x509.GeneralName:
    address = _address(host)
    return x509.IPAddress(address) if address is not None else x509.DNSName(host)


def _time(now: int) -> datetime:
    return datetime.fromtimestamp(now, timezone.utc)

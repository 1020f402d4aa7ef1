# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets that make a center the vendor's: signing key, exchange key, PIN pepper, certificate authority.

Each lies in a file of its own in the center's directory, readable for its owner only:

=================  ==============================================================================================
``vendor.key``     Ed25519; signs licenses; see :mod:`licserver.center.vendor_key`
``exchange.key``   X25519; opens the PINs in requests
``pepper.key``     32 bytes; without it the stored PINs cannot be guessed
``ca.key``         EC P-256; signs the TLS certificate
``ca.pem``         its certificate, which travels in the kit
``tls.pem``        the TLS key and its certificate chain in one file, so that the two always fit
=================  ==============================================================================================

docs/specification.md, section 5; docs/security.md.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from licserver.center import certificates
from licserver.center.owned_files import AuthorityError, read_owned, unusable, write_owned
from licserver.center.passphrase import NO_FILE, Passphrase
from licserver.center.settings import Settings
from licserver.center.token import TokenKey
from licserver.center.vendor_key import KeptVendorKey, has_vendor_key, make_vendor_key, read_vendor_key
from licserver.kit import Kit, KitTicket, VendorKey
from licserver.sealing import Ed25519PublicKey, X25519PrivateKey, encode_public, key_id

TLS_FILE = "tls.pem"
_CA_FILE = "ca.pem"
_PEPPER_BYTES = 32


@dataclass(frozen=True)
class Authority:
    """The secrets that answering a request needs."""

    vendor: KeptVendorKey
    exchange: X25519PrivateKey
    pepper: bytes
    ca_certificate: str

    @property
    def vendor_key_id(self) -> str:
        """The id of the key that signs licenses."""
        return key_id(self.vendor.public_key())

    def vendor_public(self, kid: str) -> Ed25519PublicKey:
        """See :class:`licserver.licenses.VendorKeys`.

        :raises AuthorityError: it is another vendor's.
        """
        if kid != self.vendor_key_id:
            raise AuthorityError("unknown_vendor", f"the signing key {kid[:64]} is not that of this center")
        return self.vendor.public_key()

    def kit(self, settings: Settings, tickets: Mapping[str, KitTicket] | None = None) -> Kit:
        """The file delivered with the vendor's products.

        :param tickets: of the keys that the customer may activate by telephone.
        """
        vendor_key = VendorKey(kid=self.vendor_key_id, x=encode_public(self.vendor.public_key()))
        return Kit(
            vendor=settings.name,
            vendor_keys=(vendor_key,),
            exchange_key=encode_public(self.exchange.public_key()),
            center_url=settings.url,
            center_ca=None if settings.own_certificate else self.ca_certificate,
            mail=settings.mail,
            phone=settings.phone,
            tickets=dict(tickets or {}),
        )


def make_secrets(directory: Path, passphrase: Passphrase, token: TokenKey | None, *, now: int) -> None:
    """Make those secrets of a new center that are not there yet; an interrupted first ``init`` is continued.

    :param token: where the vendor's signing key shall lie; ``None``: in a file, under the passphrase if there is one.
    :raises CenterError: the token cannot be used, or the passphrase not be had.
    """
    if not has_vendor_key(directory):
        make_vendor_key(directory, passphrase, token)
    makers: dict[str, Callable[[], bytes]] = {
        "exchange.key": lambda: _key_pem(X25519PrivateKey.generate()),
        "pepper.key": lambda: os.urandom(_PEPPER_BYTES),
        "ca.key": lambda: _key_pem(ec.generate_private_key(ec.SECP256R1())),
        _CA_FILE: lambda: _ca_certificate(directory, now=now),
    }
    for name, make in makers.items():
        if not (directory / name).exists():
            write_owned(directory / name, make())


def read_authority(directory: Path, passphrase: Passphrase = NO_FILE) -> Authority:
    """The secrets of a center that exists.

    :param passphrase: asked for when something is to be signed, if the vendor's signing key has one.
    :raises AuthorityError: one is missing or unusable; none is ever made anew, for old licenses hang on them.
    """
    pepper = read_owned(directory / "pepper.key")
    if len(pepper) != _PEPPER_BYTES:
        raise unusable(directory / "pepper.key", f"it has {len(pepper)} bytes instead of {_PEPPER_BYTES}")
    return Authority(
        vendor=read_vendor_key(directory, passphrase),
        exchange=_exchange_key(directory / "exchange.key"),
        pepper=pepper,
        ca_certificate=read_owned(directory / _CA_FILE).decode(),
    )


def renew_tls(directory: Path, host: str, *, now: int) -> bool:
    """See to a certificate of the own authority for ``host``; true if a new one was needed.

    :raises AuthorityError: the authority's files are missing or unusable.
    """
    path = directory / TLS_FILE
    authority_key = _certificate_key(directory / "ca.key")
    authority = _read_certificates(directory / _CA_FILE)[0]
    if path.exists():
        current = _read_certificates(path)[0]
        ours = current.issuer == authority.subject
        if ours and certificates.is_for(current, host) and not certificates.is_due(current, now=now):
            return False
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = certificates.make_server_certificate(authority_key, authority, key.public_key(), host, now=now)
    write_owned(path, _key_pem(key) + certificates.certificate_pem(certificate))
    return True


def take_tls(directory: Path, certificate_file: Path, key_file: Path, host: str) -> bool:
    """Take over the operator's own certificate; true if it is not the one in use.

    :raises AuthorityError: the two files do not fit each other, or the certificate is for another host.
    """
    chain = _read_certificates(certificate_file)
    key = _load_key(key_file)
    if key.public_key() != chain[0].public_key():
        raise AuthorityError("bad_certificate", f"{key_file} is not the key of the certificate {certificate_file}")
    if not certificates.is_for(chain[0], host):
        raise AuthorityError(
            "bad_certificate",
            f"the certificate {certificate_file} is not for {host}, the host of the center's address",
            hint="Give the certificate of that host, or change --url",
        )
    content = _key_pem(key) + b"".join(map(certificates.certificate_pem, chain))
    path = directory / TLS_FILE
    if path.exists() and path.read_bytes() == content:
        return False
    write_owned(path, content)
    return True


def tls_is_due(directory: Path, *, now: int) -> bool:
    """Does the TLS certificate in use end soon?"""
    return certificates.is_due(_read_certificates(directory / TLS_FILE)[0], now=now)


def _ca_certificate(directory: Path, *, now: int) -> bytes:
    vendor = read_vendor_key(directory, NO_FILE)
    key = _certificate_key(directory / "ca.key")
    name = f"Protect activation center {key_id(vendor.public_key())}"
    return certificates.certificate_pem(certificates.make_authority(key, name, now=now))


def _key_pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _load_key(path: Path) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(read_owned(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # TypeError: it is encrypted
        raise unusable(path, "it holds no private key in PEM text without a password") from error


def _exchange_key(path: Path) -> X25519PrivateKey:
    key = _load_key(path)
    if isinstance(key, X25519PrivateKey):
        return key
    raise unusable(path, "it holds no X25519 key")


def _certificate_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = _load_key(path)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key
    raise unusable(path, "it holds no key on an elliptic curve")


def _read_certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(read_owned(path))
    except ValueError as error:
        raise unusable(path, "it holds no certificate in PEM text") from error

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain of signatures behind a grant, checked offline. docs/architecture.md, "Trust is a chain of signatures".

Vendor's key → license → certificate of the server's session → grant. Rules, in order:

1. the license rests on a vendor's key that is built into the product (:func:`licserver.licenses.open_license`), is for
   this product and has not expired;
2. the certificate is signed by the key in the license, names exactly this license and its key;
3. the certificate is good for a day at most, and on the client's clock neither long past nor far ahead, so that one
   stolen hour with a key is not good for ever; the grant is signed by the session in it, within its time on the
   server's own clock, for ten minutes at most;
4. the grant repeats the nonce and the public key of this very request, so it was neither recorded nor made for another.
"""

from dataclasses import dataclass

from licserver.component.errors import UntrustedServerError
from licserver.documents import (
    CERTIFICATE_SECONDS,
    DocumentError,
    Grant,
    License,
    SessionCertificate,
    digest,
    open_sealed,
    peek,
)
from licserver.kit import Kit, KitError
from licserver.licenses import open_license
from licserver.sealing import decode_signing_public
from licserver.seats.lease import ACTIVE_SECONDS
from licserver.wire.messages import Granted, Login

CLOCK_TOLERANCE_SECONDS = 24 * 3600
"""How far the clocks of client and server may be apart before an old certificate is told from a wrong clock."""


@dataclass(frozen=True)
class TrustedGrant:
    """What was granted: the chain of documents, checked by :func:`check_granted`."""

    license: License
    certificate: SessionCertificate
    grant: Grant


def check_granted(granted: Granted, login: Login, server_id: str, kit: Kit, *, now: float) -> TrustedGrant:
    """Believe a grant, or say why not.

    :param login: the request that it answers.
    :param now: the client's clock, in seconds since 1970-01-01 UTC.
    :raises UntrustedServerError: naming the first rule that is broken.
    """
    try:
        license = open_license(granted.license, kit)
        certificate = open_sealed(granted.certificate, SessionCertificate, decode_signing_public(license.key_public))
        grant = open_sealed(granted.grant, Grant, decode_signing_public(certificate.session_public))
    except (DocumentError, KitError, ValueError) as error:
        raise UntrustedServerError(str(error)) from error
    _require(license.product == login.product, f"the license is for the product {license.product}")
    _require(license.expires_at is None or now < license.expires_at, f"the key {license.key_number} has expired")
    _require(certificate.license_digest == digest(granted.license), "the certificate is for another license")
    _require(certificate.key_number == license.key_number, "the certificate is of another key")
    _require(certificate.server_id == grant.server_id == server_id, "the certificate is of another server")
    lifetime = certificate.expires_at - certificate.issued_at
    _require(0 < lifetime <= CERTIFICATE_SECONDS, "the certificate is good for too long a time")
    _require(certificate.issued_at <= grant.issued_at < certificate.expires_at, "the certificate is out of date")
    _require(
        certificate.issued_at - CLOCK_TOLERANCE_SECONDS <= now < certificate.expires_at + CLOCK_TOLERANCE_SECONDS,
        "the clocks of this computer and the server are more than a day apart, or the certificate is an old one",
    )
    _require(0 < grant.active_seconds <= ACTIVE_SECONDS, "the grant is for too long a time")
    _require(grant.nonce == login.nonce, "the grant answers another request; it may have been recorded")
    _require(grant.client_public == login.holder.client_public, "the grant is for another client")
    _require(grant.product == login.product, f"the grant is for the product {grant.product}")
    _require(grant.lease == granted.lease and grant.key_number == license.key_number, "the grant is for another lease")
    _require(login.counter in (None, grant.counter), f"the grant is for the counter {grant.counter}")
    _require(
        any((one.name, one.type) == (grant.counter, grant.counter_type) for one in license.counters),
        f"the license has no counter {grant.counter}",
    )
    return TrustedGrant(license, certificate, grant)


def read_granted(granted: Granted) -> TrustedGrant:
    """What a grant says, unchecked: for people to look at.

    :raises UntrustedServerError: it cannot be read.
    """
    try:
        return TrustedGrant(
            peek(granted.license, License), peek(granted.certificate, SessionCertificate), peek(granted.grant, Grant)
        )
    except DocumentError as error:
        raise UntrustedServerError(str(error)) from error


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise UntrustedServerError(problem)

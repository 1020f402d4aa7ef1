# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts a certificate is for."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from licserver.center import certificates
from server_core.tests.center.helpers import NOW


def certificate_for(host: str) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    authority = certificates.make_authority(key, "Authority", now=NOW)
    return certificates.make_server_certificate(key, authority, key.public_key(), host, now=NOW)


@pytest.mark.parametrize(
    ("named", "host", "accepted"),
    [
        ("center.example", "center.example", True),
        ("center.example", "CENTER.example", True),
        ("center.example", "other.example", False),
        ("*.example", "center.example", True),
        ("*.example", "a.center.example", False),
        ("*.example", "example", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("::1", "0:0:0:0:0:0:0:1", True),
    ],
)
def test_hosts(named: str, host: str, accepted: bool) -> None:
    assert certificates.is_for(certificate_for(named), host) is accepted


def test_a_certificate_without_alternative_names_is_for_nobody() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = certificates.make_authority(key, "center.example", now=NOW)

    assert not certificates.is_for(certificate, "center.example")

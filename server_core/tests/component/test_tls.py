# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that knows its server by the digest of its certificate."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from licserver.component import (
    ClientSettings,
    ProtectionComponent,
    ServerNotFoundError,
    UnknownCertificateError,
    UntrustedServerError,
)
from server_core.tests.component.tls import OwnCertificate, tls_in_front_of
from server_core.tests.helpers import KEY, PRODUCT, Vendor
from server_core.tests.running import ServerThread

OTHER_PIN = "ab" * 32


@pytest.fixture
def certificate(tmp_path: Path) -> OwnCertificate:
    return OwnCertificate(tmp_path)


@pytest.fixture
def secured(server: ServerThread, certificate: OwnCertificate) -> Iterator[str]:
    """Where the server is reached by TLS."""
    with tls_in_front_of(server.address, certificate) as address:
        yield address


def component(vendor: Vendor, *servers: str, pins: tuple[str, ...]) -> ProtectionComponent:
    return ProtectionComponent(PRODUCT, vendor.kit, settings=ClientSettings(servers, tls_pins=pins))


def test_a_license_is_taken_and_given_back_by_tls(
    server: ServerThread, secured: str, vendor: Vendor, certificate: OwnCertificate
) -> None:
    with component(vendor, secured, pins=(certificate.pin,)).acquire() as license:
        license.renew()
        assert license.key_number == KEY

    assert not server.server.desk.book.leases


def test_one_of_several_pins_is_enough(secured: str, vendor: Vendor, certificate: OwnCertificate) -> None:
    component(vendor, secured, pins=(OTHER_PIN, certificate.pin)).acquire().release()


def test_another_certificate_is_refused_and_named(
    server: ServerThread, secured: str, vendor: Vendor, certificate: OwnCertificate
) -> None:
    with pytest.raises(UnknownCertificateError) as error:
        component(vendor, secured, pins=(OTHER_PIN,)).acquire()

    assert error.value.code == "unknown_certificate"
    assert error.value.seen == certificate.pin
    assert f"shows the certificate {certificate.pin}" in error.value.message
    assert "`licctl info` says on the server" in error.value.hint
    assert not server.server.desk.book.leases


def test_a_server_with_another_certificate_does_not_hide_the_right_one(
    secured: str, server: ServerThread, vendor: Vendor, certificate: OwnCertificate, tmp_path: Path
) -> None:
    other = OwnCertificate(tmp_path)
    with tls_in_front_of(server.address, other) as wrong:
        with component(vendor, wrong, secured, pins=(certificate.pin,)).acquire() as license:
            assert license.server.host == secured
        with pytest.raises(UntrustedServerError):
            component(vendor, wrong, pins=(certificate.pin,)).acquire()


def test_a_server_without_tls_is_told_from_one_that_is_away(server: ServerThread, vendor: Vendor) -> None:
    with pytest.raises(ServerNotFoundError, match="does not speak TLS, which tls_pins"):
        component(vendor, server.address, pins=(OTHER_PIN,)).acquire()


def test_a_server_that_wants_tls_says_so_to_a_client_without_pins(secured: str, vendor: Vendor) -> None:
    with pytest.raises(ServerNotFoundError, match="if it speaks TLS, name its certificate as tls_pins"):
        component(vendor, secured, pins=()).acquire()

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that knows its server by the digest of its certificate."""

from collections.abc import Callable

import pytest

from licserver.component import (
    ClientSettings,
    ProtectionComponent,
    ServerNotFoundError,
    UnknownCertificateError,
    UntrustedServerError,
)
from server_core.tests.component.helpers import pin_of
from server_core.tests.helpers import KEY, PRODUCT, Computer, Vendor
from server_core.tests.running import ServerThread

OTHER_PIN = "ab" * 32


@pytest.fixture
def secured(make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer) -> ServerThread:
    """A running server that speaks TLS, with a key of two licenses."""
    made = make_server("secured", TLS=1)
    vendor.install(made.state, computer)
    return made.start()


def component(vendor: Vendor, *servers: ServerThread, pins: tuple[str, ...]) -> ProtectionComponent:
    settings = ClientSettings(tuple(server.address for server in servers), tls_pins=pins)
    return ProtectionComponent(PRODUCT, vendor.kit, settings=settings)


def test_a_license_is_taken_and_given_back_by_tls(secured: ServerThread, vendor: Vendor) -> None:
    with component(vendor, secured, pins=(pin_of(secured),)).acquire() as license:
        license.renew()
        assert license.key_number == KEY

    assert not secured.server.desk.book.leases


def test_one_of_several_pins_is_enough(secured: ServerThread, vendor: Vendor) -> None:
    component(vendor, secured, pins=(OTHER_PIN, pin_of(secured))).acquire().release()


def test_another_certificate_is_refused_and_named(secured: ServerThread, vendor: Vendor) -> None:
    with pytest.raises(UnknownCertificateError) as error:
        component(vendor, secured, pins=(OTHER_PIN,)).acquire()

    assert error.value.code == "unknown_certificate"
    assert error.value.seen == pin_of(secured)
    assert f"shows the certificate {pin_of(secured)}" in error.value.message
    assert "`licctl info` says on the server" in error.value.hint
    assert not secured.server.desk.book.leases


def test_a_server_with_another_certificate_does_not_hide_the_right_one(
    secured: ServerThread, make_server: Callable[..., ServerThread], vendor: Vendor
) -> None:
    other = make_server("other", TLS=1).start()

    with component(vendor, other, secured, pins=(pin_of(secured),)).acquire() as license:
        assert license.server.host == secured.address
    with pytest.raises(UntrustedServerError):
        component(vendor, other, pins=(pin_of(secured),)).acquire()


def test_a_server_without_tls_is_told_from_one_that_is_away(server: ServerThread, vendor: Vendor) -> None:
    with pytest.raises(ServerNotFoundError, match="does not speak TLS, which tls_pins"):
        component(vendor, server, pins=(OTHER_PIN,)).acquire()


def test_a_server_that_wants_tls_says_so_to_a_client_without_pins(secured: ServerThread, vendor: Vendor) -> None:
    with pytest.raises(ServerNotFoundError, match="if it speaks TLS, name its certificate as tls_pins"):
        component(vendor, secured, pins=()).acquire()

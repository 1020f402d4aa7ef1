# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody between a component and its server who puts real documents in the place of others: documents of a second
vendor, of a second server, of an earlier hour, signed again. docs/protocol.md, "login → granted"."""

import contextlib
import time
from collections.abc import Callable, Iterator

import msgspec
import pytest

from licserver.component import ClientSettings, HeldLicense, ProtectionComponent, UntrustedServerError
from licserver.documents import Grant, License, SessionCertificate, peek, seal
from licserver.wire.conversation import encode
from licserver.wire.messages import AnyAnswer, AnyRequest, Granted
from server_core.tests.component.helpers import serving
from server_core.tests.helpers import PRODUCT, Computer, Vendor
from server_core.tests.running import ServerThread

MakeServer = Callable[..., ServerThread]
HOUR, DAY = 3600, 86400


@pytest.fixture
def second(make_server: MakeServer, vendor: Vendor, computer: Computer) -> ServerThread:
    """Another running server of the same vendor, with a key of its own."""
    made = make_server("second")
    vendor.install(made.state, computer, "100-0002")
    return made.start()


@pytest.fixture
def strange(make_server: MakeServer, stranger: Vendor, computer: Computer) -> ServerThread:
    """A running server of another vendor who sells the same product."""
    made = make_server("strange")
    stranger.install(made.state, computer)
    return made.start()


@contextlib.contextmanager
def between(server: ServerThread, alter: Callable[[Granted], Granted]) -> Iterator[str]:
    """An address behind which the server answers, but for grants, which are altered on their way."""
    with server.client() as client:

        def reply(request: AnyRequest) -> bytes:
            answer = client.ask(request)
            assert answer is not None
            return encode(altered(answer))

        def altered(answer: AnyAnswer) -> AnyAnswer:
            return alter(answer) if isinstance(answer, Granted) else answer

        with serving(reply) as address:
            yield address


def acquire(vendor: Vendor, address: str) -> HeldLicense:
    return ProtectionComponent(PRODUCT, vendor.kit, settings=ClientSettings((address,))).acquire()


def refused(vendor: Vendor, address: str) -> str:
    with pytest.raises(UntrustedServerError) as error:
        acquire(vendor, address)
    assert error.value.code == "untrusted_server"
    return error.value.message


def grant_of(server: ServerThread) -> Granted:
    """What a server really granted to somebody."""
    with server.client() as client:
        granted = client.take("mallory")
        client.logout()
        return granted


def test_what_is_handed_on_unaltered_is_believed(server: ServerThread, vendor: Vendor) -> None:
    with between(server, lambda granted: granted) as address:
        acquire(vendor, address).release()


class TestForged:
    def test_the_whole_chain_of_a_second_vendor(self, strange: ServerThread, vendor: Vendor, stranger: Vendor) -> None:
        assert f"has no signing key {stranger.kid}" in refused(vendor, strange.address)

    def test_the_license_of_a_second_vendor_under_a_true_grant(
        self, server: ServerThread, strange: ServerThread, vendor: Vendor, stranger: Vendor
    ) -> None:
        foreign = grant_of(strange).license

        with between(server, lambda granted: msgspec.structs.replace(granted, license=foreign)) as address:
            assert f"has no signing key {stranger.kid}" in refused(vendor, address)

    def test_a_true_license_under_the_grant_of_a_second_vendors_server(
        self, strange: ServerThread, server: ServerThread, vendor: Vendor
    ) -> None:
        true = grant_of(server).license

        with between(strange, lambda granted: msgspec.structs.replace(granted, license=true)) as address:
            assert "protect-session+jws is not that of the expected key" in refused(vendor, address)


class TestReplayed:
    def test_the_grant_of_another_client(self, server: ServerThread, vendor: Vendor) -> None:
        recorded = grant_of(server)

        with between(server, lambda granted: msgspec.structs.replace(recorded, id=granted.id)) as address:
            assert "it may have been recorded" in refused(vendor, address)

    def test_the_grant_of_an_earlier_login_of_the_same_client(self, server: ServerThread, vendor: Vendor) -> None:
        recorded: list[Granted] = []

        def first_again(granted: Granted) -> Granted:
            recorded.append(granted)
            return msgspec.structs.replace(recorded[0], id=granted.id)

        with between(server, first_again) as address:
            license = acquire(vendor, address)
            license._loan._trusted_until = 0  # as if the certificate had run out
            with pytest.raises(UntrustedServerError, match="it may have been recorded"):
                license.renew()
            license.release()


class TestSignedAgain:
    def test_a_license_with_more_licenses_by_a_second_vendor(
        self, server: ServerThread, vendor: Vendor, stranger: Vendor
    ) -> None:
        def enlarge(granted: Granted) -> Granted:
            license = peek(granted.license, License)
            counters = tuple(msgspec.structs.replace(counter, limit=1000) for counter in license.counters)
            signed = seal(msgspec.structs.replace(license, counters=counters), stranger.signer)
            return msgspec.structs.replace(granted, license=signed)

        with between(server, enlarge) as address:
            assert f"has no signing key {stranger.kid}" in refused(vendor, address)

    def test_a_certificate_by_the_session_of_a_second_server(
        self, server: ServerThread, second: ServerThread, vendor: Vendor
    ) -> None:
        def sign_again(granted: Granted) -> Granted:
            certificate = peek(granted.certificate, SessionCertificate)
            signed = seal(certificate, second.server.desk.sessions._signer)
            return msgspec.structs.replace(granted, certificate=signed)

        with between(server, sign_again) as address:
            assert "protect-session+jws is not that of the expected key" in refused(vendor, address)

    def test_a_grant_by_the_session_of_a_second_server(
        self, server: ServerThread, second: ServerThread, vendor: Vendor
    ) -> None:
        def sign_again(granted: Granted) -> Granted:
            signed = second.server.desk.sessions.sign(peek(granted.grant, Grant))
            return msgspec.structs.replace(granted, grant=signed)

        with between(server, sign_again) as address:
            assert "protect-grant+jws is not that of the expected key" in refused(vendor, address)


class TestExpired:
    def test_a_license_that_a_server_with_a_late_clock_still_lends(
        self, make_server: MakeServer, vendor: Vendor, computer: Computer
    ) -> None:
        server = make_server()
        vendor.install(server.state, computer, expires_at=int(time.time()) - HOUR)
        server.start()
        server.server.desk._clock = server.server.desk._ledger.date = lambda: time.time() - 2 * HOUR

        assert "the key 100-0001 has expired" in refused(vendor, server.address)

    def test_a_certificate_of_last_week(self, server: ServerThread, vendor: Vendor) -> None:
        server.server.desk._clock = lambda: time.time() - 7 * DAY

        assert "more than a day apart, or the certificate is an old one" in refused(vendor, server.address)

    def test_a_certificate_of_last_week_under_a_new_grant(self, server: ServerThread, vendor: Vendor) -> None:
        server.server.desk._clock = lambda: time.time() - 7 * DAY
        old = grant_of(server).certificate
        server.server.desk._clock = time.time

        with between(server, lambda granted: msgspec.structs.replace(granted, certificate=old)) as address:
            assert "the certificate is out of date" in refused(vendor, address)


class TestOfAnotherServer:
    def test_its_whole_grant(self, server: ServerThread, second: ServerThread, vendor: Vendor) -> None:
        with between(server, lambda granted: msgspec.structs.replace(grant_of(second), id=granted.id)) as address:
            assert "the certificate is of another server" in refused(vendor, address)

    def test_its_key_in_place_of_the_own(self, server: ServerThread, second: ServerThread, vendor: Vendor) -> None:
        other = grant_of(second)

        with between(
            server,
            lambda granted: msgspec.structs.replace(granted, license=other.license, certificate=other.certificate),
        ) as address:
            assert "protect-grant+jws is not that of the expected key" in refused(vendor, address)

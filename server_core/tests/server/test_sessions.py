# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session keys of a running server and their certificates."""

import pytest

from licserver.documents import CERTIFICATE_SECONDS, SessionCertificate, digest, open_sealed
from licserver.sealing import X25519PrivateKey, decode_exchange_public, decode_signing_public, encode_public, shared_key
from licserver.server.sessions import Sessions
from server_core.tests.helpers import KEY, NOW, OwnKey, Vendor


class Clock:
    now = NOW


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions() -> Sessions:
    return Sessions("server")


@pytest.fixture
def key(vendor: Vendor) -> OwnKey:
    return OwnKey.of(vendor)


def opened(token: str, key: OwnKey) -> SessionCertificate:
    return open_sealed(token, SessionCertificate, decode_signing_public(key.license.key_public))


def test_a_key_vouches_for_the_session(sessions: Sessions, key: OwnKey, clock: Clock) -> None:
    certificate = opened(sessions.certificate(key, clock.now), key)

    assert (certificate.key_number, certificate.server_id) == (KEY, "server")
    assert certificate.license_digest == digest(key.license_token)
    assert certificate.session_public == sessions.session_public
    assert (certificate.issued_at, certificate.expires_at) == (NOW, NOW + CERTIFICATE_SECONDS)


def test_a_slow_key_signs_once_in_twelve_hours(sessions: Sessions, key: OwnKey, clock: Clock) -> None:
    first = sessions.certificate(key, clock.now)
    clock.now += CERTIFICATE_SECONDS // 2 - 1

    assert sessions.certificate(key, clock.now) == first


def test_long_before_it_ends_a_certificate_is_made_anew(sessions: Sessions, key: OwnKey, clock: Clock) -> None:
    sessions.certificate(key, clock.now)
    clock.now += CERTIFICATE_SECONDS // 2

    assert opened(sessions.certificate(key, clock.now), key).issued_at == clock.now


def test_a_certificate_from_the_future_is_made_anew(sessions: Sessions, key: OwnKey, clock: Clock) -> None:
    sessions.certificate(key, clock.now)
    clock.now -= 3600

    assert opened(sessions.certificate(key, clock.now), key).issued_at == clock.now


def test_a_new_license_gets_a_new_certificate(sessions: Sessions, vendor: Vendor, key: OwnKey, clock: Clock) -> None:
    sessions.certificate(key, clock.now)
    renewed = OwnKey.of(vendor, activation=2)

    assert opened(sessions.certificate(renewed, clock.now), renewed).license_digest == digest(renewed.license_token)


def test_every_key_has_its_own_certificate(sessions: Sessions, vendor: Vendor, key: OwnKey, clock: Clock) -> None:
    other = OwnKey.of(vendor, "100-0002")

    assert opened(sessions.certificate(other, clock.now), other).key_number == "100-0002"
    assert opened(sessions.certificate(key, clock.now), key).key_number == KEY


def test_server_and_client_share_a_secret_for_each_lease(sessions: Sessions, key: OwnKey, clock: Clock) -> None:
    client = X25519PrivateKey.generate()
    public = encode_public(client.public_key())
    exchange = decode_exchange_public(opened(sessions.certificate(key, clock.now), key).exchange_public)

    secrets = sessions.secrets_with(public)

    assert secrets.lease_secret("a") == shared_key(client, exchange, salt=b"a", purpose="protect lease")
    assert secrets.lease_secret("a") != secrets.lease_secret("b")


def test_server_and_client_share_a_key_for_each_connection(sessions: Sessions) -> None:
    client = X25519PrivateKey.generate()
    secrets = sessions.secrets_with(encode_public(client.public_key()))
    exchange = decode_exchange_public(sessions.exchange_public)

    assert secrets.login_key("a") == shared_key(client, exchange, salt=b"a", purpose="protect login")
    assert secrets.login_key("a") not in (secrets.login_key("b"), secrets.lease_secret("a"))


def test_two_starts_of_a_server_have_different_keys() -> None:
    assert Sessions("server").session_public != Sessions("server").session_public


def test_a_product_that_comes_again_costs_no_new_exchange_of_keys(sessions: Sessions) -> None:
    client = encode_public(X25519PrivateKey.generate().public_key())

    first = sessions.secrets_with(client)

    assert sessions.secrets_with(client) is first


def test_of_products_that_came_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("licserver.server.sessions.CLIENTS_REMEMBERED", 1)
    sessions = Sessions("server")
    clients = [encode_public(X25519PrivateKey.generate().public_key()) for _ in range(2)]

    first = sessions.secrets_with(clients[0])
    sessions.secrets_with(clients[1])

    assert sessions.secrets_with(clients[0]) is not first

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A component in front of servers that lie, stammer, or are something else altogether."""

import time
from collections.abc import Iterator

import pytest

from licserver.component import (
    ClientSettings,
    ConnectionLostError,
    HeldLicense,
    LicenseDeniedError,
    ProtectionComponent,
    ServerNotFoundError,
    UntrustedServerError,
)
from licserver.component.connection import Connection
from licserver.component.transport import Address
from licserver.sealing import encode_bytes
from licserver.wire.conversation import encode
from licserver.wire.messages import Freed, Hello, Login, Logout, Renew
from server_core.tests.component.helpers import Liar, serving, stammering
from server_core.tests.helpers import PRODUCT, OwnKey, Vendor
from server_core.tests.running import PORT


@pytest.fixture
def liar(vendor: Vendor) -> Liar:
    return Liar(OwnKey.of(vendor), int(time.time()))


@pytest.fixture
def address(liar: Liar) -> Iterator[str]:
    """Where the liar listens."""
    with serving(liar.reply) as address:
        yield address


def acquire(vendor: Vendor, address: str) -> HeldLicense:
    settings = ClientSettings(servers=(address,))
    return ProtectionComponent(PRODUCT, vendor.kit, settings=settings, user="anna").acquire()


def test_a_true_key_is_enough_to_lend(vendor: Vendor, liar: Liar, address: str) -> None:
    with acquire(vendor, address) as license:
        license.renew()

    assert [type(request) for request in liar.asked] == [Hello, Login, Renew, Logout]


def test_a_fake_server_cannot_lend(vendor: Vendor, stranger: Vendor, liar: Liar, address: str) -> None:
    liar.key = OwnKey.of(stranger)

    with pytest.raises(UntrustedServerError, match="has no signing key"):
        acquire(vendor, address)


def test_a_grant_that_was_recorded_is_refused(vendor: Vendor, liar: Liar, address: str) -> None:
    liar.grant = {"nonce": "recorded"}

    with pytest.raises(UntrustedServerError, match="may have been recorded"):
        acquire(vendor, address)


def test_a_key_that_expired_is_refused(vendor: Vendor, liar: Liar, address: str) -> None:
    liar.key = OwnKey.of(vendor, expires_at=1)

    with pytest.raises(UntrustedServerError, match="has expired"):
        acquire(vendor, address)


@pytest.mark.parametrize("public", ["", "nonsense", encode_bytes(bytes(32))])
def test_a_certificate_without_a_usable_key_is_refused(vendor: Vendor, liar: Liar, address: str, public: str) -> None:
    liar.certificate = {"exchange_public": public}

    with pytest.raises(UntrustedServerError, match="holds no usable key"):
        acquire(vendor, address)


@pytest.mark.parametrize(
    "changes", [{"mac": "A" * 43}, {"active_seconds": 10**9}, {"mac": ""}], ids=["mac", "longer", "none"]
)
def test_a_renewal_that_is_not_from_the_lender_is_refused(
    vendor: Vendor, liar: Liar, address: str, changes: dict[str, object]
) -> None:
    with acquire(vendor, address) as license:
        liar.renewed = changes

        with pytest.raises(UntrustedServerError, match="not from the server that gave the license"):
            license.renew()


def test_a_renewal_of_before_is_refused(vendor: Vendor, liar: Liar, address: str) -> None:
    with acquire(vendor, address) as license:
        license.renew()
        recorded = liar.answer(liar.asked[-1])
        assert hasattr(recorded, "mac")
        liar.renewed = {"mac": recorded.mac}

        with pytest.raises(UntrustedServerError):
            license.renew()


def test_a_liar_that_says_the_lease_is_gone_must_prove_itself_again(
    vendor: Vendor, stranger: Vendor, liar: Liar, address: str
) -> None:
    with acquire(vendor, address) as license:
        liar.refuse = {Renew: "unknown_lease"}
        liar.key = OwnKey.of(stranger)

        with pytest.raises(UntrustedServerError, match="has no signing key"):
            license.renew()


@pytest.mark.parametrize("code", ["unknown_lease", "key_gone", "wrong_proof"])
def test_a_lease_that_ended_is_taken_anew(vendor: Vendor, liar: Liar, address: str, code: str) -> None:
    with acquire(vendor, address) as license:
        liar.refuse = {Renew: code}
        license.renew()

    assert [type(request) for request in liar.asked] == [Hello, Login, Renew, Login, Logout]


def test_any_other_refusal_is_told(vendor: Vendor, liar: Liar, address: str) -> None:
    with acquire(vendor, address) as license:
        liar.refuse = {Renew: "ledger_failed"}

        with pytest.raises(LicenseDeniedError) as error:
            license.renew()

    assert error.value.code == "ledger_failed"


def test_before_a_certificate_runs_out_the_chain_is_checked_anew(vendor: Vendor, liar: Liar, address: str) -> None:
    liar.certificate = {"expires_at": liar.now + 1}
    with acquire(vendor, address) as license:
        license._loan._trusted_until = 0  # as if that second were over
        license.renew()

    assert [type(request) for request in liar.asked] == [Hello, Login, Login, Logout]


def test_a_refused_release_is_no_error(vendor: Vendor, liar: Liar, address: str) -> None:
    license = acquire(vendor, address)
    liar.refuse = {Logout: "ledger_failed"}

    license.release()


def test_at_the_end_a_server_that_fell_silent_is_not_waited_for_long(
    vendor: Vendor, liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("licserver.component.license._BRIEF_SECONDS", 0.1)
    with serving(lambda request: b"" if isinstance(request, Logout) else liar.reply(request)) as address:
        license = acquire(vendor, address)
        started = time.monotonic()
        license.release()

    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff\xfe\n",
        b"[]\n",
        b"[" * 70_000,
        encode(Freed(id=1, lease="l", sequence=1, mac="m")),
    ],
)
def test_something_else_on_the_port_is_named(vendor: Vendor, answer: bytes) -> None:
    with (
        serving(lambda _: answer) as address,
        pytest.raises(ServerNotFoundError, match="no license server answers there"),
    ):
        acquire(vendor, address)


def test_a_server_that_hangs_up_is_named(vendor: Vendor) -> None:
    with (
        serving(lambda _: None) as address,
        pytest.raises(ServerNotFoundError, match="the server closed the connection"),
    ):
        acquire(vendor, address)


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    with serving(lambda _: b"") as address, pytest.raises(ConnectionLostError, match="no answer in time"):
        Connection(Address(address, PORT), seconds=0.1)


def test_a_server_that_stammers_is_given_up_in_time() -> None:
    with stammering() as address:
        started = time.monotonic()
        with pytest.raises(ConnectionLostError, match="no answer in time"):
            Connection(Address(address, PORT), seconds=0.2)

    assert time.monotonic() - started < 2

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain of signatures behind a grant: every link of it, and what a liar can do to each."""

from typing import Any

import msgspec
import pytest

from licserver.component.errors import UntrustedServerError
from licserver.component.trust import CLOCK_TOLERANCE_SECONDS, check_granted
from licserver.documents import seal
from licserver.kit import Kit
from licserver.sealing import Ed25519PrivateKey, X25519PrivateKey
from licserver.wire.messages import Granted, Login
from server_core.tests.component.helpers import Liar
from server_core.tests.helpers import KEY, NOW, PRODUCT, OwnKey, Vendor, holder

TOO_LONG = "the certificate is good for too long a time"
LOGIN = Login(id=1, product=PRODUCT, nonce="nonce", holder=holder(X25519PrivateKey.generate()), client_proof="")


@pytest.fixture
def liar(vendor: Vendor) -> Liar:
    """A server with a true key of the vendor; it lies about the rest."""
    return Liar(OwnKey.of(vendor), NOW)


def refused(granted: Granted, kit: Kit, *, login: Login = LOGIN, server_id: str = "liar", now: float = NOW) -> str:
    with pytest.raises(UntrustedServerError) as error:
        check_granted(granted, login, server_id, kit, now=now)
    assert error.value.code == "untrusted_server"
    return error.value.message


def test_an_unbroken_chain_is_believed(liar: Liar, vendor: Vendor) -> None:
    trusted = check_granted(liar.lend(LOGIN), LOGIN, "liar", vendor.kit, now=NOW)

    assert trusted.license == liar.key.license
    assert trusted.grant.key_number == trusted.certificate.key_number == KEY


class TestForged:
    def test_a_license_of_an_unknown_vendor(self, vendor: Vendor, stranger: Vendor) -> None:
        granted = Liar(OwnKey.of(stranger), NOW).lend(LOGIN)

        assert f"has no signing key {stranger.kid}" in refused(granted, vendor.kit)

    def test_a_license_that_a_stranger_signed_again(self, liar: Liar, vendor: Vendor, stranger: Vendor) -> None:
        liar.key.license_token = seal(liar.key.license, stranger.signer)

        assert f"has no signing key {stranger.kid}" in refused(liar.lend(LOGIN), vendor.kit)

    def test_a_license_under_the_vendors_name_but_not_with_its_key(
        self, liar: Liar, vendor: Vendor, stranger: Vendor
    ) -> None:
        _, content, signature = seal(liar.key.license, stranger.signer).split(".")
        head = seal(liar.key.license, vendor.signer).split(".")[0]
        liar.key.license_token = f"{head}.{content}.{signature}"

        assert "not that of the expected key" in refused(liar.lend(LOGIN), vendor.kit)

    def test_a_certificate_that_the_key_did_not_sign(self, liar: Liar, vendor: Vendor) -> None:
        liar.certificate_signer = Ed25519PrivateKey.generate()

        assert "protect-session+jws is not that of the expected key" in refused(liar.lend(LOGIN), vendor.kit)

    def test_a_grant_that_the_session_did_not_sign(self, liar: Liar, vendor: Vendor) -> None:
        liar.grant_signer = Ed25519PrivateKey.generate()

        assert "protect-grant+jws is not that of the expected key" in refused(liar.lend(LOGIN), vendor.kit)

    def test_a_grant_that_the_key_signed_in_place_of_the_session(self, liar: Liar, vendor: Vendor) -> None:
        liar.grant_signer = liar.key.signer

        assert "protect-grant+jws is not that of the expected key" in refused(liar.lend(LOGIN), vendor.kit)

    @pytest.mark.parametrize("part", ["grant", "certificate", "license"])
    @pytest.mark.parametrize("token", ["", "a.b.c", "nonsense", "é" * 10])
    def test_something_that_is_no_document(self, liar: Liar, vendor: Vendor, part: str, token: str) -> None:
        refused(msgspec.structs.replace(liar.lend(LOGIN), **{part: token}), vendor.kit)

    @pytest.mark.parametrize(("part", "other"), [("grant", "certificate"), ("certificate", "license")])
    def test_one_document_in_the_place_of_another(self, liar: Liar, vendor: Vendor, part: str, other: str) -> None:
        granted = liar.lend(LOGIN)

        message = refused(msgspec.structs.replace(granted, **{part: getattr(granted, other)}), vendor.kit)

        assert "expected a protect-" in message

    def test_a_license_that_names_no_usable_key(self, vendor: Vendor) -> None:
        refused(Liar(OwnKey.of(vendor, key_public="nonsense"), NOW).lend(LOGIN), vendor.kit)

    def test_a_certificate_that_names_no_usable_session(self, liar: Liar, vendor: Vendor) -> None:
        liar.certificate = {"session_public": "nonsense"}

        refused(liar.lend(LOGIN), vendor.kit)


@pytest.mark.parametrize(
    ("lies", "problem"),
    [
        ({"certificate": {"license_digest": "0" * 64}}, "the certificate is for another license"),
        ({"certificate": {"key_number": "100-0002"}}, "the certificate is of another key"),
        ({"certificate": {"server_id": "another"}}, "the certificate is of another server"),
        ({"grant": {"server_id": "another"}}, "the certificate is of another server"),
        ({"certificate": {"issued_at": NOW - 60, "expires_at": NOW}}, "the certificate is out of date"),
        ({"certificate": {"expires_at": NOW}}, TOO_LONG),
        ({"certificate": {"expires_at": NOW + 100 * 365 * 86400}}, TOO_LONG),
        ({"grant": {"active_seconds": 0}}, "the grant is for too long a time"),
        ({"grant": {"active_seconds": 10 * 365 * 86400}}, "the grant is for too long a time"),
        ({"certificate": {"issued_at": NOW + 1}}, "the certificate is out of date"),
        ({"grant": {"issued_at": NOW - 1}}, "the certificate is out of date"),
        ({"grant": {"issued_at": NOW + 86400}}, "the certificate is out of date"),
        ({"grant": {"nonce": "another"}}, "the grant answers another request; it may have been recorded"),
        ({"grant": {"client_public": "another"}}, "the grant is for another client"),
        ({"grant": {"product": "another"}}, "the grant is for the product another"),
        ({"grant": {"lease": "another"}}, "the grant is for another lease"),
        ({"granted": {"lease": "another"}}, "the grant is for another lease"),
        ({"grant": {"key_number": "100-0002"}}, "the grant is for another lease"),
        ({"grant": {"counter": "another"}}, "the license has no counter another"),
        ({"grant": {"counter_type": "user"}}, "the license has no counter main"),
    ],
)
def test_each_lie_is_refused_by_name(liar: Liar, vendor: Vendor, lies: dict[str, Any], problem: str) -> None:
    for part, changes in lies.items():
        setattr(liar, part, changes)

    assert refused(liar.lend(LOGIN), vendor.kit) == f"the license cannot be believed: {problem}"


def test_a_license_for_another_product_is_refused(vendor: Vendor) -> None:
    granted = Liar(OwnKey.of(vendor, product="another"), NOW).lend(LOGIN)

    assert refused(granted, vendor.kit).endswith("the license is for the product another")


def test_a_recorded_grant_is_refused(liar: Liar, vendor: Vendor) -> None:
    recorded = liar.lend(LOGIN)

    assert "recorded" in refused(recorded, vendor.kit, login=msgspec.structs.replace(LOGIN, nonce="next"))


def test_a_grant_for_another_client_is_refused(liar: Liar, vendor: Vendor) -> None:
    other = msgspec.structs.replace(LOGIN, holder=holder(X25519PrivateKey.generate()))

    assert "for another client" in refused(liar.lend(LOGIN), vendor.kit, login=other)


def test_a_grant_carried_over_from_another_server_is_refused(liar: Liar, vendor: Vendor) -> None:
    assert "of another server" in refused(liar.lend(LOGIN), vendor.kit, server_id="the one that was asked")


class TestTime:
    @pytest.mark.parametrize("seconds", [0, 1, 10**6])
    def test_an_expired_license_is_refused(self, vendor: Vendor, seconds: int) -> None:
        granted = Liar(OwnKey.of(vendor, expires_at=NOW - seconds), NOW).lend(LOGIN)

        assert f"the key {KEY} has expired" in refused(granted, vendor.kit)

    def test_until_it_expires_a_license_is_good(self, vendor: Vendor) -> None:
        granted = Liar(OwnKey.of(vendor, expires_at=NOW + 1), NOW).lend(LOGIN)

        assert check_granted(granted, LOGIN, "liar", vendor.kit, now=NOW)

    @pytest.mark.parametrize("hours", [-23, 23])
    def test_clocks_may_be_a_day_apart(self, liar: Liar, vendor: Vendor, hours: int) -> None:
        assert check_granted(liar.lend(LOGIN), LOGIN, "liar", vendor.kit, now=NOW + hours * 3600)

    def test_a_certificate_that_ran_out_long_ago_is_refused(self, liar: Liar, vendor: Vendor) -> None:
        late = NOW + 86400 + CLOCK_TOLERANCE_SECONDS

        assert "more than a day apart" in refused(liar.lend(LOGIN), vendor.kit, now=late)

    def test_a_certificate_from_far_ahead_is_refused(self, liar: Liar, vendor: Vendor) -> None:
        early = NOW - CLOCK_TOLERANCE_SECONDS - 1

        assert "more than a day apart" in refused(liar.lend(LOGIN), vendor.kit, now=early)


def test_a_grant_for_another_counter_than_was_asked_is_refused(liar: Liar, vendor: Vendor) -> None:
    asked = msgspec.structs.replace(LOGIN, counter="reports")

    assert "the grant is for the counter main" in refused(liar.lend(asked), vendor.kit, login=asked)


def test_while_a_vendor_changes_keys_both_are_believed(liar: Liar, vendor: Vendor, stranger: Vendor) -> None:
    keys = (*stranger.kit.vendor_keys, *vendor.kit.vendor_keys)

    assert check_granted(
        liar.lend(LOGIN), LOGIN, "liar", msgspec.structs.replace(vendor.kit, vendor_keys=keys), now=NOW
    )


def test_a_message_says_what_to_do(liar: Liar, vendor: Vendor) -> None:
    liar.grant = {"nonce": "another"}

    with pytest.raises(UntrustedServerError, match="tell the administrator: this server may be a fake"):
        check_granted(liar.lend(LOGIN), LOGIN, "liar", vendor.kit, now=NOW)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a center: its secrets, its certificate, and what happens when it is made again."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from licserver.center import certificates
from licserver.center.authority import TLS_FILE, Authority, read_authority, tls_is_due
from licserver.center.certificates import RENEWAL_BEFORE, SERVER_LIFE
from licserver.center.foundation import OwnCertificate, initialize, open_center
from licserver.center.settings import Settings, host_of, read_settings
from licserver.errors import LicensingError
from licserver.kit import read_kit
from server_core.tests.center.helpers import NOW, URL

SETTINGS = Settings(name="ООО Vendor", url=URL, mail="help@vendor.example")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "center"


def make(
    directory: Path, settings: Settings = SETTINGS, own: OwnCertificate | None = None, now: int = NOW
) -> tuple[bool, Authority]:
    return initialize(directory, settings, own, now=now)


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def refused(action: Callable[[], object]) -> LicensingError:
    with pytest.raises(LicensingError) as refusal:
        action()
    return refusal.value


def test_every_file_is_for_its_owner_only(directory: Path) -> None:
    make(directory)

    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in directory.iterdir()} == dict.fromkeys(
        ["ca.key", "ca.pem", "center.json", "center.sqlite", "exchange.key", "pepper.key", TLS_FILE, "vendor.key"],
        "0o600",
    )


def test_an_open_directory_is_closed(directory: Path) -> None:
    directory.mkdir(mode=0o755)

    make(directory)

    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_what_root_makes_belongs_to_the_owner_of_the_directory(directory: Path) -> None:
    directory.mkdir(mode=0o700)
    os.chown(directory, 12345, 12345)

    make(directory)

    assert {(path.stat().st_uid, path.stat().st_gid) for path in directory.iterdir()} == {(12345, 12345)}


def test_making_it_again_changes_nothing(directory: Path) -> None:
    first, authority = make(directory)
    before = contents(directory)

    second, same = make(directory)

    assert (first, second) == (True, False)
    assert contents(directory) == before
    assert same.vendor_key_id == authority.vendor_key_id


def test_an_interrupted_first_time_is_continued(directory: Path) -> None:
    _, authority = make(directory)
    for name in ("center.json", TLS_FILE, "ca.pem"):
        (directory / name).unlink()

    changed, same = make(directory)

    assert changed
    assert same.vendor_key_id == authority.vendor_key_id
    assert read_settings(directory) == SETTINGS


@pytest.mark.parametrize("name", ["vendor.key", "exchange.key", "pepper.key", "ca.key", "ca.pem"])
@pytest.mark.parametrize("content", [None, b"", b"something else"])
def test_a_lost_secret_is_reported_and_never_made_anew(directory: Path, name: str, content: bytes | None) -> None:
    make(directory)
    (directory / name).unlink()
    if content is not None:
        (directory / name).write_bytes(content)

    refusal = refused(lambda: make(directory))

    assert refusal.code == "authority_unusable"
    assert str(directory / name) in refusal.message
    assert ((directory / name).read_bytes() if content is not None else None) == content


def test_a_new_address_gets_a_new_certificate_of_the_same_authority(directory: Path) -> None:
    _, authority = make(directory)
    old = (directory / TLS_FILE).read_bytes()

    changed, same = make(directory, msgspec.structs.replace(SETTINGS, url="https://center.example:15443"))

    assert changed
    assert same.ca_certificate == authority.ca_certificate
    assert (directory / TLS_FILE).read_bytes() != old
    assert same.kit(read_settings(directory)).center_url == "https://center.example:15443"


def test_a_new_name_keeps_the_certificate(directory: Path) -> None:
    make(directory)
    old = (directory / TLS_FILE).read_bytes()

    changed, _ = make(directory, msgspec.structs.replace(SETTINGS, name="Another"))

    assert changed
    assert (directory / TLS_FILE).read_bytes() == old


def test_a_certificate_is_renewed_before_it_ends(directory: Path) -> None:
    make(directory)
    due = NOW + int((SERVER_LIFE - RENEWAL_BEFORE).total_seconds())
    assert not tls_is_due(directory, now=due - 1)
    assert tls_is_due(directory, now=due)

    assert make(directory, now=due - 1)[0] is False
    assert make(directory, now=due)[0] is True

    assert not tls_is_due(directory, now=due)


def test_the_kit_can_be_read_by_those_who_get_it(directory: Path) -> None:
    _, authority = make(directory)

    kit = read_kit(msgspec.json.encode(authority.kit(SETTINGS)))

    assert (kit.vendor, kit.center_url, kit.mail) == (SETTINGS.name, URL, SETTINGS.mail)
    assert kit.vendor_public(authority.vendor_key_id) == authority.vendor.public_key()
    assert kit.exchange_public() == authority.exchange.public_key()
    assert kit.center_ca == (directory / "ca.pem").read_text()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://127.0.0.1:15443", "127.0.0.1"),
        ("https://[::1]:15443/", "::1"),
        ("https://Center.Example", "center.example"),
        ("https://центр.рф:15443", "xn--e1aqjhr.xn--p1ai"),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "center",
        "http://center:1",
        "https://",
        "https://center:0",
        "https://center:99999",
        "https://center/path",
        "https://user:secret@center",
        "https://center?x=1",
        "https://[::1",
        "https://a..b",
        "https://" + "a" * 70,
    ],
)
def test_an_impossible_address_makes_nothing(directory: Path, url: str) -> None:
    refusal = refused(lambda: make(directory, msgspec.structs.replace(SETTINGS, url=url)))

    assert refusal.code == "bad_settings"
    assert not directory.exists()


def test_a_database_password_does_not_belong_there(directory: Path) -> None:
    url = "postgresql+psycopg://center:secret@db/center"

    refusal = refused(lambda: make(directory, msgspec.structs.replace(SETTINGS, database=url)))

    assert "secret" not in str(refusal)
    assert not directory.exists()


@pytest.mark.parametrize(
    "url", ["nonsense", "oracle://db/center", "sqlite://", "sqlite:////no/such/folder/center.sqlite"]
)
def test_an_unusable_database_is_one_message_and_no_center(directory: Path, url: str) -> None:
    refusal = refused(lambda: make(directory, msgspec.structs.replace(SETTINGS, database=url)))

    assert refusal.code in ("database_unavailable", "write_failed")
    assert not (directory / "center.json").exists()


def test_opening_what_is_no_center(directory: Path) -> None:
    def attempt() -> None:
        with open_center(directory):
            pass

    assert refused(attempt).code == "not_initialized"
    make(directory)
    (directory / "center.sqlite").unlink()
    assert refused(attempt).code == "database_unavailable"
    (directory / "center.json").write_text("{}")
    assert "center.json" in refused(attempt).message


class TestOwnCertificate:
    """A TLS certificate that the operator brings along."""

    @pytest.fixture
    def own(self, tmp_path: Path) -> OwnCertificate:
        authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        authority = certificates.make_authority(authority_key, "Somebody", now=NOW)
        certificate = certificates.make_server_certificate(
            authority_key, authority, key.public_key(), "127.0.0.1", now=NOW
        )
        files = OwnCertificate(tmp_path / "own.pem", tmp_path / "own.key")
        files.certificate.write_bytes(certificates.certificate_pem(certificate))
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        files.key.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
        return files

    def test_it_is_taken_over_once(self, directory: Path, own: OwnCertificate) -> None:
        settings = msgspec.structs.replace(SETTINGS, own_certificate=True)

        first, authority = make(directory, settings, own)
        second, _ = make(directory, settings, own)

        assert (first, second) == (True, False)
        assert own.certificate.read_bytes() in (directory / TLS_FILE).read_bytes()
        assert authority.kit(settings).center_ca is None

    def test_it_stays_while_the_settings_do(self, directory: Path, own: OwnCertificate) -> None:
        settings = msgspec.structs.replace(SETTINGS, own_certificate=True)
        make(directory, settings, own)
        before = (directory / TLS_FILE).read_bytes()

        assert make(directory, settings)[0] is False
        assert (directory / TLS_FILE).read_bytes() == before

    def test_without_it_the_own_authority_signs_again(self, directory: Path, own: OwnCertificate) -> None:
        make(directory, msgspec.structs.replace(SETTINGS, own_certificate=True), own)

        make(directory)

        issued = x509.load_pem_x509_certificates((directory / TLS_FILE).read_bytes())[0]
        issued.verify_directly_issued_by(x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes()))

    def test_a_key_of_another_certificate_is_refused(self, directory: Path, own: OwnCertificate) -> None:
        make(directory)

        refusal = refused(lambda: make(directory, own=OwnCertificate(own.certificate, directory / "ca.key")))

        assert refusal.code == "bad_certificate"

    def test_a_certificate_of_another_host_is_refused(self, directory: Path, own: OwnCertificate) -> None:
        elsewhere = msgspec.structs.replace(SETTINGS, url="https://127.0.0.2:15443")

        assert "not for 127.0.0.2" in refused(lambda: make(directory, elsewhere, own)).message

    def test_a_missing_file_is_named(self, directory: Path, own: OwnCertificate) -> None:
        own.key.unlink()

        assert str(own.key) in refused(lambda: make(directory, own=own)).message


def test_an_authority_can_be_read_again(directory: Path) -> None:
    _, authority = make(directory)

    again = read_authority(directory)

    assert again.pepper == authority.pepper
    assert again.vendor_key_id == authority.vendor_key_id

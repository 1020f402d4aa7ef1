# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS on both ports. docs/protocol.md, "TLS"."""

import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from licserver.server.certificate import CertificateError, self_signed
from licserver.system import this_system
from licserver.wire.conversation import encode
from licserver.wire.messages import Freed, Granted, Hello, Renewed, Welcome
from server_core.tests.helpers import Computer, Vendor
from server_core.tests.portable import mode_bits
from server_core.tests.running import DEADLINE_SECONDS, PORT, WEB_PORT, ServerThread, believing_tls, eventually
from server_core.tests.server.helpers import bearer

MakeServer = Callable[..., ServerThread]


@pytest.fixture
def encrypted(make_server: MakeServer, vendor: Vendor, computer: Computer) -> ServerThread:
    """A running server that speaks TLS with a certificate of its own making, and has a key of two licenses."""
    made = make_server(TLS=1)
    vendor.install(made.state, computer)
    return made.start()


@contextlib.contextmanager
def connected(server: ServerThread, port: int) -> Iterator[socket.socket]:
    with socket.create_connection((server.address, port), timeout=DEADLINE_SECONDS) as connection:
        yield connection


def shown(server: ServerThread, port: int) -> str:
    """SHA-256 of the certificate that a port shows."""
    with connected(server, port) as plain, believing_tls().wrap_socket(plain) as encrypted:
        return sha256(encrypted.getpeercert(binary_form=True) or b"").hexdigest()


def pem(folder: Path, name: str) -> Path:
    """A file with a private key and its certificate."""
    path = folder / f"{name}.pem"
    path.write_bytes(self_signed(name))
    return path


def is_hung_up_on(connection: socket.socket) -> bool:
    with contextlib.suppress(ConnectionError):
        while connection.recv(65536):
            pass
    return True


def test_a_client_logs_in_renews_and_logs_out(encrypted: ServerThread) -> None:
    with encrypted.client() as client:
        assert isinstance(client.take(), Granted)
        assert isinstance(client.renew(), Renewed)
        assert isinstance(client.logout(), Freed)


def test_the_page_is_read_by_https(encrypted: ServerThread) -> None:
    status, page = encrypted.http("GET", "/")

    assert (status, "<html" in page) == (200, True)


def test_a_page_of_the_server_itself_may_change_something(encrypted: ServerThread) -> None:
    origin = {"Origin": f"https://{encrypted.address}:{WEB_PORT}"}

    status, _ = encrypted.http("POST", "/api/v1/activations", {}, **origin, **bearer(encrypted))

    assert status == 409


def test_both_ports_show_the_certificate_that_the_server_names(encrypted: ServerThread) -> None:
    named = encrypted.server.reports.server()["tls"]["certificate_sha256"]

    assert [shown(encrypted, port) for port in (PORT, WEB_PORT)] == [named, named]


def test_the_certificate_made_at_the_first_start_stays_for_ever(encrypted: ServerThread) -> None:
    before = encrypted.server.reports.server()["tls"]

    encrypted.restart()

    assert encrypted.server.reports.server()["tls"] == before
    assert before["not_after"] == 253402300799  # RFC 5280, section 4.1.2.5: 99991231235959Z


@mode_bits
def test_nobody_else_reads_the_private_key(encrypted: ServerThread) -> None:
    folder = encrypted.state / "tls"

    assert [path.stat().st_mode & 0o777 for path in (folder, folder / "server.pem")] == [0o700, 0o600]


@pytest.mark.parametrize("port", [PORT, WEB_PORT])
def test_who_speaks_no_tls_is_hung_up_on(encrypted: ServerThread, caplog: pytest.LogCaptureFixture, port: int) -> None:
    with connected(encrypted, port) as plain:
        plain.sendall(encode(Hello(id=1, versions=[1])))

        assert is_hung_up_on(plain)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("port", [PORT, WEB_PORT])
def test_older_tls_is_refused(encrypted: ServerThread, port: int) -> None:
    older = believing_tls()
    with pytest.warns(DeprecationWarning, match="deprecated"):
        older.minimum_version, older.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    older.set_ciphers("ALL:@SECLEVEL=0")

    with connected(encrypted, port) as plain, pytest.raises(ssl.SSLError):
        older.wrap_socket(plain)


@pytest.mark.parametrize("port", [PORT, WEB_PORT])
def test_a_handshake_that_does_not_end_is_given_up(
    encrypted: ServerThread, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    monkeypatch.setattr("licserver.server.encryption.HANDSHAKE_SECONDS", 0.05)
    with connected(encrypted, port) as silent:
        assert is_hung_up_on(silent)


@pytest.mark.parametrize(("port", "share"), [(PORT, 16), (WEB_PORT, 2)])
def test_handshakes_under_way_count_as_connections(
    make_server: MakeServer, monkeypatch: pytest.MonkeyPatch, port: int, share: int
) -> None:
    monkeypatch.setattr(type(this_system()), "raise_open_files", lambda _: 128)
    server = make_server(TLS=1).start()
    with contextlib.ExitStack() as half_open:
        for _ in range(share):
            half_open.enter_context(connected(server, port))

        with connected(server, port) as next_one:
            assert is_hung_up_on(next_one)

    def shakes_hands() -> bool:
        with contextlib.suppress(OSError):
            return bool(shown(server, port))
        return False

    eventually(shakes_hands, "whoever left makes room")


def test_of_handshakes_that_were_begun_only_so_many_are_under_way(
    make_server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("licserver.server.encryption.HANDSHAKES", 12)
    server = make_server(TLS=1).start()
    begins_a_long_one = b"\x16\x03\x01\x00\x04\x01\x01\xff\xff"
    with contextlib.ExitStack() as begun:
        for _ in range(3):
            begun.enter_context(connected(server, PORT)).sendall(begins_a_long_one)
        silent = begun.enter_context(connected(server, PORT))
        with connected(server, PORT) as next_one:
            next_one.sendall(begins_a_long_one)
            assert is_hung_up_on(next_one)

        silent.settimeout(0.05)
        with pytest.raises(TimeoutError):
            silent.recv(1)

    def shakes_hands() -> bool:
        with contextlib.suppress(OSError):
            return bool(shown(server, PORT))
        return False

    eventually(shakes_hands, "whoever left makes room")


def test_a_request_right_behind_the_handshake_is_answered(encrypted: ServerThread) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = believing_tls().wrap_bio(incoming, outgoing)
    with connected(encrypted, PORT) as plain:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                incoming.write(plain.recv(65536))
        tls.write(encode(Hello(id=7, versions=[1])))
        plain.sendall(outgoing.read())  # the end of the handshake and the request in one packet

        answer = b""
        while not answer:
            incoming.write(plain.recv(65536))
            with contextlib.suppress(ssl.SSLWantReadError):
                answer = tls.read(65536)

    assert b'"id":7' in answer


def test_a_server_stops_while_handshakes_are_under_way(encrypted: ServerThread) -> None:
    with connected(encrypted, PORT) as silent, encrypted.client() as client:
        assert isinstance(client.hello(), Welcome)

        encrypted.stop()

        assert is_hung_up_on(silent)


class TestOwnCertificate:
    def test_it_is_shown(self, make_server: MakeServer, tmp_path: Path) -> None:
        own = pem(tmp_path, "branch")
        server = make_server(TLS=1, TLSCertificate=own, TLSKey=own).start()

        certificate = own.read_text().partition("-----END PRIVATE KEY-----\n")[2]
        assert shown(server, PORT) == sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest()
        assert not (server.state / "tls").exists()

    def test_a_key_of_another_certificate_is_named(self, make_server: MakeServer, tmp_path: Path) -> None:
        own, other = pem(tmp_path, "own"), pem(tmp_path, "other")

        with pytest.raises(CertificateError, match=r"other\.pem: not the private key of .*own\.pem"):
            make_server(TLS=1, TLSCertificate=own, TLSKey=other).start()

    @pytest.mark.parametrize(
        ("certificate", "key", "problem"),
        [
            ("absent.pem", "own.pem", r"absent\.pem: No such file"),
            ("own.pem", "absent.pem", r"absent\.pem: No such file"),
            ("text.pem", "own.pem", r"text\.pem: there is no certificate in PEM in it"),
            ("own.pem", "text.pem", r"text\.pem: not the private key of"),
        ],
    )
    def test_a_file_that_cannot_be_used_is_named(
        self, make_server: MakeServer, tmp_path: Path, certificate: str, key: str, problem: str
    ) -> None:
        pem(tmp_path, "own")
        (tmp_path / "text.pem").write_text("hello")

        with pytest.raises(CertificateError, match=problem):
            make_server(TLS=1, TLSCertificate=tmp_path / certificate, TLSKey=tmp_path / key).start()

    def test_a_damaged_certificate_of_the_servers_making_is_not_replaced(self, make_server: MakeServer) -> None:
        server = make_server(TLS=1)
        (server.state / "tls").mkdir()
        (server.state / "tls/server.pem").write_text("cut")

        with pytest.raises(CertificateError, match=r"server\.pem: there is no certificate"):
            server.start()

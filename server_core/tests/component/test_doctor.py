# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor in front of every cause that it is to find."""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from licserver.component.doctor import Diagnosis, Doctor
from licserver.component.reachability import Step
from licserver.component.transport import Address
from licserver.wire.conversation import encode
from licserver.wire.messages import Failed
from server_core.tests.component.helpers import Liar, pin_of, serving
from server_core.tests.helpers import KEY, PRODUCT, Computer, OwnKey, Vendor
from server_core.tests.portable import mode_bits, not_under_wine
from server_core.tests.running import PORT, ServerThread, loopback_address

MakeServer = Callable[..., ServerThread]
OTHER_PIN = "ab" * 32


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    return tmp_path / "client.ini"


@pytest.fixture
def examine(ini: Path) -> Callable[..., Diagnosis]:
    """Examines with a ``client.ini`` of these lines."""

    def examine(*lines: str, **asked: Any) -> Diagnosis:
        ini.write_text("\n".join(lines), encoding="utf-8")
        ini.chmod(0o644)
        return Doctor(ini, seconds=0.3, **asked).examine()

    return examine


def failure(diagnosis: Diagnosis) -> Step:
    """The one step that failed."""
    (failed,) = (step for step in diagnosis.steps if step.outcome == "failed")
    assert not diagnosis.well
    assert failed.hint
    return failed


def outcomes(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    return [(step.name, step.outcome) for step in diagnosis.steps]


class TestClientIni:
    def test_what_it_says_is_told_without_the_access_code(self, examine: Callable[..., Diagnosis]) -> None:
        first = examine(f"server={loopback_address()}", "access_code=canary", f"tls_pins={OTHER_PIN}").steps[0]

        assert (first.name, first.outcome) == ("client.ini", "ok")
        assert "an access code, TLS to 1 known certificates" in first.message
        assert "canary" not in first.message

    def test_a_file_that_is_missing_is_no_failure(self, ini: Path) -> None:
        first = Doctor(ini, seconds=0.3).examine().steps[0]

        assert (first.outcome, first.code) == ("warning", "no_client_ini")

    def test_a_file_that_is_wrong_ends_it(self, examine: Callable[..., Diagnosis], ini: Path) -> None:
        diagnosis = examine("server=*SOMEWHERE")

        assert failure(diagnosis).code == "bad_client_ini"
        assert f"{ini}: line 1: server=*SOMEWHERE" in failure(diagnosis).message

    @mode_bits
    def test_a_file_that_not_everybody_may_read_is_named(self, ini: Path) -> None:
        ini.write_text("server=name.invalid\n")
        ini.chmod(0o640)

        first = Doctor(ini, seconds=0.3).examine().steps[0]

        assert (first.outcome, first.code) == ("warning", "private_ini")

    @mode_bits
    def test_an_owner_without_an_account_is_named_by_his_number(self, ini: Path) -> None:
        ini.write_text("server=name.invalid\n")
        ini.chmod(0o600)
        os.chown(ini, 54321, 54322)

        first = Doctor(ini, seconds=0.3).examine().steps[0]

        assert "only 54321 and the group 54322 may read it" in first.message


class TestWay:
    def test_a_name_that_is_not_known(self, examine: Callable[..., Diagnosis]) -> None:
        diagnosis = examine("server=name.invalid")

        assert failure(diagnosis).code == "unknown_name"
        assert "the name name.invalid is not known" in failure(diagnosis).message

    def test_a_name_is_told_with_its_addresses(
        self, examine: Callable[..., Diagnosis], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("licserver.component.reachability.DISCOVERY_PORT", 9)

        diagnosis = examine("server=localhost:9")

        (named,) = (step for step in diagnosis.steps if step.name == "name")
        assert "127.0.0.1" in named.message

    def test_a_computer_on_which_nothing_listens(self, examine: Callable[..., Diagnosis]) -> None:
        diagnosis = examine(f"server={loopback_address()}")

        assert failure(diagnosis).code == "refused"
        assert "whether Local=1 or another port is set" in failure(diagnosis).hint

    def test_a_computer_that_keeps_silent(self, examine: Callable[..., Diagnosis]) -> None:
        with silence() as address:
            diagnosis = examine(f"server={address}")

        assert failure(diagnosis).code == "silence"
        assert "A firewall swallows the packets" in failure(diagnosis).hint

    @not_under_wine("what is sent from the socket of one address comes from another")
    def test_a_server_on_another_port(self, make_server: MakeServer, examine: Callable[..., Diagnosis]) -> None:
        server = make_server(port=16200).start()

        diagnosis = examine(f"server={server.address}")

        assert failure(diagnosis).code == "other_port"
        assert failure(diagnosis).hint == f"licctl server set {server.address}:16200"

    def test_every_server_is_looked_at(self, server: ServerThread, examine: Callable[..., Diagnosis]) -> None:
        away = loopback_address()

        diagnosis = examine(f"server={away},{server.address}")

        assert diagnosis.well
        assert [(step.server, step.code) for step in diagnosis.steps if step.outcome == "failed"] == [(away, "refused")]

    def test_a_search_that_nobody_answers(
        self, examine: Callable[..., Diagnosis], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("licserver.component.find.search", lambda _: iter(()))

        diagnosis = examine("server=*AUTO")

        assert failure(diagnosis).code == "nobody_answered"
        assert "Broadcasts end at routers" in failure(diagnosis).hint


class TestServer:
    def test_a_server_that_answers_is_named(self, server: ServerThread, examine: Callable[..., Diagnosis]) -> None:
        diagnosis = examine(f"server={server.address}")

        assert diagnosis.well
        assert outcomes(diagnosis) == [(name, "ok") for name in ("client.ini", "route", "port", "server")]
        assert socket.gethostname() in diagnosis.steps[-1].message

    def test_another_program(self, examine: Callable[..., Diagnosis]) -> None:
        with serving(lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
            diagnosis = examine(f"server={address}")

        assert failure(diagnosis).code == "no_license_server"

    def test_a_server_of_another_version(self, examine: Callable[..., Diagnosis]) -> None:
        refusal = Failed(id=1, code="unknown_version", message="this server speaks the versions [7] of the protocol")
        with serving(lambda _: encode(refusal)) as address:
            diagnosis = examine(f"server={address}")

        assert failure(diagnosis).code == "unknown_version"
        assert "this server speaks the versions [7]" in failure(diagnosis).message

    def test_a_server_that_hangs_up(self, examine: Callable[..., Diagnosis]) -> None:
        with serving(lambda _: None) as address:
            diagnosis = examine(f"server={address}")

        assert failure(diagnosis).code == "connection_lost"


class TestTls:
    @pytest.fixture
    def secured(self, make_server: MakeServer) -> ServerThread:
        return make_server("secured", TLS=1).start()

    def test_a_known_certificate(self, secured: ServerThread, examine: Callable[..., Diagnosis]) -> None:
        diagnosis = examine(f"server={secured.address}", f"tls_pins={pin_of(secured)}")

        assert diagnosis.well
        assert ("tls", "ok") in outcomes(diagnosis)

    def test_another_certificate(self, secured: ServerThread, examine: Callable[..., Diagnosis]) -> None:
        diagnosis = examine(f"server={secured.address}", f"tls_pins={OTHER_PIN}")

        assert failure(diagnosis).code == "unknown_certificate"
        assert pin_of(secured) in failure(diagnosis).message

    def test_a_client_without_pins(self, secured: ServerThread, examine: Callable[..., Diagnosis]) -> None:
        diagnosis = examine(f"server={secured.address}")

        assert failure(diagnosis).code == "tls_needed"
        assert pin_of(secured) in failure(diagnosis).message

    def test_a_server_without_tls(self, server: ServerThread, examine: Callable[..., Diagnosis]) -> None:
        diagnosis = examine(f"server={server.address}", f"tls_pins={OTHER_PIN}")

        assert failure(diagnosis).code == "no_tls"

    def test_a_server_that_hangs_up_is_not_said_to_speak_no_tls(self, examine: Callable[..., Diagnosis]) -> None:
        with serving(lambda _: None) as address:
            diagnosis = examine(f"server={address}", f"tls_pins={OTHER_PIN}")

        assert (failure(diagnosis).name, failure(diagnosis).code) == ("tls", "connection_lost")

    def test_a_server_that_falls_silent_is_not_said_to_speak_no_tls(self, examine: Callable[..., Diagnosis]) -> None:
        address = loopback_address()
        with socket.create_server((address, PORT)):  # the system accepts, and nobody takes what comes
            diagnosis = examine(f"server={address}", f"tls_pins={OTHER_PIN}")

        assert (failure(diagnosis).name, failure(diagnosis).code) == ("tls", "connection_lost")
        assert "no answer in time" in failure(diagnosis).message


class TestLicense:
    def test_a_license_that_would_be_given(self, server: ServerThread, examine: Callable[..., Diagnosis]) -> None:
        diagnosis = examine(f"server={server.address}", product=PRODUCT)

        assert diagnosis.well
        assert f"the key {KEY} would give a license of its counter main" in diagnosis.steps[-1].message
        assert not server.server.desk.book.leases

    def test_a_limit_that_is_reached_names_who_holds(
        self, server: ServerThread, examine: Callable[..., Diagnosis]
    ) -> None:
        with server.client() as one, server.client() as two:
            one.take("anna")
            two.take("boris")
            diagnosis = examine(f"server={server.address}", product=PRODUCT)

        assert failure(diagnosis).code == "no_free_license"
        assert "anna on pc1" in failure(diagnosis).message
        assert "boris on pc1" in failure(diagnosis).message

    def test_a_product_without_a_key(self, server: ServerThread, examine: Callable[..., Diagnosis]) -> None:
        assert failure(examine(f"server={server.address}", product="other")).code == "no_key"

    def test_a_wrong_access_code(self, server: ServerThread, examine: Callable[..., Diagnosis]) -> None:
        diagnosis = examine(f"server={server.address}", "access_code=canary", product=PRODUCT)

        assert failure(diagnosis).code == "wrong_access_code"
        assert "canary" not in str(diagnosis)

    def test_a_right_access_code_of_a_key_that_is_not_used(
        self, make_server: MakeServer, vendor: Vendor, computer: Computer, examine: Callable[..., Diagnosis]
    ) -> None:
        made = make_server()
        vendor.install(made.state, computer)
        vendor.install(made.state, computer, "100-0002")
        made.start()
        made.call(made.server.keys.set_options("100-0002", {"access_code": "firm", "use": False}))

        found = failure(examine(f"server={made.address}", "access_code=firm", product=PRODUCT))

        assert found.code == "no_key"
        assert "licctl key set 100-0002 --use yes" in found.hint

    def test_a_missing_access_code(self, server: ServerThread, examine: Callable[..., Diagnosis]) -> None:
        server.call(server.server.keys.set_options(KEY, {"access_code": "firm"}))

        diagnosis = examine(f"server={server.address}", product=PRODUCT)

        assert failure(diagnosis).code == "no_key"
        assert "access code" in failure(diagnosis).hint

    def test_a_key_that_expired(
        self, make_server: MakeServer, vendor: Vendor, computer: Computer, examine: Callable[..., Diagnosis]
    ) -> None:
        made = make_server()
        vendor.install(made.state, computer, expires_at=1)
        made.start()

        assert failure(examine(f"server={made.address}", product=PRODUCT)).code == "key_expired"

    def test_a_key_that_is_broken(
        self, server: ServerThread, computer: Computer, examine: Callable[..., Diagnosis]
    ) -> None:
        computer.facts["board"] = "another one"
        server.call(server.server.keys.load())

        found = failure(examine(f"server={server.address}", product=PRODUCT))

        assert found.code == "no_key"
        assert f"The key {KEY} for it is there and does not work" in found.hint

    def test_a_key_that_is_not_used(self, server: ServerThread, examine: Callable[..., Diagnosis]) -> None:
        server.call(server.server.keys.set_options(KEY, {"use": False}))

        found = failure(examine(f"server={server.address}", product=PRODUCT))

        assert found.code == "no_key"
        assert f"licctl key set {KEY} --use yes" in found.hint

    def test_the_first_server_that_answers_decides(
        self, server: ServerThread, make_server: MakeServer, examine: Callable[..., Diagnosis]
    ) -> None:
        empty = make_server("empty").start()

        assert not examine(f"server={empty.address},{server.address}", product=PRODUCT).well
        assert examine(f"server={server.address},{empty.address}", product=PRODUCT).well

    def test_of_several_that_a_search_found_the_first_decides_too(
        self,
        server: ServerThread,
        make_server: MakeServer,
        examine: Callable[..., Diagnosis],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        both = [Address(one.address, PORT) for one in (server, make_server("empty").start())]
        monkeypatch.setattr("licserver.component.find.search", lambda _: iter(both))

        assert examine("server=*AUTO", product=PRODUCT).well


class TestProof:
    def test_a_license_that_a_product_believes(
        self, server: ServerThread, vendor: Vendor, examine: Callable[..., Diagnosis]
    ) -> None:
        diagnosis = examine(f"server={server.address}", product=PRODUCT, kit=vendor.kit)

        assert diagnosis.well
        assert outcomes(diagnosis)[-3:] == [("license", "ok"), ("clock", "ok"), ("trust", "ok")]
        assert not server.server.desk.book.leases

    def test_a_license_of_a_stranger(
        self, server: ServerThread, stranger: Vendor, examine: Callable[..., Diagnosis]
    ) -> None:
        diagnosis = examine(f"server={server.address}", product=PRODUCT, kit=stranger.kit)

        assert failure(diagnosis).code == "untrusted_server"
        assert "has no signing key" in failure(diagnosis).message
        assert not server.server.desk.book.leases

    def test_a_fake_before_the_right_server_is_passed_by(
        self, server: ServerThread, vendor: Vendor, stranger: Vendor, examine: Callable[..., Diagnosis]
    ) -> None:
        fake = Liar(OwnKey.of(stranger), int(time.time()))
        with serving(fake.reply) as address:
            diagnosis = examine(f"server={address},{server.address}", product=PRODUCT, kit=vendor.kit)

        assert diagnosis.well
        assert [(step.server, step.code) for step in diagnosis.steps if step.outcome == "failed"] == [
            (address, "untrusted_server")
        ]

    @pytest.mark.parametrize(("hours", "said"), [(1, "behind"), (-1, "ahead of")])
    def test_clocks_that_differ(
        self, server: ServerThread, vendor: Vendor, examine: Callable[..., Diagnosis], hours: int, said: str
    ) -> None:
        server.server.desk._clock = lambda: time.time() + 3600 * hours

        diagnosis = examine(f"server={server.address}", product=PRODUCT, kit=vendor.kit)

        (clock,) = (step for step in diagnosis.steps if step.name == "clock")
        assert (clock.outcome, clock.code) == ("warning", "clock_differs")
        assert f"seconds {said} that of the server" in clock.message
        assert diagnosis.well

    def test_a_key_that_is_about_to_expire(
        self,
        make_server: MakeServer,
        vendor: Vendor,
        computer: Computer,
        examine: Callable[..., Diagnosis],
    ) -> None:
        made = make_server()
        vendor.install(made.state, computer, expires_at=int(time.time()) + 86400)
        made.start()

        diagnosis = examine(f"server={made.address}", product=PRODUCT, kit=vendor.kit)

        assert diagnosis.steps[-1].code == "key_expiring"
        assert diagnosis.well


@contextlib.contextmanager
def silence() -> Iterator[str]:
    """An address at which the system drops what comes: the queue of the port is full and nobody takes from it."""
    address = loopback_address()
    with socket.socket() as listening, contextlib.ExitStack() as waiting:
        listening.bind((address, PORT))
        listening.listen(0)
        for _ in range(2):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect((address, PORT))
        yield address

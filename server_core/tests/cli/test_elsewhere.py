# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl --server``: the server of another computer, over real sockets and real TLS."""

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from licserver.cli._elsewhere import PASSWORD_FILE, TOKEN_FILE, AnotherComputer, server_of
from licserver.errors import LicensingError
from licserver.ini_text import seal_credential
from licserver.system import this_system
from server_core.tests.cli.helpers import answered, refused
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.processes import command
from server_core.tests.running import ServerThread
from server_core.tests.server.helpers import bearer

USER, PASSWORD = "Админ", "пароль: 1"
CREDENTIALS = {"user": seal_credential(USER), "password": seal_credential(PASSWORD)}
WRONG_PIN = "0" * 64

MakeServer = Callable[..., ServerThread]


@pytest.fixture
def branch(make_server: MakeServer, vendor: Vendor, computer: Computer) -> ServerThread:
    """A server with TLS, a user, a password and a key."""
    made = make_server("branch", TLS=1, **CREDENTIALS)
    vendor.install(made.state, computer)
    return made.start()


@pytest.fixture
def open_branch(make_server: MakeServer, vendor: Vendor, computer: Computer) -> ServerThread:
    """The same without TLS."""
    made = make_server("open", **CREDENTIALS)
    vendor.install(made.state, computer)
    return made.start()


@pytest.fixture
def password(tmp_path: Path) -> str:
    """A file with the password."""
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n", encoding="utf-8")
    path.chmod(0o600)
    return str(path)


def pin_of(server: ServerThread) -> str:
    return str(server.server.configuration.pin)


def asked(
    server: ServerThread, *words: str | Path, given: str = "", pin: str | None = None, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Ask a server with TLS as its user."""
    known = ["--tls-pin", pin or pin_of(server)]
    place = ["--server", server.address, "--user", USER, *known]
    return command("licctl", "--json", *place, *words, given=given, **environment)


def test_it_tells_what_that_server_is(branch: ServerThread) -> None:
    info = answered(asked(branch, "info", given=f"{PASSWORD}\n"))

    assert (info["running"], info["server"]["addresses"]) == (True, [f"{branch.address}:15200"])
    assert (info["server"]["restart_needed"], info["server"]["reload_needed"]) == (None, None)


@pytest.mark.parametrize(
    "words",
    [
        ["key", "list"],
        ["key", "verify"],
        ["key", "set", KEY, "--use", "yes"],
        ["key", "remove", KEY, "--check"],
        ["connections"],
        ["connection", "release", "--all"],
        ["events"],
        ["events", "--verify"],
        ["reload"],
        ["requests"],
        ["usage"],
    ],
)
def test_whatever_asks_a_server_asks_that_one(branch: ServerThread, password: str, words: list[str]) -> None:
    answered(asked(branch, *words, **{PASSWORD_FILE: password}))


def by_token(server: ServerThread, *words: str, given: str = "", **environment: str) -> Any:
    """Ask a server with TLS with a token."""
    place = ["--server", server.address, "--token", "--tls-pin", pin_of(server)]
    return command("licctl", "--json", *place, *words, given=given, **environment)


def test_a_token_opens_what_it_says_and_no_more(branch: ServerThread, tmp_path: Path) -> None:
    order, headers = {"name": "nightly", "scope": "read"}, bearer(branch)
    token = branch.http("POST", "/api/v1/tokens", order, **headers)[1]["token"]
    file = tmp_path / "token"
    file.write_text(f"{token}\n")

    assert answered(by_token(branch, "info", given=f"{token}\n"))["running"]
    assert answered(by_token(branch, "key", "list", **{TOKEN_FILE: str(file)}))["keys"]
    assert refused(by_token(branch, "reload", **{TOKEN_FILE: str(file)}))["message"] == "this token may only read"


def test_a_token_that_is_none_is_refused(branch: ServerThread, tmp_path: Path) -> None:
    unknown = refused(by_token(branch, "info", given="protect_x\n"))
    gone = refused(by_token(branch, "info", **{TOKEN_FILE: str(tmp_path / "gone")}))
    damaged = refused(by_token(branch, "info", given="\u0442\n"), code=2)

    assert (unknown["code"], unknown["message"]) == ("unauthorized", f"{branch.address} takes no such token")
    assert (gone["code"], gone["message"]) == ("bad_token_file", f"{tmp_path / 'gone'}: No such file or directory")
    assert (damaged["code"], damaged["message"]) == ("usage", "this is no token")


def test_a_key_is_activated_from_another_computer(
    make_server: MakeServer, vendor: Vendor, tmp_path: Path, password: str
) -> None:
    branch = make_server("new", TLS=1, **CREDENTIALS).start()
    order = json.dumps({"key_number": KEY, "pin": "1111-1111", "kit": msgspec.to_builtins(vendor.kit)})

    made = answered(asked(branch, "key", "request", "--request", "-", given=f"{PASSWORD}\n{order}"))
    listed = answered(asked(branch, "requests", **{PASSWORD_FILE: password}))

    assert made["request"]["key_number"] == listed["requests"][0]["key_number"] == KEY


def test_its_answer_is_loaded_from_there_too(branch: ServerThread, tmp_path: Path, password: str) -> None:
    answer = tmp_path / "answer"
    answer.write_text("no answer")

    assert refused(asked(branch, "load", answer, **{PASSWORD_FILE: password}))["code"] == "bad_answer"


def test_the_password_comes_first_and_the_pin_after_it(make_server: MakeServer, vendor: Vendor, tmp_path: Path) -> None:
    branch, kit = make_server("new", TLS=1, **CREDENTIALS).start(), tmp_path / "kit.json"
    kit.write_bytes(msgspec.json.encode(vendor.kit))
    words = ["key", "request", "--key-number", KEY, "--kit", kit, "--output", tmp_path]

    made = answered(asked(branch, *words, given=f"{PASSWORD}\n1111-1111\n"))

    assert Path(made["file"]).read_text(encoding="utf-8").startswith("Protect activation request")


def test_a_server_without_tls_is_asked_only_when_told_so(open_branch: ServerThread) -> None:
    words = ["licctl", "--json", "--server", open_branch.address, "--user", USER]

    error = refused(command(*words, "info", given=PASSWORD), code=2)

    assert "PIN, password and token cross the network readable" in error["hint"]
    assert answered(command(*words, "--without-tls", "info", given=PASSWORD))["running"]


def test_who_shows_another_certificate_is_told_nothing(branch: ServerThread) -> None:
    error = refused(asked(branch, "info", given=PASSWORD, pin=WRONG_PIN))

    assert error["code"] == "unknown_certificate"
    assert pin_of(branch) in error["message"]


@pytest.mark.parametrize("wrong", ["", "wrong"])
def test_a_wrong_password_is_refused(branch: ServerThread, wrong: str) -> None:
    error = refused(asked(branch, "info", given=f"{wrong}\n"))

    assert (error["code"], error["message"]) == (
        "unauthorized",
        f"{branch.address} takes no such user and password",
    )


def test_nobody_in_particular_is_told_to_name_a_user(branch: ServerThread) -> None:
    done = command("licctl", "--json", "--server", branch.address, "--tls-pin", pin_of(branch), "info")

    error = refused(done)
    assert (error["code"], error["hint"][:31]) == ("unauthorized", "Name the user with --user. They")


def test_a_server_that_speaks_no_tls_is_named(open_branch: ServerThread) -> None:
    error = refused(asked(open_branch, "info", given=PASSWORD, pin=WRONG_PIN))

    assert error["code"] == "server_unreachable"
    assert "set TLS=1 in its ini" in error["hint"]


def test_a_server_that_speaks_tls_only_is_named(branch: ServerThread) -> None:
    error = refused(command("licctl", "--json", "--server", branch.address, "--without-tls", "info"))

    assert error["code"] == "server_unreachable"
    assert "name its certificate with --tls-pin" in error["hint"]


def test_where_nothing_listens_it_says_so() -> None:
    error = refused(command("licctl", "--json", "--server", "127.0.0.1:9", "--without-tls", "info"))

    assert error["code"] == "server_unreachable"
    assert error["message"].startswith("127.0.0.1 port 9 does not answer: ")


@pytest.fixture
def stranger_port() -> Iterator[Callable[[bytes], int]]:
    """Something that listens and answers anything with some bytes."""
    threads, sockets = [], []

    def serve(bound: socket.socket, said: bytes) -> None:
        peer, _ = bound.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(said)

    def listen(said: bytes) -> int:
        bound = socket.create_server(("127.0.0.1", 0))
        sockets.append(bound)
        threads.append(Thread(target=serve, args=(bound, said)))
        threads[-1].start()
        port: int = bound.getsockname()[1]
        return port

    yield listen
    for thread, bound in zip(threads, sockets, strict=True):
        thread.join()
        bound.close()


@pytest.mark.parametrize(
    "said",
    [b"", b"SSH-2.0\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"HTTP/1.1 200 OK\r\n\r\n<html>"],
)
def test_what_is_no_license_server_is_named(stranger_port: Callable[[bytes], int], said: bytes) -> None:
    place = f"127.0.0.1:{stranger_port(said)}"

    error = refused(command("licctl", "--json", "--server", place, "--without-tls", "info"))

    assert error["code"] == "server_unreachable"


@pytest.mark.parametrize(
    "words",
    [
        ["--server", "a b", "info"],
        ["--server", "branch:0", "info"],
        ["--server", "branch", "--tls-pin", "12", "info"],
        ["--server", "branch", "--tls-pin", WRONG_PIN, "--without-tls", "info"],
        ["--server", "branch", "--without-tls", "--user", "a:b", "info"],
        ["--server", "branch", "--without-tls", "doctor"],
        ["--server", "branch", "--without-tls", "server", "set", "a"],
        ["--user", "anna", "info"],
        ["--token", "info"],
        ["--server", "branch", "--without-tls", "--user", "anna", "--token", "info"],
        ["--without-tls", "info"],
    ],
)
def test_a_command_line_that_makes_no_sense_is_a_usage_error(words: list[str]) -> None:
    assert refused(command("licctl", "--json", *words), code=2)["code"] == "usage"


class TestHowItIsKnown:
    @pytest.fixture(autouse=True)
    def client_ini(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        path = tmp_path / "client.ini"
        monkeypatch.setattr(type(this_system()), "client_ini_path", path)
        return path

    def named(self, **options: Any) -> Any:
        given = {
            "server": ("branch", 15201),
            "server_user": None,
            "with_token": False,
            "tls_pins": None,
            "without_tls": False,
            "command": "info",
        }
        return server_of(SimpleNamespace(**{**given, **options}))

    def test_by_what_client_ini_says_of_servers(self, client_ini: Path) -> None:
        client_ini.write_text(f"tls_pins=sha256:{WRONG_PIN}\n")

        assert self.named() == AnotherComputer("branch", 15201, [WRONG_PIN], None)

    def test_what_the_command_line_says_counts_more(self, client_ini: Path) -> None:
        client_ini.write_text(f"tls_pins=sha256:{WRONG_PIN}\n")

        assert self.named(tls_pins=["1" * 64]).pins == ["1" * 64]
        assert self.named(without_tls=True).pins is None

    @pytest.mark.parametrize("text", [None, "server=branch\n"])
    def test_where_nothing_says_it_the_command_is_refused(self, client_ini: Path, text: str | None) -> None:
        if text is not None:
            client_ini.write_text(text)

        with pytest.raises(LicensingError, match="it is not said by which certificate branch is known"):
            self.named()

    def test_a_client_ini_that_cannot_be_used_is_named(self, client_ini: Path) -> None:
        client_ini.write_text("tls_pins=12\n")

        with pytest.raises(LicensingError) as refusal:
            self.named()

        assert refusal.value.code == "bad_client_ini"
        assert str(client_ini) in refusal.value.message

    def test_a_password_file_that_is_not_there_is_named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv(PASSWORD_FILE, str(tmp_path / "gone"))

        with pytest.raises(LicensingError) as refusal:
            self.named(server_user="anna", without_tls=True)

        assert (refusal.value.code, refusal.value.message) == (
            "bad_password_file",
            f"{tmp_path / 'gone'}: No such file or directory",
        )

    def test_without_it_the_command_is_about_this_computer(self, tmp_path: Path) -> None:
        assert self.named(server=None, state=tmp_path) == tmp_path

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licserver`` as a process: it serves, survives what ends it, and says in one message why it does not start."""

import errno
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from licserver import __version__
from licserver.system import this_system
from licserver.wire.messages import Freed, Granted, Renewed
from server_core.tests.cli.helpers import answered, refused
from server_core.tests.helpers import Computer, Vendor
from server_core.tests.portable import signals, socket_words
from server_core.tests.processes import ServerProcess, command, server_process
from server_core.tests.running import Client, eventually, refusal, write_ini


@pytest.fixture
def process(tmp_path: Path, vendor: Vendor) -> Iterator[ServerProcess]:
    """A server, not yet started, with a key of two licenses that is bound to this very computer."""
    with server_process(tmp_path) as made:
        vendor.install(made.state, this_system().fact_reader())
        yield made


def take(process: ServerProcess, user: str) -> Client:
    client = Client(process.address)
    client.take(user)
    client.socket.close()
    return client


def go_on(process: ServerProcess, before: Client) -> Client:
    """The same instance on a new connection."""
    client = Client(process.address, private=before.private)
    client.hello()
    client.granted, client.sequence = before.granted, before.sequence
    return client


class TestRun:
    @pytest.mark.parametrize(
        "end",
        [
            pytest.param(lambda server: server.end(signal.SIGTERM), id="stopped", marks=signals),
            pytest.param(ServerProcess.kill, id="killed"),
        ],
    )
    def test_connections_survive_its_end(self, process: ServerProcess, end: Callable[[ServerProcess], object]) -> None:
        process.start()
        anna, _ = take(process, "anna"), take(process, "boris")
        end(process)
        process.start()

        with Client(process.address) as late, go_on(process, anna) as again:
            late.hello()
            assert refusal(late.login("late")) == "no_free_license"
            assert isinstance(again.renew(), Renewed)
            assert isinstance(again.logout(), Freed)
            assert isinstance(late.login("late"), Granted)

    @signals
    def test_a_hangup_has_it_read_its_ini_again(self, process: ServerProcess) -> None:
        process.start()
        assert process.process is not None
        with Client(process.address) as client:
            client.take()
            write_ini(process.ini, process.address, IdleTime="long")
            process.process.send_signal(signal.SIGHUP)
            eventually(
                lambda: "IdleTime=long: not a number" in process.log.read_text(), "the log names the wrong value"
            )

            write_ini(process.ini, process.address, IdleTime=33)
            process.process.send_signal(signal.SIGHUP)
            eventually(lambda: "applied IdleTime" in process.log.read_text(), "the log names what is in force")

            assert isinstance(client.renew(), Renewed)

    def test_many_ends_lose_no_license_and_give_none_twice(self, process: ServerProcess) -> None:
        process.start()
        holders = [take(process, "anna"), take(process, "boris")]
        for _ in range(3):
            process.kill()
            process.start()
            for number, before in enumerate(holders):
                with go_on(process, before) as again:
                    assert isinstance(again.renew(), Renewed)
                    holders[number] = again

        with Client(process.address) as late:
            late.hello()
            assert refusal(late.login("late")) == "no_free_license"

    @signals
    @pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
    def test_a_stop_is_a_success_and_leaves_no_traceback(self, process: ServerProcess, end: signal.Signals) -> None:
        process.start()
        with Client(process.address) as client:
            client.take()
            client.socket.sendall(b"\xff garbage\n")

            assert process.end(end) == 0

        log = process.log.read_text()
        assert "Traceback" not in log
        assert re.search(r"license server .* listens on", log)

    def test_a_taken_port_is_one_message(self, process: ServerProcess) -> None:
        with socket.create_server((process.address, 15200)):
            done = command("licserver", "run", "--ini", process.ini, "--state", process.state)

        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr == (
            f"error: the license port cannot listen on {process.address} port 15200: {socket_words(errno.EADDRINUSE)}. "
            "Stop the program that holds it, or change port in the ini\n"
        )

    def test_a_second_server_with_the_same_state_is_refused(self, process: ServerProcess, tmp_path: Path) -> None:
        process.start()

        done = command("licserver", "run", "--json", "--ini", process.ini, "--state", process.state)

        assert done.returncode == 1
        assert "another license server runs with the same state folder" in done.stdout
        with Client(process.address) as client:
            assert isinstance(client.take(), Granted)

    def test_a_wrong_ini_is_one_message(self, process: ServerProcess) -> None:
        process.ini.write_text("; ours\nport=abc\n")

        done = command("licserver", "run", "--ini", process.ini, "--state", process.state)

        assert done.returncode == 1
        assert done.stderr == (
            f"error: {process.ini}: line 2: port=abc: not a number from 1 to 65535. "
            "Correct the file, then start or reload the server\n"
        )

    def test_a_key_of_another_computer_does_not_keep_it_from_starting(
        self, process: ServerProcess, vendor: Vendor
    ) -> None:
        vendor.install(process.state, Computer(), "100-0009")
        process.start()

        with Client(process.address) as client:
            assert isinstance(client.take(), Granted)


class TestCheck:
    def test_a_good_ini_is_valid(self, tmp_path: Path) -> None:
        ini = tmp_path / "licserver.ini"
        ini.write_text("port=1\n")

        assert command("licserver", "check", "--ini", ini).stdout == f"{ini} is valid\n"
        assert answered(command("licserver", "check", "--json", "--ini", ini)) == {"ini": str(ini), "valid": True}

    @pytest.mark.parametrize(
        ("text", "named"),
        [("port=0", "line 1: port=0"), ("Local=maybe", "line 1: Local=maybe"), ("\n[server]", "line 2: [server]")],
    )
    def test_a_wrong_one_is_refused_with_file_line_key_and_value(self, tmp_path: Path, text: str, named: str) -> None:
        ini = tmp_path / "licserver.ini"
        ini.write_text(text)

        error = refused(command("licserver", "check", "--json", "--ini", ini))

        assert error["code"] == "bad_ini"
        assert f"{ini}: {named}" in error["message"]

    def test_one_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        done = command("licserver", "check", "--ini", tmp_path / "none.ini")

        assert done.returncode == 1
        assert done.stderr.startswith(f"error: {tmp_path / 'none.ini'}: No such file or directory")


def test_it_knows_its_version() -> None:
    assert command("licserver", "--version").stdout == f"{__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["walk"], ["run", "--speed", "9"]])
def test_a_command_that_makes_no_sense_is_a_usage_error(arguments: list[str]) -> None:
    done = command("licserver", *arguments)

    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole server: it starts, keeps its promises over a restart, and says what kept it from starting."""

import dataclasses
import json
import logging
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from licserver.binding import FactReader
from licserver.errors import LicensingError
from licserver.events import Event
from licserver.keys.keyring import AttachedKey, KeyFolder
from licserver.remarks import Remark
from licserver.seats.ledger import DiskFullError, Ledger, LedgerError
from licserver.server.listening import ListenError
from licserver.server.run import run_server
from licserver.service import ProcessHost
from licserver.wire.messages import Granted, Renewed
from server_core.tests.helpers import Computer, Vendor
from server_core.tests.running import (
    DEADLINE_SECONDS,
    ServerThread,
    eventually,
    loopback_address,
    refusal,
    write_ini,
)


def test_connections_survive_a_restart(server: ServerThread) -> None:
    with server.client() as client:
        client.take()
    server.restart()
    with server.client(private=client.private) as again:
        again.granted, again.welcome = client.granted, again.hello()

        assert isinstance(again.renew(), Renewed)


def test_no_license_is_given_twice_over_a_restart(server: ServerThread) -> None:
    with server.client() as one, server.client() as two:
        one.take()
        two.take("boris")
    server.restart()
    with server.client() as late:
        late.hello()

        assert refusal(late.login("late")) == "no_free_license"


def test_a_server_keeps_its_identity(server: ServerThread) -> None:
    with server.client() as client:
        before = client.hello()
    server.restart()
    with server.client() as client:
        after = client.hello()

    assert before.server_id == after.server_id
    assert before.session_public != after.session_public


def test_a_key_that_was_put_into_the_folder_serves_after_a_restart(
    make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer
) -> None:
    made = make_server().start()
    vendor.install(made.state, computer)
    made.restart()

    with made.client() as client:
        assert isinstance(client.take(), Granted)


def test_clients_are_served_while_the_server_looks_at_its_keys(
    server: ServerThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, go_on = threading.Event(), threading.Event()
    attached = KeyFolder.attached

    def slow(self: KeyFolder, reader: FactReader) -> list[AttachedKey]:
        looking.set()
        assert go_on.wait(DEADLINE_SECONDS)
        return attached(self, reader)

    monkeypatch.setattr(KeyFolder, "attached", slow)
    with ThreadPoolExecutor(1) as pool, server.client() as client:
        loaded = pool.submit(server.call, server.server.keys.load())
        assert looking.wait(DEADLINE_SECONDS)

        assert isinstance(client.take(), Granted)
        go_on.set()
        loaded.result()


def test_a_key_whose_computer_was_not_ready_at_the_start_works_later(
    make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached, looks = KeyFolder.attached, iter([True])

    def late(self: KeyFolder, reader: FactReader) -> list[AttachedKey]:
        found = attached(self, reader)
        if next(looks, False):
            return [
                dataclasses.replace(one, key=None, problem=Remark("late", "the disk is not there yet")) for one in found
            ]
        return found

    monkeypatch.setattr(KeyFolder, "attached", late)
    monkeypatch.setattr("licserver.server.run.TICK_SECONDS", 0.01)
    monkeypatch.setattr("licserver.server.key_keeper.RECHECK_SECONDS", 0.05)
    server = make_server()
    vendor.install(server.state, computer)
    server.start()

    eventually(lambda: [one.problem for one in server.server.desk.keys.attached.values()] == [None], "the key works")


def test_the_control_file_says_how_to_reach_it(server: ServerThread) -> None:
    control = json.loads((server.state / "control.json").read_bytes())

    assert (control["host"], control["port"]) == (server.address, 15201)


def test_the_control_file_goes_with_the_server(server: ServerThread) -> None:
    server.stop()

    assert not (server.state / "control.json").exists()


def test_a_full_disk_is_an_error_in_the_log_and_no_end(
    make_server: Callable[..., ServerThread],
    vendor: Vendor,
    computer: Computer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(*_: object) -> None:
        raise DiskFullError(Path("leases.sqlite"), "disk full")

    monkeypatch.setattr("licserver.server.run.TICK_SECONDS", 0.01)
    server = make_server()
    vendor.install(server.state, computer)
    server.start()
    with server.client() as anna, server.client() as client:
        anna.take()
        client.hello()
        with monkeypatch.context() as patch:
            patch.setattr("licserver.seats.ledger.Ledger.commit", full)
            assert refusal(client.login()) == "disk_full"
            anna.renew()
            eventually(lambda: "disk full" in caplog.text, "the log names the full disk")

        assert isinstance(client.login(), Granted)
    assert [record for record in caplog.records if record.exc_info] == []


def test_a_server_that_looks_after_its_leases_says_that_it_is_alive(
    make_server: Callable[..., ServerThread], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("licserver.server.run.TICK_SECONDS", 0.01)
    server = make_server().start()

    eventually(lambda: len(server.alive_at) > 2, "it says so again and again")


def test_a_tick_that_meets_an_accident_is_logged_and_the_next_one_comes(
    make_server: Callable[..., ServerThread], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ticks: list[int] = []

    async def broken(self: object) -> None:
        ticks.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr("licserver.server.run.TICK_SECONDS", 0.01)
    monkeypatch.setattr("licserver.server.desk.Desk.tick", broken)
    server = make_server().start()

    eventually(lambda: len(ticks) > 2, "it ticks on")
    server.stop()
    assert "ZeroDivisionError" in caplog.text
    assert not server.alive_at
    assert len(server.tidied_at) > 2


def test_a_login_that_is_being_written_while_the_server_stops_is_answered(
    server: ServerThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, go_on = threading.Event(), threading.Event()
    commit = Ledger.commit

    def slow(self: Ledger, changes: Mapping[str, bytes | None], events: Sequence[Event] = ()) -> None:
        writing.set()
        go_on.wait(DEADLINE_SECONDS)
        commit(self, changes, events)

    monkeypatch.setattr("licserver.server.run.TICK_SECONDS", 0.01)
    monkeypatch.setattr(Ledger, "commit", slow)
    with server.client() as client:
        client.hello()
        asked = threading.Thread(target=client.login)
        asked.start()
        assert writing.wait(DEADLINE_SECONDS)
        server.leave()
        go_on.set()
        asked.join()

        assert client.granted is not None
    server.stop()


def test_a_web_page_that_ends_by_itself_ends_the_server_with_an_error(
    make_server: Callable[..., ServerThread], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("licserver.server.run.TICK_SECONDS", 0.01)
    server = make_server().start()

    async def broken(self: object, counter: int) -> bool:
        raise ZeroDivisionError("no reason")

    monkeypatch.setattr("uvicorn.Server.on_tick", broken)

    failure = server.failed()
    assert isinstance(failure, LicensingError)
    assert (failure.code, failure.message) == ("web_failed", "the web page has ended by itself: no reason")


class TestWhatKeepsItFromStarting:
    @pytest.mark.parametrize(("port", "what"), [(15200, "the license port"), (15201, "the web page")])
    def test_a_taken_port(self, make_server: Callable[..., ServerThread], port: int, what: str) -> None:
        made = make_server()
        with (
            socket.create_server((made.address, port)),
            pytest.raises(ListenError, match=f"{what} cannot listen on {made.address} port {port}"),
        ):
            made.start()

        made.start()

    def test_a_taken_discovery_port(self, make_server: Callable[..., ServerThread]) -> None:
        made = make_server()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind((made.address, 15200))
            with pytest.raises(ListenError, match="discovery"):
                made.start()

        made.start()

    def test_another_server_with_the_same_state(
        self, server: ServerThread, make_server: Callable[..., ServerThread]
    ) -> None:
        second = make_server("second")
        second.state = server.state
        before = (server.state / "control.json").read_bytes()

        with pytest.raises(LedgerError, match="another license server runs with the same state folder"):
            second.start()

        assert (server.state / "control.json").read_bytes() == before
        with server.client() as client:
            assert isinstance(client.take(), Granted)

    def test_a_state_folder_that_is_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "state").write_text("")
        ini = write_ini(tmp_path / "licserver.ini", loopback_address())

        with pytest.raises(LicensingError, match=r"the state folder .* cannot be used: .*exists"):
            run_server(ini, tmp_path / "state", ProcessHost())


def test_what_a_server_writes_into_its_log_names_no_secret(
    server: ServerThread, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with server.client() as client:
        client.take()
        client.logout()
        secret = client.secret()

    assert "got retail" in caplog.text
    assert server.token not in caplog.text
    assert secret.hex() not in caplog.text

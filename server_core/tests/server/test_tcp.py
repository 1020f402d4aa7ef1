# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP 15200: what a client sends never brings it down, nor anybody else's connection."""

import contextlib
import logging
import socket
import time
from collections.abc import Callable

import pytest

from licserver.system import this_system
from licserver.wire.conversation import encode
from licserver.wire.messages import Freed, Granted, Hello, Renewed, Welcome
from server_core.tests.running import DEADLINE_SECONDS, ServerThread, eventually, refusal


def test_a_client_logs_in_renews_and_logs_out(server: ServerThread) -> None:
    with server.client() as client:
        granted = client.take()
        renewed, freed = client.renew(), client.logout()

    assert isinstance(renewed, Renewed)
    assert isinstance(freed, Freed)
    assert granted.lease == renewed.lease == freed.lease


def test_bytes_may_come_one_by_one(server: ServerThread) -> None:
    with server.client() as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in encode(Hello(id=1, versions=[1])):
            client.socket.sendall(bytes([byte]))

        assert isinstance(client.receive(), Welcome)


def test_several_requests_may_come_at_once(server: ServerThread) -> None:
    with server.client() as client:
        client.socket.sendall(b"".join(encode(Hello(id=number, versions=[1])) for number in range(100)))

        assert [getattr(client.receive(), "id", None) for _ in range(100)] == list(range(100))


def test_every_connection_has_its_own_challenge(server: ServerThread) -> None:
    with server.client() as one, server.client() as other:
        assert one.hello().challenge != other.hello().challenge


def test_a_lease_outlives_its_connection(server: ServerThread) -> None:
    with server.client() as client:
        client.take()
    with server.client() as again:
        again.private, again.granted = client.private, client.granted
        again.hello()

        assert isinstance(again.renew(), Renewed)


def test_a_lease_of_another_connection_is_safe(server: ServerThread) -> None:
    with server.client() as anna, server.client() as boris:
        lease = anna.take().lease
        boris.take("boris")

        assert refusal(boris.logout(lease=lease)) == "wrong_proof"
        assert isinstance(anna.renew(), Renewed)


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (encode(Hello(id=1, versions=[2])), "unknown_version"),
        (b'{"type":"renew","id":1,"lease":"l","sequence":1,"mac":"m"}\n', "hello_first"),
        (b"x" * 70_000, "too_long"),
    ],
)
def test_after_a_fatal_error_the_server_says_why_and_hangs_up(server: ServerThread, first: bytes, code: str) -> None:
    with server.client() as client:
        client.socket.sendall(first)

        assert refusal(client.receive()) == code
        assert client.receive() is None


def test_blank_lines_before_hello_end_the_connection_at_once(server: ServerThread) -> None:
    with server.client() as client:
        with contextlib.suppress(ConnectionError):
            client.socket.sendall(b"\n" * 256 * 1024)

        refused = 0
        while (answer := client.receive()) is not None:
            assert refusal(answer) == "bad_message"
            refused += 1
        assert refused <= 1


def test_garbage_does_not_disturb_others_and_leaves_no_traceback(
    server: ServerThread, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    garbage = [
        b"\0" * 100,
        b"GET / HTTP/1.1\r\n\r\n",
        b"[" * 60_000 + b"\n",
        b"\xff\xfe\n",
        b'{"id":1e999}\n',
        b"\n" * 999,
    ]
    with server.client() as anna:
        anna.take()
        for some in garbage:
            with server.client() as hostile:
                hostile.socket.sendall(some)
                if some.endswith(b"\n"):
                    assert refusal(hostile.receive()) == "bad_message"

        assert isinstance(anna.renew(), Renewed)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING or record.exc_info] == []


@pytest.mark.parametrize("proof", ["é", "Ж" * 10, "\0"])
def test_a_proof_that_is_no_text_of_a_proof_is_refused(server: ServerThread, proof: str) -> None:
    with server.client() as client:
        client.take()

        assert refusal(client.renew(mac=proof)) == "bad_message"
        assert isinstance(client.renew(), Renewed)


@pytest.mark.parametrize("sent", [b"", b"{", b"nonsense\n", b'{"type":"hello"}\n'])
def test_who_does_not_say_hello_in_time_is_cut_off(
    monkeypatch: pytest.MonkeyPatch, server: ServerThread, sent: bytes
) -> None:
    monkeypatch.setattr("licserver.server.tcp.HELLO_SECONDS", 0.05)
    with server.client() as client:
        client.socket.sendall(sent)

        eventually(lambda: client.receive() is None, "the server hangs up")


def test_who_said_hello_may_be_silent(monkeypatch: pytest.MonkeyPatch, server: ServerThread) -> None:
    monkeypatch.setattr("licserver.server.tcp.HELLO_SECONDS", 0.05)
    with server.client() as client:
        client.hello()
        time.sleep(0.15)  # three times the deadline: that nothing happens can only be waited for

        assert isinstance(client.login(), Granted)


def test_who_is_silent_for_longer_than_any_lease_lives_is_cut_off(
    monkeypatch: pytest.MonkeyPatch, server: ServerThread
) -> None:
    monkeypatch.setattr("licserver.server.tcp.HELLO_SECONDS", 0.05)
    monkeypatch.setattr("licserver.server.tcp.ACTIVE_SECONDS", 0.5)
    monkeypatch.setattr(server.server.desk.book, "idle_seconds", 0.0)
    with server.client() as client:
        client.take()
        for _ in range(4):
            time.sleep(0.1)  # twice what ends a client without hello: the silence itself is tested
            assert isinstance(client.renew(), Renewed)

        eventually(lambda: client.receive() is None, "the server hangs up")


def test_a_server_with_few_descriptors_serves_whom_it_has_room_for(
    make_server: Callable[..., ServerThread], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(type(this_system()), "raise_open_files", lambda _: 128)
    server = make_server().start()
    crowd = [socket.create_connection((server.address, 15200), timeout=DEADLINE_SECONDS) for _ in range(60)]
    for one in crowd:
        one.sendall(encode(Hello(id=1, versions=[1])))
    served = [one for one in crowd if answered(one)]
    assert len(served) == 16  # a quarter of the room, for one address
    for one in crowd:
        one.close()

    eventually(lambda: greeted(server), "there is room again")
    assert [record.levelname for record in caplog.records if record.levelno > logging.INFO] == ["WARNING"]


def answered(connection: socket.socket) -> bool:
    try:
        return bool(connection.recv(65536))
    except ConnectionError:
        return False


def greeted(server: ServerThread) -> bool:
    with server.client() as client, contextlib.suppress(OSError):
        return isinstance(client.ask(Hello(id=1, versions=[1])), Welcome)
    return False


def test_many_half_open_connections_do_not_keep_others_out(server: ServerThread) -> None:
    half_open = [socket.create_connection((server.address, 15200)) for _ in range(200)]
    with server.client() as client:
        assert isinstance(client.take(), Granted)
    for one in half_open:
        one.close()


def test_a_stop_lets_answers_out_and_closes_connections(server: ServerThread) -> None:
    with server.client() as client:
        client.take()
        server.stop()

        assert client.receive() is None

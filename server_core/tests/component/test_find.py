# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a component looks for its server."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from licserver.component.find import addresses, search
from licserver.component.transport import Address
from licserver.documents import ServerHere, seal
from licserver.sealing import Ed25519PrivateKey, encode_public
from licserver.system import this_system
from licserver.wire.discovery import read_question


class Responder:
    """Answers a search on 127.0.0.1, on a port of its own, as a test wants."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.signer = Ed25519PrivateKey.generate()
        self.questions = 0
        self.deaf_for = 0
        self.answers: list[tuple[int, Ed25519PrivateKey]] = [(15200, self.signer)]
        self.garbage: list[bytes] = []

    def run(self) -> None:
        while True:
            datagram, asker = self.socket.recvfrom(65536)
            question = read_question(datagram)
            if question is None:
                return
            self.questions += 1
            if self.questions <= self.deaf_for:
                continue
            for some in self.garbage:
                self.socket.sendto(some, asker)
            for port, signer in self.answers:
                public = encode_public(signer.public_key())
                here = ServerHere(nonce=question.nonce, server_id="s", name="n", port=port, session_public=public)
                self.socket.sendto(seal(here, signer).encode(), asker)


@pytest.fixture
def responder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Responder]:
    made = Responder()
    port = made.socket.getsockname()[1]
    monkeypatch.setattr("licserver.component.find.DISCOVERY_PORT", port)
    monkeypatch.setattr("licserver.component.find._ASK_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(type(this_system()), "broadcast_addresses", lambda _: [])
    thread = threading.Thread(target=made.run)
    thread.start()
    yield made
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
        last.sendto(b"stop", ("127.0.0.1", port))
    thread.join()
    made.socket.close()


def public_of(signer: Ed25519PrivateKey) -> str:
    return encode_public(signer.public_key())


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("*LOCAL", Address("127.0.0.1", 15200)),
        ("branch.example", Address("branch.example", 15200)),
        ("10.0.0.1:16000", Address("10.0.0.1", 16000)),
        ("[fd00::1]:16000", Address("fd00::1", 16000)),
    ],
)
def test_an_entry_stands_for_one_address(server: str, address: Address) -> None:
    assert list(addresses(server)) == [address]


def test_a_search_finds_who_answers(responder: Responder) -> None:
    assert list(addresses("*AUTO")) == [Address("127.0.0.1", 15200, public_of(responder.signer))]


def test_the_first_to_answer_comes_first_and_each_only_once(responder: Responder) -> None:
    second = Ed25519PrivateKey.generate()
    responder.answers = [(1, responder.signer), (2, second), (1, responder.signer)]

    assert [address.port for address in search(0.3)] == [1, 2]


def test_who_answered_too_is_not_forgotten_while_the_first_one_is_tried(responder: Responder) -> None:
    responder.answers = [(1, responder.signer), (2, Ed25519PrivateKey.generate())]
    found = search()
    next(found)
    time.sleep(0.2)  # it fell silent for longer than the search would have lasted

    assert [address.port for address in found] == [2]


def test_a_lost_datagram_is_asked_again(responder: Responder) -> None:
    responder.deaf_for = 2

    assert next(search()).port == 15200


def test_answers_that_make_no_sense_are_passed_over(responder: Responder) -> None:
    responder.garbage = [b"", b"\xff" * 100, b"a.b.c", seal_for("another question", responder.signer)]

    assert [address.port for address in search(0.3)] == [15200]


def seal_for(nonce: str, signer: Ed25519PrivateKey) -> bytes:
    here = ServerHere(nonce=nonce, server_id="s", name="n", port=666, session_public=public_of(signer))
    return seal(here, signer).encode()


def test_a_search_that_nobody_answers_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        monkeypatch.setattr("licserver.component.find.DISCOVERY_PORT", silent.getsockname()[1])

        assert list(search(0.05)) == []


def test_a_port_that_nobody_listens_on_is_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("licserver.component.find.DISCOVERY_PORT", 9)

    assert list(search(0.05)) == []


def test_a_network_that_is_down_does_not_keep_from_asking_the_others(
    responder: Responder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(this_system()), "broadcast_addresses", lambda _: [("240.0.0.1", "240.0.0.255")])

    assert next(search()).port == 15200

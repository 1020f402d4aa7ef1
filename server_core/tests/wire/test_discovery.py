# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Discovery: a question, an answer, and no amplification."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.documents import ServerHere, seal
from licserver.sealing import Ed25519PrivateKey, encode_public
from licserver.wire.discovery import QUESTION_BYTES, make_question, read_answer, read_question

SIGNER = Ed25519PrivateKey.generate()
NONCE = "n" * 43


def here(nonce: str = NONCE, **changes: str) -> ServerHere:
    names = {"server_id": "s" * 16, "name": "host", **changes}
    return ServerHere(nonce=nonce, port=15200, session_public=encode_public(SIGNER.public_key()), **names)


def padded(question: object) -> bytes:
    return json.dumps(question).encode().ljust(QUESTION_BYTES)


def test_a_question_is_understood() -> None:
    question = read_question(make_question(NONCE))

    assert question is not None
    assert question.nonce == NONCE


@given(st.text("abc-_019", max_size=64))
def test_every_question_has_the_same_length(nonce: str) -> None:
    assert len(make_question(nonce)) == QUESTION_BYTES


def test_the_answer_of_a_host_with_the_longest_name_is_not_longer_than_the_question() -> None:
    longest = here(nonce="n" * 64, name="h" * 64, server_id="s" * 16)

    assert len(seal(longest, SIGNER)) <= len(make_question("n" * 64)) == QUESTION_BYTES


def test_a_shorter_question_gets_no_answer() -> None:
    assert read_question(make_question(NONCE)[:-1]) is None
    assert read_question(json.dumps({"type": "seek", "versions": [1], "nonce": NONCE}).encode()) is None


@pytest.mark.parametrize(
    "question",
    [
        None,
        [],
        {},
        {"type": "seek"},
        {"type": "hello", "versions": [1], "nonce": NONCE},
        {"type": "seek", "versions": [2], "nonce": NONCE},
        {"type": "seek", "versions": [], "nonce": NONCE},
        {"type": "seek", "versions": [1], "nonce": "x" * 65},
        {"type": "seek", "versions": [1], "nonce": 1},
    ],
)
def test_anything_else_gets_no_answer(question: object) -> None:
    assert read_question(padded(question)) is None


@pytest.mark.parametrize("hostile", [b"[" * 60_000, b'{"type":"seek","x":' + b"[" * 60_000, b"\xff" * 2000])
def test_hostile_datagrams_get_no_answer(hostile: bytes) -> None:
    assert read_question(hostile) is None


@given(st.binary(min_size=QUESTION_BYTES, max_size=QUESTION_BYTES + 10) | st.binary())
def test_no_datagram_raises_anything(datagram: bytes) -> None:
    assert read_question(datagram) is None
    assert read_answer(datagram, NONCE) is None


def test_an_answer_says_who_is_there() -> None:
    assert read_answer(seal(here(), SIGNER).encode(), NONCE) == here()


def test_an_answer_to_another_question_is_none() -> None:
    assert read_answer(seal(here("other"), SIGNER).encode(), NONCE) is None


def test_an_answer_whose_name_would_write_lines_of_its_own_is_none() -> None:
    assert read_answer(seal(here(name="host\nok license"), SIGNER).encode(), NONCE) is None


def test_an_answer_that_is_not_signed_by_the_key_it_names_is_none() -> None:
    assert read_answer(seal(here(), Ed25519PrivateKey.generate()).encode(), NONCE) is None


@given(st.integers(0, len(seal(here(), SIGNER)) - 1), st.integers(0, 7))
def test_an_altered_answer_is_none(position: int, bit: int) -> None:
    answer = bytearray(seal(here(), SIGNER).encode())
    answer[position] ^= 1 << bit

    assert read_answer(bytes(answer), NONCE) is None

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversation: the same messages however the bytes arrive, and never an exception out of what a client sent."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.wire import WireError
from licserver.wire.conversation import MAX_BAD_MESSAGES, ClientConversation, ServerConversation, encode, failure
from licserver.wire.messages import (
    MAX_LINE_BYTES,
    AnyRequest,
    Failed,
    Granted,
    Hello,
    Login,
    Logout,
    Renew,
    Renewed,
    Request,
    Welcome,
)
from server_core.tests.seats.helpers import holder_of

HELLO = Hello(id=1, versions=[1])
LOGIN = Login(id=2, product="retail", nonce="n", holder=holder_of("anna", user="Анна"), client_proof="")
RENEW = Renew(id=3, lease="l", sequence=1, mac="m")
LOGOUT = Logout(id=4, lease="l", sequence=2, mac="m")
VALID = b"".join(map(encode, (HELLO, LOGIN, RENEW, LOGOUT)))
HOSTILE_LINES = [
    b"",
    b"\r",
    b"null",
    b"[]",
    b"{}",
    b"\xff\xfe",
    b'{"type":"hello","id":5,"versions":[1],"software":"\xff"}',
    b'{"type":"hello"}',
    b'{"type":"unheard","id":6}',
    b'{"type":"renew","id":"7","lease":"l","sequence":1,"mac":"m"}',
    b'{"type":"renew","id":8,"lease":["l"],"sequence":-1,"mac":"m"}',
    b'{"type":"renew","id":' + b"9" * 400 + b',"lease":"l","sequence":1,"mac":"m"}',
    b'{"type":"renew","id":9,"lease":"' + b"x" * 65 + b'","sequence":1,"mac":"m"}',
    b'{"type":"login","id":10,"product":"../x","nonce":"n","holder":{}}',
    b'{"type":"login","id":11,"x":' + b"[" * 20_000,
    b'{"type":"login","id":12,"x":"\\ud800"}',
    b'{"id":-1}',
    b"GET / HTTP/1.1",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
]

lines = st.one_of(
    st.sampled_from([encode(message)[:-1] for message in (HELLO, LOGIN, RENEW, LOGOUT)]),
    st.sampled_from([encode(Hello(id=5, versions=[99]))[:-1], b"x" * (MAX_LINE_BYTES + 7), b"x" * MAX_LINE_BYTES]),
    st.sampled_from(HOSTILE_LINES),
    st.binary(max_size=60).map(lambda line: line.replace(b"\n", b"")),
)
streams = st.lists(lines, max_size=8).map(lambda some: b"".join(line + b"\n" for line in some))


def received(conversation: ServerConversation, data: bytes) -> list[AnyRequest | WireError]:
    """What comes out of a conversation for some bytes."""
    conversation.feed(data)
    return list(iter(conversation.next, None))


def understood(chunks: list[bytes]) -> list[tuple[object, ...]]:
    """What a server understands of the chunks, in words that can be compared."""
    conversation = ServerConversation()
    messages = [message for chunk in chunks for message in received(conversation, chunk)]
    return [(one.code, one.request, one.fatal) if isinstance(one, WireError) else (one,) for one in messages]


def errors(data: bytes) -> list[WireError]:
    return [message for message in received(ServerConversation(), data) if isinstance(message, WireError)]


def test_a_whole_conversation_is_understood() -> None:
    assert received(ServerConversation(), VALID) == [HELLO, LOGIN, RENEW, LOGOUT]


@given(st.lists(st.integers(0, len(VALID)), max_size=20))
def test_messages_are_the_same_however_the_bytes_arrive(cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), len(VALID)]
    chunks = [VALID[start:end] for start, end in itertools.pairwise(bounds)]

    assert understood(chunks) == understood([VALID]) == [(HELLO,), (LOGIN,), (RENEW,), (LOGOUT,)]


@given(streams, st.data())
def test_hostile_bytes_too_are_the_same_however_they_arrive(stream: bytes, data: st.DataObject) -> None:
    cut = st.integers(0, len(stream))
    bounds = [0, *sorted(data.draw(st.lists(cut, max_size=10))), len(stream)]
    chunks = [stream[start:end] for start, end in itertools.pairwise(bounds)]

    assert understood(chunks) == understood([stream])


@given(st.lists(st.binary()))
def test_no_bytes_raise_anything(chunks: list[bytes]) -> None:
    understood(chunks)


@given(st.integers(0, len(VALID) - 1), st.binary(min_size=1, max_size=4))
def test_no_altered_conversation_raises_anything(position: int, replacement: bytes) -> None:
    understood([VALID[:position] + replacement + VALID[position + len(replacement) :]])


@pytest.mark.parametrize("line", HOSTILE_LINES)
def test_a_line_that_makes_no_sense_is_answered_and_the_next_one_understood(line: bytes) -> None:
    after_hello = received(ServerConversation(), encode(HELLO) + line + b"\n" + encode(RENEW))

    assert [type(message) for message in after_hello] == [Hello, WireError, Renew]
    assert isinstance(after_hello[1], WireError)
    assert (after_hello[1].code, after_hello[1].fatal) == ("bad_message", False)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        (b'{"type":"unheard","id":6}', 6),
        (b'{"type":"login","id":12}', 12),
        (b'{"id":-1}', 0),
        (b'{"id":"6"}', 0),
        (b'{"id":9007199254740992}', 0),
        (b"nonsense", 0),
    ],
)
def test_the_answer_to_a_senseless_line_carries_its_number_where_it_has_one(line: bytes, number: int) -> None:
    (error,) = errors(line + b"\n")

    assert failure(error) == Failed(id=number, code="bad_message", message=error.message)


def test_what_is_quoted_of_a_senseless_line_is_short_and_one_line() -> None:
    conversation = ServerConversation()
    conversation.feed(encode(Hello(id=1, versions=[1])) + b'{"type":"a\\n' + b"x" * 9000 + b'","id":1}\n')
    conversation.next()

    error = conversation.next()

    assert isinstance(error, WireError)
    assert len(error.message) <= 256
    assert error.message.isprintable()


def test_fields_of_a_later_version_are_passed_over() -> None:
    line = b'{"type":"hello","id":1,"versions":[1,2],"color":{"deep":[]}}\n'

    (hello,) = received(ServerConversation(), line)

    assert hello == Hello(id=1, versions=[1, 2])


@pytest.mark.parametrize("first", [LOGIN, RENEW, LOGOUT])
def test_the_first_message_is_hello(first: Request) -> None:
    (error,) = errors(encode(first) + encode(HELLO))

    assert (error.code, error.request, error.fatal) == ("hello_first", first.id, True)


@pytest.mark.parametrize("line", HOSTILE_LINES)
def test_a_line_that_makes_no_sense_before_hello_ends_the_conversation(line: bytes) -> None:
    (error,) = errors(line + b"\n" + VALID)

    assert (error.code, error.fatal) == ("bad_message", True)


def test_a_client_that_wants_tls_is_told_at_once_that_there_is_none() -> None:
    (error,) = errors(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")

    assert (error.code, error.fatal) == ("bad_message", True)
    assert "does not speak TLS" in error.message


def test_too_many_lines_that_make_no_sense_end_the_conversation() -> None:
    found = errors(encode(HELLO) + (b"\n" + encode(RENEW)) * (MAX_BAD_MESSAGES + 5))

    assert [error.fatal for error in found] == [False] * (MAX_BAD_MESSAGES - 1) + [True]


def test_requests_may_be_taken_one_by_one() -> None:
    conversation = ServerConversation()
    conversation.feed(VALID)

    assert [conversation.next() for _ in range(5)] == [HELLO, LOGIN, RENEW, LOGOUT, None]


@pytest.mark.parametrize("versions", [[], [0], [2, 99], [-1]])
def test_versions_that_this_server_does_not_speak_end_the_conversation(versions: list[int]) -> None:
    (error,) = errors(encode(Hello(id=7, versions=versions)) + encode(HELLO))

    assert (error.code, error.request, error.fatal) == ("unknown_version", 7, True)
    assert "the versions [1]" in error.message


def test_among_many_versions_one_that_both_speak_is_enough() -> None:
    assert errors(encode(Hello(id=1, versions=[9, 1]))) == []


def test_a_line_may_be_as_long_as_the_limit() -> None:
    hello = encode(HELLO)[:-1]

    assert received(ServerConversation(), hello + b" " * (MAX_LINE_BYTES - len(hello) - 1) + b"\n") == [HELLO]


@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_longer_line_ends_the_conversation(end: bytes) -> None:
    (error,) = errors(b" " * MAX_LINE_BYTES + end + encode(HELLO) * (end == b"\n"))

    assert (error.code, error.fatal) == ("too_long", True)


def test_after_the_end_of_a_conversation_nothing_more_is_understood() -> None:
    conversation = ServerConversation()
    assert len(received(conversation, encode(LOGIN))) == 1

    assert received(conversation, VALID) == []


def test_a_line_without_end_never_takes_more_memory_than_the_limit() -> None:
    conversation = ServerConversation()

    found = [message for _ in range(100) for message in received(conversation, b"x" * 4096)]

    assert [getattr(message, "code", None) for message in found] == ["too_long"]


def test_a_client_numbers_its_requests() -> None:
    conversation = ClientConversation()

    assert [conversation.next_id() for _ in range(3)] == [1, 2, 3]


def test_a_client_understands_answers() -> None:
    welcome = Welcome(id=1, version=1, server_id="s", name="n", challenge="c", session_public="p", exchange_public="e")
    renewed = Renewed(id=2, lease="l", sequence=1, active_seconds=600, mac="m")

    assert list(ClientConversation().receive(encode(welcome) + encode(renewed))) == [welcome, renewed]


@pytest.mark.parametrize("data", [b"HTTP/1.1 400 Bad Request\r\n", b"\xff\n", b"x" * MAX_LINE_BYTES])
def test_a_client_says_that_something_else_answers(data: bytes) -> None:
    with pytest.raises(WireError):
        list(ClientConversation().receive(data))


@given(st.binary())
def test_for_a_client_every_answer_is_understood_or_one_error(data: bytes) -> None:
    try:
        answers = list(ClientConversation().receive(data + b"\n"))
    except WireError:
        return

    assert answers


requests: st.SearchStrategy[AnyRequest] = st.one_of(
    st.builds(Hello, id=st.integers(0, 2**53 - 1), versions=st.lists(st.integers(-5, 5), max_size=32)),
    st.builds(
        Renew,
        id=st.integers(0, 2**53 - 1),
        lease=st.from_regex(r"[A-Za-z0-9_-]{0,64}", fullmatch=True),
        sequence=st.integers(0, 2**53 - 1),
        mac=st.from_regex(r"[A-Za-z0-9_-]{0,64}", fullmatch=True),
    ),
)


@given(requests)
def test_every_request_comes_back_from_its_line(request: AnyRequest) -> None:
    line = encode(request)

    assert line.count(b"\n") == 1
    assert msgspec.json.decode(line, type=AnyRequest) == request


def test_a_grant_fits_in_a_line() -> None:
    granted = Granted(id=1, lease="l", active_seconds=600, grant="g", certificate="c", license="l" * 48 * 1024)

    assert list(ClientConversation().receive(encode(granted))) == [granted]

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversation on TCP 15200, without I/O: bytes in, messages out, and the other way round.

One JSON object a line, UTF-8, at most 64 KiB. The server's side never raises out of what a client sent: what cannot
be understood comes out as a :class:`licserver.wire.WireError` to be answered, and ends the conversation only where the
next message could not be found. docs/protocol.md, "The conversation".
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

from licserver.wire import WireError
from licserver.wire.messages import (
    MAX_LINE_BYTES,
    PROTOCOL_VERSIONS,
    Answer,
    AnyAnswer,
    AnyRequest,
    Failed,
    Hello,
    Request,
)

Message = TypeVar("Message")

_encoder = msgspec.json.Encoder()


class LineReader(Generic[Message]):
    """Cuts a stream into lines and each line into a message."""

    def __init__(self, decoder: "msgspec.json.Decoder[Message]") -> None:
        self._decoder = decoder
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message | WireError]:
        """The messages that ``data`` completes, in order; after a fatal error nothing more comes."""
        self._buffer += data
        start = 0
        while (end := self._buffer.find(b"\n", start)) >= 0:
            line = bytes(self._buffer[start:end])
            start = end + 1
            yield self._message(line) if len(line) < MAX_LINE_BYTES else _too_long()
        del self._buffer[:start]
        if len(self._buffer) >= MAX_LINE_BYTES:
            self._buffer.clear()
            yield _too_long()

    def _message(self, line: bytes) -> Message | WireError:
        try:
            return self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return WireError("bad_message", f"the message cannot be understood: {error}", request=_request_id(line))


class ServerConversation:
    """The server's side of one connection."""

    def __init__(self) -> None:
        self._lines = LineReader(msgspec.json.Decoder(AnyRequest))
        self._greeted = False

    def receive(self, data: bytes) -> Iterator[AnyRequest | WireError]:
        """The requests that ``data`` completes. A request before hello, and a hello that names no version
        that this server speaks, are fatal errors."""
        for message in self._lines.feed(data):
            if isinstance(message, WireError):
                yield message
                if message.fatal:
                    return
            elif isinstance(message, Hello):
                if not set(message.versions) & set(PROTOCOL_VERSIONS):
                    yield WireError(
                        "unknown_version",
                        f"this server speaks the versions {list(PROTOCOL_VERSIONS)} of the protocol",
                        request=message.id,
                        fatal=True,
                    )
                    return
                self._greeted = True
                yield message
            elif not self._greeted:
                yield WireError("hello_first", "the first message must be hello", request=message.id, fatal=True)
                return
            else:
                yield message


class ClientConversation:
    """The client's side: numbers its requests and finds their answers."""

    def __init__(self) -> None:
        self._lines = LineReader(msgspec.json.Decoder(AnyAnswer))
        self._last_id = 0

    def next_id(self) -> int:
        """The number for the next request."""
        self._last_id += 1
        return self._last_id

    def receive(self, data: bytes) -> Iterator[AnyAnswer]:
        """The answers that ``data`` completes.

        :raises WireError: what came is not this protocol.
        """
        for message in self._lines.feed(data):
            if isinstance(message, WireError):
                raise message
            yield message


def encode(message: Request | Answer) -> bytes:
    """A message as it goes over the wire, line end included."""
    return _encoder.encode(message) + b"\n"


def failure(error: WireError) -> Failed:
    """The answer to a message that could not be understood."""
    return Failed(id=error.request, code=error.code, message=error.message)


def _too_long() -> WireError:
    return WireError("too_long", f"a message has at most {MAX_LINE_BYTES} bytes", fatal=True)


class _Numbered(msgspec.Struct):
    id: int = 0


def _request_id(line: bytes) -> int:
    try:
        number = msgspec.json.decode(line, type=_Numbered).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return 0
    return number if 0 <= number < 2**53 else 0

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
        self._ended = False

    def feed(self, data: bytes) -> Iterator[Message | WireError]:
        """The messages that ``data`` completes, in order; after a line that is too long nothing more comes."""
        if self._ended:
            return
        self._buffer += data
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            if len(line) >= MAX_LINE_BYTES:
                yield self._too_long()
                return
            yield self._message(line)
        if len(self._buffer) >= MAX_LINE_BYTES:
            yield self._too_long()

    def end(self) -> None:
        """Understand nothing more, not even what came already."""
        self._ended = True
        self._buffer.clear()

    def _message(self, line: bytes) -> Message | WireError:
        try:
            return self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return WireError("bad_message", f"the message cannot be understood: {error}", request=_request_id(line))

    def _too_long(self) -> WireError:
        self.end()
        return WireError("too_long", f"a message has at most {MAX_LINE_BYTES} bytes", fatal=True)


class ServerConversation:
    """The server's side of one connection."""

    def __init__(self) -> None:
        self._lines = LineReader(msgspec.json.Decoder(AnyRequest))
        self._greeted = False

    def receive(self, data: bytes) -> Iterator[AnyRequest | WireError]:
        """The requests that ``data`` completes. A request before hello, and a hello that names no version
        that this server speaks, are fatal errors: nothing comes after them."""
        for message in self._lines.feed(data):
            error = message if isinstance(message, WireError) else self._objection(message)
            if error is not None and error.fatal:
                self._lines.end()
            yield error or message

    def _objection(self, request: AnyRequest) -> WireError | None:
        if isinstance(request, Hello):
            self._greeted = bool(set(request.versions) & set(PROTOCOL_VERSIONS))
            known = f"this server speaks the versions {list(PROTOCOL_VERSIONS)} of the protocol"
            return None if self._greeted else WireError("unknown_version", known, request=request.id, fatal=True)
        if not self._greeted:
            return WireError("hello_first", "the first message must be hello", request=request.id, fatal=True)
        return None


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


class _Numbered(msgspec.Struct):
    id: int = 0


def _request_id(line: bytes) -> int:
    try:
        number = msgspec.json.decode(line, type=_Numbered).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return 0
    return number if 0 <= number < 2**53 else 0

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversation on TCP 15200, without I/O: bytes in, messages out, and the other way round.

One JSON object a line, UTF-8, at most 64 KiB. The server's side never raises out of what a client sent: what cannot
be understood comes out as a :class:`licserver.wire.WireError` to be answered, and ends the conversation where the next
message could not be found or the client shows that it does not speak this protocol. docs/protocol.md, "The
conversation".
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

from licserver.seats.holder import as_label
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

MAX_BAD_MESSAGES = 16
"""With the last of so many lines that are no request, a connection ends."""

_TLS_HANDSHAKE = b"\x16\x03"
"""How a client begins that wants TLS; it would wait for the end of a line that never comes."""

Message = TypeVar("Message")

_encoder = msgspec.json.Encoder()
_requests = msgspec.json.Decoder(AnyRequest)
_answers = msgspec.json.Decoder(AnyAnswer)


class LineReader(Generic[Message]):
    """Cuts a stream into lines and each line into a message."""

    def __init__(self, decoder: "msgspec.json.Decoder[Message]") -> None:
        self._decoder = decoder
        self._buffer = bytearray()
        self._ended = False

    def feed(self, data: bytes) -> None:
        """Take in what came."""
        if not self._ended:
            self._buffer += data

    @property
    def unread(self) -> int:
        """How many bytes came that :meth:`next` has not taken."""
        return len(self._buffer)

    def next(self) -> Message | WireError | None:
        """The next message, or ``None`` until more bytes come; after a line that is too long there is none."""
        end = self._buffer.find(b"\n")
        length = len(self._buffer) if end < 0 else end
        if length >= MAX_LINE_BYTES:
            self.end()
            return WireError("too_long", f"a message has at most {MAX_LINE_BYTES} bytes", fatal=True)
        if end < 0:
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return self._message(line)

    def begins_with(self, start: bytes) -> bool:
        """Whether what came and was not cut into a line yet begins so."""
        return self._buffer.startswith(start)

    def end(self) -> None:
        """Understand nothing more, not even what came already."""
        self._ended = True
        self._buffer.clear()

    def _message(self, line: bytes) -> Message | WireError:
        try:
            return self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            problem = as_label(f"the message cannot be understood: {error}")  # in which the message may be quoted
            return WireError("bad_message", problem, request=_request_id(line))


class ServerConversation:
    """The server's side of one connection."""

    def __init__(self) -> None:
        self._lines = LineReader(_requests)
        self._greeted = False
        self._bad_messages = 0

    def feed(self, data: bytes) -> None:
        """Take in what came."""
        self._lines.feed(data)

    @property
    def unread(self) -> int:
        """How many bytes came that :meth:`next` has not taken."""
        return self._lines.unread

    def next(self) -> AnyRequest | WireError | None:
        """The next request, or ``None`` until more bytes come.

        Anything but a request before hello, a hello that names no version that this server speaks, and too many lines
        that are no request are fatal errors: nothing comes after them.
        """
        if not self._greeted and self._lines.begins_with(_TLS_HANDSHAKE):
            self._lines.end()
            return WireError("bad_message", "this server does not speak TLS (TLS=0)", fatal=True)
        message = self._lines.next()
        if message is None:
            return None
        error = self._judged(message) if isinstance(message, WireError) else self._objection(message)
        if error is not None and error.fatal:
            self._lines.end()
        return error or message

    def _judged(self, error: WireError) -> WireError:
        self._bad_messages += 1
        error.fatal = error.fatal or not self._greeted or self._bad_messages >= MAX_BAD_MESSAGES
        return error

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
        self._lines = LineReader(_answers)
        self._last_id = 0

    def next_id(self) -> int:
        """The number for the next request."""
        self._last_id += 1
        return self._last_id

    def receive(self, data: bytes) -> Iterator[AnyAnswer]:
        """The answers that ``data`` completes.

        :raises WireError: what came is not this protocol.
        """
        self._lines.feed(data)
        while (message := self._lines.next()) is not None:
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

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""UDP 15200: who is there? Pure. docs/protocol.md, "Discovery".

The question is never shorter than the answer, so that nobody can use a server to flood somebody else.
"""

import msgspec

from licserver.documents import DocumentError, ServerHere, open_self_signed
from licserver.seats.holder import Token
from licserver.wire.messages import PROTOCOL_VERSIONS

QUESTION_BYTES = 1024


class Question(msgspec.Struct, tag_field="type", tag="seek", kw_only=True):
    """A client asks which license servers there are."""

    versions: list[int]
    nonce: Token
    padding: str = ""


def make_question(nonce: str) -> bytes:
    """The datagram with which a client asks."""
    bare = len(msgspec.json.encode(Question(versions=list(PROTOCOL_VERSIONS), nonce=nonce)))
    padding = " " * (QUESTION_BYTES - bare)
    return msgspec.json.encode(Question(versions=list(PROTOCOL_VERSIONS), nonce=nonce, padding=padding))


def read_question(datagram: bytes) -> Question | None:
    """The question in a datagram, or ``None``: whatever else it is gets no answer."""
    if len(datagram) < QUESTION_BYTES:
        return None
    try:
        question = msgspec.json.decode(datagram, type=Question)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return question if set(question.versions) & set(PROTOCOL_VERSIONS) else None


def read_answer(datagram: bytes, nonce: str) -> ServerHere | None:
    """The server that answered; ``None`` for anything that is no answer to this question."""
    try:
        here = open_self_signed(datagram.decode("ascii", "replace"), ServerHere)
    except DocumentError:
        return None
    return here if here.nonce == nonce else None

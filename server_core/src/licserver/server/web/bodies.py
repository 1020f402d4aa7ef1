# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent to the JSON API."""

from typing import Any, Literal, TypeVar

import anyio
import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request

from licserver.documents import MAX_DOCUMENT_CHARS

BODY_SECONDS = 10.0

Content = TypeVar("Content")


class AnswerFile(msgspec.Struct, forbid_unknown_fields=True):
    """An answer of the activation center, as it came in a file."""

    text: str


class Update(msgspec.Struct, forbid_unknown_fields=True):
    """The vendor's update of a hardware key, as it was pasted."""

    text: str


class NewKit(msgspec.Struct, forbid_unknown_fields=True):
    """A vendor's kit, as he delivers it."""

    kit: dict[str, Any]


class PhoneAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """An answer of the activation center, as it was told by telephone."""

    key_number: str
    blocks: str


class Check(msgspec.Struct, forbid_unknown_fields=True):
    """What may follow the address of what changes something: ``?check=true`` only tells what would change."""

    check: Literal["true", "false"] = "false"


class Removal(Check, forbid_unknown_fields=True):
    """What may follow the address of a key that is removed: ``?purge=true`` leaves no copy of its file."""

    purge: Literal["true", "false"] = "false"


def only_check(request: Request) -> bool:
    """Whether nothing is to be changed."""
    return msgspec.convert(dict(request.query_params), Check).check == "true"


async def read_json(request: Request, kind: type[Content]) -> Content:
    """What a request carries.

    :raises HTTPException: it is no JSON, too large or too slow.
    :raises msgspec.MsgspecError: it is not what belongs there.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "the request must be application/json")
    body = bytearray()
    try:
        with anyio.fail_after(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_DOCUMENT_CHARS:
                    raise HTTPException(413, "the request is too large")
    except TimeoutError:
        raise HTTPException(408, "the request did not come in time", {"Connection": "close"}) from None
    try:
        return msgspec.json.decode(body, type=kind)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error

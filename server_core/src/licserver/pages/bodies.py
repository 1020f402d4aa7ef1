# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a browser sends along: forms and files, as much as is allowed and no more.

Everything is read into memory, bounded in size and time, before anything looks into it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

BODY_SECONDS = 30
"""What has not arrived within this time is given up."""
MAX_FORM_BYTES = 256 * 1024
MAX_FIELDS = 200


@dataclass(frozen=True)
class Form:
    """What somebody filled in.

    :ivar files: name of the field to the content; those left empty are not in it.
    """

    fields: Mapping[str, str]
    files: Mapping[str, bytes]

    def text(self, name: str) -> str:
        """What was typed into a field, without spaces around it; empty where the form has none of that name."""
        return self.fields.get(name, "").strip()


async def read_body(request: Request, most: int) -> bytes:
    """All that a request carries.

    :raises HTTPException: 413: more than ``most`` bytes; 408: too slow.
    """
    try:
        return await asyncio.wait_for(_read(request, most), BODY_SECONDS)
    except asyncio.TimeoutError as error:
        raise HTTPException(408, f"the request took longer than {BODY_SECONDS} seconds to arrive") from error
    except ClientDisconnect as error:
        raise HTTPException(408, "the connection was closed before the request was whole") from error


async def read_form(request: Request) -> Form:
    """The form that a request carries; an empty one where it carries something else.

    :raises HTTPException: 400: the form is damaged, or in no character set for text; 413: too large; 408: too slow.
    """
    body = await read_body(request, MAX_FORM_BYTES)
    try:
        return await _parse(request, body)
    except UnicodeError as error:
        raise HTTPException(400, "the form must be in UTF-8") from error


async def _parse(request: Request, body: bytes) -> Form:
    """:raises UnicodeError: the sender chose a character set in which something is no text."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    whole = Request(request.scope, receive)
    async with whole.form(max_files=4, max_fields=MAX_FIELDS, max_part_size=MAX_FORM_BYTES) as form:
        for name, value in form.multi_items():
            if not isinstance(value, UploadFile):
                fields[name] = value.replace("\0", "").encode().decode()  # no database takes a NUL or half a character
            elif content := await value.read():
                files[name] = content
    return Form(fields, files)


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Whether a page of another server has the browser send this; a program that is no browser does not say."""
    site, origin = headers.get("sec-fetch-site", "none"), headers.get("origin")
    host = headers.get("host", "").lower()
    return site not in ("same-origin", "none") or (origin is not None and origin.partition("://")[2].lower() != host)


def refuse_foreign(request: Request) -> None:
    """Let through what a program, or a browser on a page of this server, sends.

    :raises HTTPException: 403: a page of another server has the browser change something.
    """
    if is_foreign(request.headers):
        raise HTTPException(403, "a page of another server may not change anything here")


async def _read(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise HTTPException(413, f"at most {most // 1024} KiB are taken")
    return bytes(body)

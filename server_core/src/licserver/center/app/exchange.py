# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where whoever carries a request file gives it in and takes the answer away. docs/specification.md, section 5.

Nobody signs in here: the request proves itself, and its answer is of use only to the server that made it.
"""

import codecs
import re
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from licserver.activation.carried import read_request, write_answer
from licserver.activation.packs import REQUEST_TITLE as PACK_REQUEST_TITLE
from licserver.activation.requests import REQUEST_TITLE
from licserver.armor import dearmor
from licserver.center import CenterError
from licserver.center.acting import Actor
from licserver.center.app.refusals import note_fault, status_of, wants_page
from licserver.center.app.throttle import peer
from licserver.center.app.words import explain
from licserver.center.issuing import Issuer
from licserver.center.settings import Settings
from licserver.documents import ActivationRequest, DocumentError, License, PackRequest, document_kind, read_unchecked
from licserver.errors import LicensingError
from licserver.pages.bodies import MAX_FORM_BYTES, read_body, read_form
from licserver.pages.rendering import Pages

_TITLE = re.compile(rf"^(?:{REQUEST_TITLE}|{PACK_REQUEST_TITLE})\s*$", re.MULTILINE)
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


@dataclass(frozen=True)
class Answered:
    """A request that was granted.

    :ivar request: its text, by which the answer can be had again.
    :ivar text: of the answer's file.
    """

    request: str
    text: str
    license: License
    file_name: str


class Exchange:
    """The exchange page of one center."""

    def __init__(self, pages: Pages, issuer: Issuer, settings: Settings) -> None:
        self._pages = pages
        self._issuer = issuer
        self._settings = settings

    async def show(self, request: Request) -> Response:
        """What this is, and the form."""
        return self._pages.page(request, "exchange.html", problem=None, url=self._settings.url)

    async def answer(self, request: Request) -> Response:
        """A request file, uploaded, pasted or as the body; its answer on a page, or as a file."""
        save = not wants_page(request)
        given = b""
        try:
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() in _FORMS:
                form = await read_form(request)
                save = save or bool(form.text("save"))
                given = form.files.get("file") or form.text("text").encode()
            else:
                given = await read_body(request, MAX_FORM_BYTES)
            answered = await run_in_threadpool(self._answer, decode(given), Actor("exchange", peer(request) or None))
        except LicensingError as error:
            if not wants_page(request):
                raise
            note_fault(error)
            about = _named_in(decode(given))
            problem = explain(error, self._pages.texts(request), about)
            return self._pages.page(request, "exchange.html", status_of(error), problem=problem, url=self._settings.url)
        if save:
            disposition = f'attachment; filename="{answered.file_name}"'
            return PlainTextResponse(
                answered.text, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"}
            )
        return self._pages.page(request, "answered.html", answered=answered)

    def _answer(self, text: str, by: Actor) -> Answered:
        if not text.strip():
            raise CenterError(
                "nothing_given", "no request was given", hint="Choose the request file, or paste its text"
            )
        token = _token(text)
        answer = self._issuer.answer(token, by)
        license = read_unchecked(answer, License)
        name = "+".join(_named_in(text).values())
        return Answered(text, write_answer(answer), license, f"{name}.answer")


def decode(content: bytes) -> str:
    """The request in a file, however an editor saved it and whatever letter stands before it."""
    text = _decode(content)
    begin = _TITLE.search(text)
    return text[begin.start() :] if begin else text


def _decode(content: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    return content.decode(errors="replace")


def _token(text: str) -> str:
    try:
        return read_request(text)
    except DocumentError as error:
        try:
            blocks = dearmor(text)
        except DocumentError:
            raise error from None
        if "LICENSE" in blocks and "REQUEST" not in blocks:
            raise CenterError(
                "no_request",
                "this is an answer or a key, not a request",
                hint="Load an answer on the server that made the request",
            ) from error
        raise


def _named_in(text: str) -> dict[str, str]:
    """What a request is about, as far as it can be read."""
    try:
        token = read_request(text)
        if document_kind(token) == PackRequest.kind:
            wanted = read_unchecked(token, PackRequest)
            return {"pack": wanted.pack, "key_number": wanted.key_number}
        return {"key_number": read_unchecked(token, ActivationRequest).key_number}
    except DocumentError:
        return {}

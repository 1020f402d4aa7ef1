# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API for license servers. docs/protocol.md, "Activation center"."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from licserver.center.acting import Actor
from licserver.center.app.throttle import peer
from licserver.center.database import Database
from licserver.center.issuing import Issuer
from licserver.documents import MAX_DOCUMENT_CHARS, DocumentError
from licserver.pages.bodies import read_body

ACTIVATIONS_PATH = "/api/v1/activations"


class Api:
    """The routes of one center for programs."""

    def __init__(self, issuer: Issuer, database: Database) -> None:
        self._issuer = issuer
        self._database = database

    async def activate(self, request: Request) -> Response:
        """A signed request in the body; the signed license, or why there is none."""
        body = await read_body(request, MAX_DOCUMENT_CHARS)
        try:
            token = body.decode("ascii").strip()
        except UnicodeDecodeError as error:
            raise DocumentError("this is not a signed document", hint="Send the request as it was made") from error
        by = Actor("api", peer(request) or None)
        return PlainTextResponse(await run_in_threadpool(self._issuer.answer, token, by))

    async def health(self, request: Request) -> Response:
        """Can the center answer requests now?"""
        await run_in_threadpool(self._database.check)
        return JSONResponse({"status": "ok"})

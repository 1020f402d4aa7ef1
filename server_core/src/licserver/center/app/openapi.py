# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API of a center for programs, as an OpenAPI document. The same text lies in ``docs/center-openapi.json``."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from licserver.center.app.api import ACTIVATIONS_PATH
from licserver.documents import MAX_DOCUMENT_CHARS
from licserver.pages.bodies import MAX_FORM_BYTES

OPENAPI_PATH = "/api/v1/openapi.json"

_JUDGED: Mapping[str, Sequence[str]] = {
    "400": ("bad_document", "foreign_request"),
    "403": ("wrong_pin", "wrong_password"),
    "404": ("unknown_key", "unknown_pack"),
    "408": ("too_slow",),
    "409": (
        "already_activated",
        "incomplete_facts",
        "key_expired",
        "key_not_activated",
        "other_computer",
        "pack_spent",
        "pin_spent",
        "pins_exhausted",
        "request_conflict",
        "wrong_counters",
        "wrong_product",
    ),
    "413": ("too_large",),
    "429": ("too_many_attempts", "too_many_requests"),
    "500": ("internal_error",),
    "503": ("database_unavailable", "token_unusable"),
}
_COUNTED: Mapping[str, Sequence[str]] = {"429": ("too_many_requests",)}
_MEANING: Mapping[str, str] = {
    "400": "This is no signed request, or it was made for another vendor.",
    "403": "The PIN or the password is wrong. Or a page of another site had a browser send this.",
    "404": "There is no such key, pack or address.",
    "408": "It did not arrive in time.",
    "409": "The request is refused; the code says why, and docs/protocol.md whether for good.",
    "413": "It is too large.",
    "429": "Too many wrong PINs of a key or passwords of a pack, or too many requests of an address.",
    "500": "The center failed; nothing was spent.",
    "503": "The center cannot reach its database, or the token with its signing key; nothing was spent.",
}


def openapi() -> dict[str, Any]:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Activation center",
            "version": "1",
            "description": "Where license servers get their licenses. Documents are signed (docs/documents.md): the"
            " same request always gets the same answer, so whatever was not answered may be sent again.",
        },
        "paths": {
            ACTIVATIONS_PATH: {
                "post": {
                    "operationId": "activate",
                    "summary": "A key's activation, or a pack's",
                    "requestBody": {
                        "required": True,
                        "description": "An activation request or a pack request, as a signed document.",
                        "content": {"text/plain": {"schema": _text(MAX_DOCUMENT_CHARS)}},
                    },
                    "responses": {"200": _granted("The license, as a signed document."), **_refused(_JUDGED)},
                }
            },
            "/exchange": {
                "post": {
                    "operationId": "exchange",
                    "summary": "The same for a request file",
                    "description": "Without `Accept: text/html` the answer is a file, and a refusal JSON.",
                    "requestBody": {
                        "required": True,
                        "description": "A request file, as it is or in a form.",
                        "content": {
                            "text/plain": {"schema": _text(MAX_FORM_BYTES)},
                            "application/octet-stream": {"schema": _text(MAX_FORM_BYTES)},
                            "multipart/form-data": {"schema": _form(file={"type": "string", "format": "binary"})},
                            "application/x-www-form-urlencoded": {"schema": _form()},
                        },
                    },
                    "responses": {
                        "200": _granted("The answer file."),
                        **_refused({**_JUDGED, "409": (*_JUDGED["409"], "no_request", "nothing_given")}),
                    },
                }
            },
            "/healthz": {
                "get": {
                    "operationId": "health",
                    "summary": "Can the center answer requests now?",
                    "responses": {
                        "200": {
                            "description": "It can.",
                            "content": {"application/json": {"schema": {"const": {"status": "ok"}}}},
                        },
                        **_refused({**_COUNTED, "503": _JUDGED["503"]}),
                    },
                }
            },
            OPENAPI_PATH: {
                "get": {
                    "operationId": "openapi",
                    "summary": "This document",
                    "responses": {
                        "200": {"description": "It.", "content": {"application/json": {"schema": True}}},
                        **_refused(_COUNTED),
                    },
                }
            },
        },
    }


def openapi_text() -> bytes:
    """The document as it is served and kept."""
    return msgspec.json.format(msgspec.json.encode(openapi()), indent=2) + b"\n"


async def show_openapi(request: Request) -> Response:
    """The document, for programs."""
    return Response(_TEXT, media_type="application/json")


def _text(most: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most}


def _form(**more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {**more, "text": _text(MAX_FORM_BYTES)}}


def _granted(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"text/plain": {"schema": {"type": "string"}}}}


def _refused(codes: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        status: {
            "description": _MEANING[status],
            **({"headers": {"Retry-After": {"schema": {"type": "integer"}}}} if status == "429" else {}),
            "content": {"application/json": {"schema": _error([*some, "bad_http_request"])}},
        }
        for status, some in codes.items()
    }


def _error(codes: Sequence[str]) -> dict[str, Any]:
    parts = {"code": {"enum": list(codes)}, "message": {"type": "string"}, "hint": {"type": "string"}}
    error = {"type": "object", "properties": parts, "required": list(parts)}
    return {"type": "object", "properties": {"error": error}, "required": ["error"]}


_TEXT = openapi_text()

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON API as an OpenAPI document. The same text lies in ``docs/server-openapi.json``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from licserver.events import MOST_EVENTS
from licserver.server.metrics import CONTENT_TYPE
from licserver.server.scopes import Scope
from licserver.server.web.shapes import (
    EVENT_KIND,
    FLAG,
    KEY_CHANGED,
    LOG_VERIFICATION,
    NAME,
    NUMBER,
    RELOADED,
    RESTARTED,
    SCOPE,
    SETTINGS,
    SETTINGS_CHANGED,
    SHAPES,
    STATE,
    TEXT,
    Schema,
    maybe,
    named,
    shape,
    some,
)

OPENAPI_PATH = "/api/v1/openapi.json"

_MEANING: Mapping[str, str] = {
    "400": "The request cannot be understood.",
    "401": "Who asks is unknown, and may not.",
    "403": "Who asks may not, or a page of another server has a browser ask.",
    "404": "There is no such address.",
    "408": "The request did not arrive in time.",
    "409": "It is refused; the code says why.",
    "413": "The request is too large.",
    "415": "The request must be application/json.",
    "421": "This server has another name.",
    "429": "Too many passwords are being tried.",
    "500": "The server failed.",
    "503": "The ledger cannot be written.",
}
_ALWAYS = ("421", "500")
_GUARDED = ("400", "401", "403", "409", "429", *_ALWAYS)
_WITH_BODY = ("408", "413", "415")
_CHECK = {"check": {"enum": ["true", "false"]}}


@dataclass(frozen=True)
class _Operation:
    """One of them.

    :ivar scope: what it needs; ``None``: it is open to everybody.
    :ivar answer: the schema of its JSON, or the media type of something else.
    :ivar many: parameters of the query that may be repeated.
    """

    method: str
    path: str
    name: str
    summary: str
    scope: Scope | None
    answer: Schema | str
    body: str = ""
    query: Mapping[str, Schema] = field(default_factory=dict)
    many: Sequence[str] = ()
    refusals: Sequence[str] = ()

    def described(self) -> dict[str, Any]:
        """As the document has it."""
        inside = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        refusals = {*(_ALWAYS if self.scope is None else _GUARDED), *self.refusals, *(["404"] if inside else [])}
        media_type, schema = (self.answer, TEXT) if isinstance(self.answer, str) else ("application/json", self.answer)
        described: dict[str, Any] = {
            "operationId": self.name,
            "summary": self.summary,
            "parameters": [_parameter(name, "path", NAME) for name in inside]
            + [_parameter(name, "query", schema, many=name in self.many) for name, schema in self.query.items()],
            "responses": {
                "200": {"description": "Done.", "content": {media_type: {"schema": schema}}},
                **{
                    status: {"$ref": f"#/components/responses/refusal-{status}"}
                    for status in sorted({*refusals, *(_WITH_BODY if self.body else ())})
                },
            },
        }
        if self.scope is not None:
            described["x-scope"] = self.scope.name.lower()
            known: list[dict[str, list[str]]] = [{"token": []}, {"password": []}]
            described["security"] = [*known, {}] if self.scope is Scope.READ else known
        if self.body:
            described["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": named(self.body)}},
            }
        return described


_READ, _OPERATE, _ADMIN = Scope.READ, Scope.OPERATE, Scope.ADMIN
_KEY_DONE = shape({"key": named("Key"), "request": maybe(named("Request"))})
_RELEASED = shape(changed=FLAG, released=NUMBER, connections=some(named("Connection")))
_KEYS = {"key_number": TEXT}
_OPERATIONS = (
    _Operation("get", "/healthz", "health", "Does the server live?", None, "text/plain"),
    _Operation("get", "/readyz", "readiness", "Can it grant licenses?", None, "text/plain", refusals=("503",)),
    _Operation("get", "/metrics", "metrics", "Measures for Prometheus", _READ, CONTENT_TYPE.partition(";")[0]),
    _Operation("get", OPENAPI_PATH, "openapi", "This document", None, {"type": "object"}),
    _Operation("get", "/api/v1/proof/{nonce}", "proof", "It wrote the control file", None, shape(proof=TEXT)),
    _Operation(
        "get",
        "/api/v1/info",
        "info",
        "The server, its keys and alarms",
        _READ,
        shape(server=named("Server"), keys=some(named("Key")), connections=NUMBER, alarms=some(named("Alarm"))),
    ),
    _Operation(
        "get",
        "/api/v1/usage",
        "usage",
        "The use of each product over the last day",
        _READ,
        shape(slot_seconds=NUMBER, usage=some(named("Usage"))),
    ),
    _Operation(
        "get",
        "/api/v1/connections",
        "connections",
        "Every license in use",
        _READ,
        shape(connections=some(named("Connection"))),
        query={"user": TEXT, "computer": TEXT, "product": TEXT, "key_number": TEXT, "state": STATE},
    ),
    _Operation("post", "/api/v1/connections/release", "release", "Free some", _OPERATE, _RELEASED, "Release", _CHECK),
    _Operation("delete", "/api/v1/connections/{lease}", "release_one", "Free one", _OPERATE, _RELEASED),
    _Operation(
        "get",
        "/api/v1/events",
        "events",
        "What happened",
        _READ,
        shape(events=some(named("Event"))),
        query={
            "after": NUMBER,
            "before": NUMBER,
            "since": NUMBER,
            "until": NUMBER,
            "text": {"type": "string", "maxLength": 200},
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST_EVENTS},
            "kind": EVENT_KIND,
        },
        many=["kind"],
    ),
    _Operation(
        "get",
        "/api/v1/events/verification",
        "verify_events",
        "Is the log whole?",
        _READ,
        shape(verification=LOG_VERIFICATION),
    ),
    _Operation("get", "/api/v1/settings", "settings", "What the ini says", _READ, SETTINGS),
    _Operation(
        "patch",
        "/api/v1/settings",
        "change_settings",
        "Write the ini",
        _ADMIN,
        SETTINGS_CHANGED,
        "SettingsChange",
        _CHECK,
    ),
    _Operation("post", "/api/v1/reload", "reload", "Take over what the ini says", _ADMIN, RELOADED),
    _Operation("post", "/api/v1/restart", "restart", "Begin anew; licenses stay", _ADMIN, RESTARTED),
    _Operation("get", "/api/v1/tokens", "tokens", "Who has a token", _ADMIN, shape(tokens=some(named("Token")))),
    _Operation(
        "post",
        "/api/v1/tokens",
        "add_token",
        "Make a token, which is shown this once",
        _ADMIN,
        shape(changed=FLAG, name=TEXT, scope=SCOPE, token=TEXT),
        "TokenOrder",
    ),
    _Operation(
        "delete", "/api/v1/tokens/{name}", "remove_token", "Take one away", _ADMIN, shape(changed=FLAG, name=TEXT)
    ),
    _Operation("get", "/api/v1/support-bundle", "support_bundle", "For the support", _ADMIN, "application/zip"),
    _Operation("get", "/api/v1/distribution", "distribution", "The server as a file", _ADMIN, "application/gzip"),
    _Operation("post", "/api/v1/activations", "activate", "Activate a key", _OPERATE, _KEY_DONE, "Activation"),
    _Operation("post", "/api/v1/packs", "activate_pack", "Activate a license pack", _OPERATE, _KEY_DONE, "Pack"),
    _Operation(
        "get",
        "/api/v1/requests",
        "requests",
        "Requests that wait for their answers",
        _OPERATE,
        shape(requests=some(named("Request")), damaged=some(TEXT)),
    ),
    _Operation("post", "/api/v1/requests", "make_request", "Make a request", _OPERATE, _KEY_DONE, "ActivationRequest"),
    _Operation("post", "/api/v1/answers", "load_answer", "Load an answer", _OPERATE, _KEY_DONE, "Answer"),
    _Operation("get", "/api/v1/keys", "keys", "Every key", _READ, shape(keys=some(named("Key")))),
    _Operation(
        "get",
        "/api/v1/keys/verification",
        "verify_keys",
        "The facts that keys are bound to",
        _OPERATE,
        shape(keys=some(named("Verification"))),
        query=_KEYS,
        many=["key_number"],
    ),
    _Operation(
        "get",
        "/api/v1/keys/{key_number}/state",
        "key_state",
        "What a hardware key has, for the vendor",
        _OPERATE,
        shape(key_number=TEXT, file_name=TEXT, text=TEXT),
    ),
    _Operation(
        "post",
        "/api/v1/keys/updates",
        "update_key",
        "Install the vendor's update of a hardware key",
        _OPERATE,
        shape(changed=FLAG, key=named("Key")),
        "Update",
    ),
    _Operation(
        "post",
        "/api/v1/kits",
        "add_kit",
        "Believe a vendor",
        _ADMIN,
        shape(changed=FLAG, vendor=TEXT),
        "NewKit",
        _CHECK,
    ),
    _Operation(
        "patch",
        "/api/v1/keys/{key_number}",
        "set_key_options",
        "Use a key or not; its access code (admin)",
        _OPERATE,
        KEY_CHANGED,
        "KeyOptions",
        _CHECK,
    ),
    _Operation(
        "delete",
        "/api/v1/keys/{key_number}",
        "remove_key",
        "Remove a key",
        _ADMIN,
        shape(changed=FLAG, key_number=TEXT, copy=maybe(TEXT)),
        query={**_CHECK, "purge": {"enum": ["true", "false"]}},
    ),
)


def openapi() -> dict[str, Any]:
    """The document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in _OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = operation.described()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "License server",
            "version": "1",
            "description": "What an administrator and his programs ask of a license server. Moments are seconds since"
            " 1970-01-01 UTC. What is asked of an operation is in `x-scope`; reading is open while no user is set.",
        },
        "paths": paths,
        "components": {
            "schemas": dict(SHAPES),
            "responses": {f"refusal-{status}": _refusal(status) for status in _MEANING},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic"},
            },
        },
    }


def openapi_text() -> bytes:
    """The document as it is served and kept."""
    return msgspec.json.format(msgspec.json.encode(openapi()), indent=2) + b"\n"


async def show_openapi(request: Request) -> Response:
    """The document, for programs."""
    return Response(_TEXT, media_type="application/json")


def _parameter(name: str, place: str, schema: Schema, *, many: bool = False) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": some(schema) if many else schema}


def _refusal(status: str) -> dict[str, Any]:
    headers = {"Retry-After": {"schema": {"type": "integer"}}} if status == "429" else {}
    return {
        "description": _MEANING[status],
        **({"headers": headers} if headers else {}),
        "content": {"application/json": {"schema": named("Error")}},
    }


_TEXT = openapi_text()

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the JSON API takes and answers, as JSON schemas. docs/protocol.md, "JSON API"."""

from collections.abc import Mapping
from typing import Any

from licserver.events import KINDS
from licserver.ini_text import LANGUAGES

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "integer", "minimum": 0}
NAME: Schema = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}
NAMES: Schema = {"type": "array", "items": TEXT}
SCOPE: Schema = {"enum": ["read", "operate", "admin"]}
EVENT_KIND: Schema = {"enum": list(KINDS)}
LANGUAGE: Schema = {"enum": ["", *LANGUAGES]}
STATE: Schema = {"enum": ["active", "blocked"]}


def maybe(schema: Schema) -> Schema:
    """That, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def some(schema: Schema) -> Schema:
    """A list of that."""
    return {"type": "array", "items": schema}


def shape(optional: Mapping[str, Schema] | None = None, **fields: Schema) -> Schema:
    """An object that has these fields, and perhaps those; a later release may add more."""
    return {"type": "object", "properties": {**fields, **(optional or {})}, "required": list(fields)}


def wanted(optional: Mapping[str, Schema] | None = None, **fields: Schema) -> Schema:
    """The same where nothing else may be sent."""
    return {**shape(optional, **fields), "additionalProperties": False}


def named(name: str) -> Schema:
    """One of :data:`SHAPES`."""
    return {"$ref": f"#/components/schemas/{name}"}


_COMPANY = ("name", "tax_id", "address", "phone", "email")
_ACTIVATION = {
    "key_number": NAME,
    "pin": TEXT,
    "kit": {"type": "object", "description": "what the vendor delivers as protect-kit.json"},
}
_ACTIVATION_TOO = {
    "company": shape({name: {"type": "string", "maxLength": 400} for name in _COMPANY}),
    "center_url": maybe(TEXT),
    "reactivate": FLAG,
}
_PACK = {"key_number": NAME, "pack": NAME, "password": TEXT}
_FILTER = {"user": maybe(TEXT), "computer": maybe(TEXT), "product": maybe(TEXT), "key_number": maybe(TEXT)}
_TLS = maybe(shape(certificate_sha256=TEXT, not_after={"type": "integer"}))

SHAPES: Mapping[str, Schema] = {
    "Activation": wanted(_ACTIVATION_TOO, **_ACTIVATION),
    "ActivationRequest": {
        "anyOf": [
            wanted({**_ACTIVATION_TOO, "anew": FLAG}, **_ACTIVATION),
            wanted({"center_url": maybe(TEXT), "anew": FLAG}, **_PACK),
        ]
    },
    "Alarm": shape(code=TEXT, subject=TEXT, message=TEXT, remark=named("Remark"), since=NUMBER),
    "Answer": {"anyOf": [wanted(text=TEXT), wanted(key_number=TEXT, blocks=TEXT)]},
    "Connection": shape(
        lease=TEXT,
        counter=TEXT,
        type=TEXT,
        user=TEXT,
        computer=TEXT,
        product=TEXT,
        session_number=NUMBER,
        rdp_session=NUMBER,
        key_number=TEXT,
        state=STATE,
        since=NUMBER,
        seconds=NUMBER,
        licenses=NUMBER,
    ),
    "Error": shape(error=shape(code=TEXT, message=TEXT, hint=TEXT)),
    "Event": shape(number=NUMBER, at=NUMBER, kind=TEXT),
    "Key": shape(
        {
            "product": TEXT,
            "product_name": TEXT,
            "vendor": TEXT,
            "activated_at": NUMBER,
            "expires_at": maybe(NUMBER),
            "days_left": maybe(NUMBER),
            "counters": some(shape(name=TEXT, type=TEXT, limit=NUMBER, used=NUMBER, stranded=NUMBER)),
            "packs": some(shape(pack=TEXT, licenses={"type": "object"}, activated_at=NUMBER)),
        },
        key_number=TEXT,
        kind={"enum": ["soft", "hardware"]},
        state={"enum": ["active", "broken"]},
        problem=maybe(TEXT),
        use=FLAG,
        access_code_set=FLAG,
        warnings=NAMES,
        remarks=some(named("Remark")),
    ),
    "KeyOptions": wanted({"access_code": TEXT, "use": FLAG}),
    "NewKit": wanted(kit=_ACTIVATION["kit"]),
    "Pack": wanted({"center_url": maybe(TEXT)}, **_PACK),
    "Release": wanted({**_FILTER, "state": maybe(STATE), "leases": maybe(some(TEXT)), "all": FLAG}),
    "Remark": shape(code=TEXT, text=TEXT, details={"type": "object"}),
    "Request": shape(
        request_id=TEXT,
        key_number=TEXT,
        pack=maybe(TEXT),
        made_at=NUMBER,
        file_name=TEXT,
        text=TEXT,
        send_to=shape(url=maybe(TEXT), mail=maybe(TEXT), phone=maybe(TEXT)),
        phone=maybe(shape(code=TEXT, number=maybe(TEXT))),
    ),
    "Server": shape(
        server_id=TEXT,
        name=TEXT,
        version=TEXT,
        addresses=NAMES,
        port=NUMBER,
        web_port=NUMBER,
        local=FLAG,
        tls=_TLS,
        started_at=NUMBER,
        process=NUMBER,
        run=TEXT,
    ),
    "Settings": shape(
        port=NUMBER,
        web_port=NUMBER,
        local=FLAG,
        bind_address=TEXT,
        names=NAMES,
        idle_minutes=NUMBER,
        credentials_set=FLAG,
        tls=FLAG,
        tls_certificate=TEXT,
        tls_key=TEXT,
        language=LANGUAGE,
    ),
    "SettingsChange": wanted(
        {
            "port": maybe({"type": "integer", "minimum": 1, "maximum": 65535}),
            "web_port": maybe({"type": "integer", "minimum": 1, "maximum": 65535}),
            "local": maybe(FLAG),
            "bind_address": maybe(TEXT),
            "names": maybe(NAMES),
            "idle_minutes": maybe({"type": "integer", "minimum": 0, "maximum": 1440}),
            "user": maybe(TEXT),
            "password": maybe(TEXT),
            "tls": maybe(FLAG),
            "tls_certificate": maybe(TEXT),
            "tls_key": maybe(TEXT),
            "language": maybe(LANGUAGE),
        }
    ),
    "Token": shape(name=TEXT, scope=SCOPE, made_at=NUMBER, expires_at=maybe(NUMBER)),
    "TokenOrder": wanted({"days": maybe({"type": "integer", "minimum": 1, "maximum": 3650})}, name=NAME, scope=SCOPE),
    "Usage": shape(
        product=TEXT,
        product_name=TEXT,
        used=NUMBER,
        total=NUMBER,
        last_day=some(shape(at=NUMBER, most=NUMBER, total=NUMBER)),
    ),
    "Update": wanted(text=TEXT),
    "Verification": shape(
        key_number=TEXT,
        works=FLAG,
        problem=maybe(TEXT),
        warnings=NAMES,
        facts=some(shape(kind=TEXT, name=TEXT, source=maybe(TEXT), state=TEXT, problem=maybe(TEXT), why=TEXT)),
    ),
}
RELOADED = shape(changed=FLAG, applied=NAMES, restart_needed=NAMES)
RESTARTED = shape(changed=FLAG, server=shape(web_port=NUMBER, local=FLAG, tls=_TLS))
SETTINGS = shape(settings=named("Settings"), restart_needed=NAMES)
SETTINGS_CHANGED = shape(changed=FLAG, applied=NAMES, restart_needed=NAMES, settings=named("Settings"))
LOG_VERIFICATION = shape(
    events=NUMBER, first=maybe(NUMBER), last=NUMBER, hash=TEXT, problems=NAMES, unnamed_problems=NUMBER
)
KEY_CHANGED = shape(changed=FLAG, changes=NAMES, before=shape(access_code_set=FLAG, use=FLAG), key=named("Key"))

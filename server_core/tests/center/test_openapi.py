# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the center says of its API is what it does."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from licserver.center.app import ACTIVATIONS_PATH, create_app
from licserver.center.app.openapi import OPENAPI_PATH, openapi, openapi_text
from licserver.center.app.words import WORDS
from server_core.tests.center.helpers import PINS, Office, facts

KEPT = Path(__file__).parents[3] / "docs" / "center-openapi.json"
OTHER_WORDS = {"bad_block", "bad_code", "has_packs", "other_ticket", "phone_not_allowed", "ticket_used_up"}
"""What only the desk is told."""


def codes(document: dict[str, Any], path: str, method: str) -> set[str]:
    answers = document["paths"][path][method]["responses"]
    schemas = [answer["content"]["application/json"]["schema"] for status, answer in answers.items() if status != "200"]
    return {code for schema in schemas for code in schema["properties"]["error"]["properties"]["code"]["enum"]}


def test_the_document_that_is_kept_is_the_one_that_is_served(office: Office) -> None:
    transport = httpx.ASGITransport(create_app(office.center, office.issuer))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="https://center") as client:
            return await client.get(OPENAPI_PATH)

    assert asyncio.run(ask()).content == openapi_text()
    assert json.loads(KEPT.read_text()) == openapi(), (
        "copy what /api/v1/openapi.json serves to docs/center-openapi.json"
    )


def test_every_code_of_the_document_has_words_for_people() -> None:
    said = codes(openapi(), "/exchange", "post")

    assert said - {"bad_http_request"} == WORDS.keys() - OTHER_WORDS


@pytest.mark.parametrize("path", [ACTIVATIONS_PATH, "/exchange"])
def test_answers_are_as_the_document_says(office: Office, path: str) -> None:
    office.activate(PINS[0])
    bodies: list[bytes] = [
        b"",
        b"x",
        b"\xff",
        b"x" * 300_000,
        office.request(PINS[0]).encode(),
        office.request("0000").encode(),
        office.request(PINS[1], key_number="999").encode(),
        office.request(PINS[1], of=facts("1", "2", "3", "4")).encode(),
        office.request(PINS[1]).encode(),
    ]
    transport = httpx.ASGITransport(create_app(office.center, office.issuer))

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=transport, base_url="https://center") as client:
            return [await client.post(path, content=body) for body in bodies]

    documented = openapi()["paths"][path]["post"]["responses"]
    for answer in asyncio.run(ask()):
        content = documented[str(answer.status_code)]["content"]
        kind = answer.headers["content-type"].partition(";")[0]
        jsonschema.validate(answer.json() if kind == "application/json" else answer.text, content[kind]["schema"])

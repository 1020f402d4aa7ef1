# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server says of its API is what it does."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from licserver.server.browsers import OwnNames
from licserver.server.web.api import Api
from licserver.server.web.guard import Guard
from licserver.server.web.openapi import OPENAPI_PATH, openapi, openapi_text
from server_core.tests.running import WEB_PORT, ServerThread
from server_core.tests.server.helpers import bearer

KEPT = Path(__file__).parents[3] / "docs" / "server-openapi.json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
NOT_TRIED = {"restart", "distribution"}
"""What ends the server that is asked, and what takes seconds; both have tests of their own."""
OPERATIONS = {
    one["operationId"]: (path, method)
    for path, methods in openapi()["paths"].items()
    for method, one in methods.items()
}


def test_the_document_that_is_kept_is_the_one_that_is_served(server: ServerThread) -> None:
    assert server.http("GET", OPENAPI_PATH) == (200, openapi())
    assert KEPT.read_bytes() == openapi_text(), "copy what /api/v1/openapi.json serves to docs/server-openapi.json"


def test_every_address_of_the_api_is_in_it() -> None:
    parts: Any = SimpleNamespace(reports=None, support=None, gate=None)
    routes = Api(parts).routes(Guard(parts, OwnNames("server", tuple)))

    served = {(route.path, method.lower()) for route in routes for method in (route.methods or set()) - {"HEAD"}}
    assert served == set(OPERATIONS.values())


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_what_it_says_of_scopes_is_so(closed: ServerThread, name: str) -> None:
    path, method = OPERATIONS[name]
    scope = openapi()["paths"][path][method].get("x-scope")
    lower = {"operate": "read", "admin": "operate"}.get(scope)
    address = re.sub(r"\{\w+\}", "x", path)

    if scope is not None:
        assert closed.http(method.upper(), address)[0] == 401
    if lower is not None:
        order = {"name": "lower", "scope": lower}
        token = closed.http("POST", "/api/v1/tokens", order, **bearer(closed))[1]["token"]
        assert closed.http(method.upper(), address, Authorization=f"Bearer {token}")[0] == 403


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - NOT_TRIED))
def test_whatever_is_asked_is_answered_as_the_document_says(server: ServerThread, name: str) -> None:
    path, method = OPERATIONS[name]
    base = f"http://{server.address}:{WEB_PORT}"
    operation = schemathesis.openapi.from_dict(openapi())[path][method]

    @given(case=operation.as_strategy())
    @settings(
        max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None
    )
    def ask(case: Any) -> None:
        case.call_and_validate(base_url=base, headers=bearer(server), checks=CHECKS)

    with server.client() as client:
        client.take()
        ask()


def test_answers_that_people_see_are_as_it_says(server: ServerThread) -> None:
    schema = schemathesis.openapi.from_dict(openapi())
    with server.client() as client:
        client.take("anna")
        base = f"http://{server.address}:{WEB_PORT}"
        for path in ("info", "usage", "connections", "keys", "keys/verification", "events", "settings"):
            case = schema[f"/api/v1/{path}"]["get"].Case()
            case.call_and_validate(base_url=base, headers=bearer(server), checks=CHECKS)

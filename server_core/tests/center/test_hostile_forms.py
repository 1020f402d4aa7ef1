# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever somebody of the staff sends, he gets a page and no fault, also on PostgreSQL."""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from starlette.applications import Starlette

from licserver.center import registry, staff
from licserver.center.app import create_app
from licserver.center.customers import Customer
from licserver.center.schema import staff as members
from licserver.documents import Company, DocumentError
from licserver.pages.sessions import form_token, new_session, session_digest
from server_core.tests.center.helpers import KEY, NOW, PINS, Office

FORMS: Mapping[str, tuple[str, ...]] = {
    "/staff/phone": ("key_number", "pin", "code1", "code2", "name"),
    "/staff/keys/new": ("key_number", "product", "customer", "expires_at", "counter_name0", "counter_limit0"),
    f"/staff/keys/of/{KEY}/change": ("customer", "expires_at", "counter_name0", "counter_type0", "counter_limit0"),
    f"/staff/keys/of/{KEY}/pin": ("present",),
    "/staff/packs/new": ("pack", "product", "raise_counter0", "raise_licenses0", "raise_counter٣"),
    "/staff/products/new": ("product", "name", "pins", "same_facts", "head", "reactivation", "counter_name99999999999"),
    "/staff/customers/new": ("customer", "name", "tax_id"),
}
LISTS = ("/staff/keys", "/staff/packs", "/staff/customers", "/staff/history", "/staff/clones")
WORDS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "0", "1", "-1", "retail", "main", KEY, "\0", "9" * 40, "2027-12-31", "0001-01-01", "٣", "%", "NaN"]
    ),
)


@pytest.fixture
def database_url(each_database: str | None) -> str | None:
    return each_database


@pytest.fixture
def session(office: Office) -> str:
    """The cookie of a vendor."""
    session = new_session()
    with office.center.database.writing() as connection:
        connection.execute(insert(members).values(name="anna", role="vendor", password="sealed", added_at=NOW))
        staff.open_session(connection, "anna", session_digest(session), now=NOW, seconds=10**9)
    return session


@pytest.fixture
def app(office: Office) -> Starlette:
    return create_app(office.center, office.issuer)


def ask(app: Starlette, session: str, method: str, path: str, form: dict[str, str] | None = None) -> int:
    return answer_to(app, session, method, path, form).status_code


def answer_to(
    app: Starlette, session: str, method: str, path: str, form: dict[str, str] | None = None
) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        cookies = {"__Host-session-443": session}
        async with httpx.AsyncClient(transport=transport, base_url="https://center", cookies=cookies) as client:
            return await client.request(method, path, data=form, headers={"Accept": "text/html"})

    return asyncio.run(send())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(data=st.data())
def test_any_form_is_answered(app: Starlette, session: str, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(FORMS)))
    form = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(FORMS[path], WORDS)))

    assert ask(app, session, "POST", path, {**form, "token": form_token(session)}) in (200, 303, 403, 404, 409, 429)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(path=st.sampled_from(LISTS), text=WORDS, after=WORDS, before=WORDS)
def test_any_search_is_answered(app: Starlette, session: str, path: str, text: str, after: str, before: str) -> None:
    query = f"text={quote(text)}&after={quote(after)}&before={quote(before)}&event={quote(text)}"

    assert ask(app, session, "GET", f"{path}?{query}") in (200, 404)


@pytest.mark.parametrize("number", ["nothing", "%00", "%FF", "..%2F..", "a" * 500])
def test_any_number_is_looked_for(app: Starlette, session: str, number: str) -> None:
    for kind in ("keys", "products", "customers"):
        assert ask(app, session, "GET", f"/staff/{kind}/of/{number}") == 404


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", [f"text={'a+' * 3000}", f"before={'9' * 17}"])
def test_a_search_for_more_than_a_database_takes_is_answered(
    app: Starlette, session: str, path: str, query: str
) -> None:
    assert ask(app, session, "GET", f"{path}?{query}") == 200


def test_a_form_that_is_sent_several_times_at_once_makes_one_pin(app: Starlette, session: str, office: Office) -> None:
    form = {"token": form_token(session), "present": str(len(PINS))}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: ask(app, session, "POST", f"/staff/keys/of/{KEY}/pin", form), range(4)))

    with office.center.database.reading() as connection:
        assert len(registry.pin_digests(connection, KEY)) == len(PINS) + 1


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("/staff/products/of/retail", [{"name": "Retail 9"}, {"head": "Call us"}, {"pins": "7"}]),
        ("/staff/customers/of/C-1", [{"name": "Romashka"}, {"tax_id": "77"}, {"email": "a@b.example"}]),
        (f"/staff/keys/of/{KEY}/change", [{"expires_at": "2030-12-31"}, {"customer": "C-1"}]),
    ],
)
def test_what_several_change_of_the_same_thing_at_once_is_all_kept(
    app: Starlette, session: str, office: Office, path: str, changes: list[dict[str, str]]
) -> None:
    office.apply(customers=[Customer(customer="C-1", name="Branch")])
    seen = seen_at(app, session, path)
    unchanged = {**seen, **{f"was_{part}": text for part, text in seen.items()}, "token": form_token(session)}
    counter = {"counter_name0": "main", "counter_type0": "session", "counter_limit0": "5"} if "products" in path else {}

    with ThreadPoolExecutor(3) as pool:
        statuses = set(pool.map(lambda change: ask(app, session, "POST", path, unchanged | counter | change), changes))

    assert statuses == {303}
    kept = seen_at(app, session, path)
    assert kept == {**seen, **{part: text for change in changes for part, text in change.items()}}


def seen_at(app: Starlette, session: str, path: str) -> dict[str, str]:
    """What the parts of a form hold."""
    page = answer_to(app, session, "GET", path).text
    return dict(re.findall(r'name="was_(\w+)" value="(.*?)"', page))


def test_a_company_that_postgresql_could_not_search_is_refused(office: Office) -> None:
    with pytest.raises(DocumentError, match="company"):
        office.activate(PINS[0], company=Company(name="a\0b"))

    assert office.pins_spent() == 0

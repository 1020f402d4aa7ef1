# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a browser sends along."""

import pytest
from starlette.exceptions import HTTPException

from licserver.pages.bodies import Form, is_foreign
from licserver.pages.rendering import is_own_path
from licserver.pages.sessions import check_form, form_token, new_session, session_digest


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({"host": "center"}, False),
        ({"host": "center", "origin": "https://center"}, False),
        ({"host": "Center:15443", "origin": "https://center:15443", "sec-fetch-site": "same-origin"}, False),
        ({"host": "center", "origin": "https://elsewhere"}, True),
        ({"host": "center", "origin": "null"}, True),
        ({"host": "center", "sec-fetch-site": "cross-site"}, True),
        ({"host": "center", "sec-fetch-site": "same-site"}, True),
    ],
)
def test_a_form_of_another_site_is_told(headers: dict[str, str], foreign: bool) -> None:
    assert is_foreign(headers) is foreign


@pytest.mark.parametrize("path", ["/", "/exchange?text=1"])
def test_a_way_back_on_this_server(path: str) -> None:
    assert is_own_path(path)


@pytest.mark.parametrize("path", ["", "exchange", "//elsewhere", "/\\elsewhere", "https://elsewhere", "/\t/elsewhere"])
def test_a_way_to_elsewhere(path: str) -> None:
    assert not is_own_path(path)


def test_a_form_counts_only_in_its_own_session() -> None:
    session, other = new_session(), new_session()
    form = Form({"token": form_token(session)}, {})

    check_form(form, session)
    with pytest.raises(HTTPException):
        check_form(form, other)
    with pytest.raises(HTTPException):
        check_form(Form({}, {}), session)


def test_nothing_that_is_kept_or_shown_is_the_cookie_itself() -> None:
    session = new_session()

    assert session not in (session_digest(session), form_token(session))

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is signed in: a cookie that only this server reads, and the token without which no form of his counts.

The cookie is a random name for a session that the server keeps under its digest. The token of the forms follows from
the cookie, so a page of somebody else, who cannot read the cookie, cannot make it.
"""

import hashlib
import hmac
import secrets

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from licserver.pages.bodies import Form

CSRF_FIELD = "token"
_COOKIE = "session"
_SAFE_COOKIE = f"__Host-{_COOKIE}"
"""A browser takes a cookie whose name begins so only over TLS, and sends it to no other host (RFC 6265bis, 4.1.3)."""


def new_session() -> str:
    """The value of a new session's cookie."""
    return secrets.token_urlsafe(32)


def session_digest(session: str) -> str:
    """What the server keeps of a cookie: nobody who reads it can sign in with it."""
    return hashlib.sha256(session.encode()).hexdigest()


def session_in(request: Request) -> str | None:
    """The value of the cookie that came with a request."""
    return request.cookies.get(_cookie_name(request))


def hand_out(response: Response, request: Request, session: str, *, seconds: int) -> None:
    """Give a browser its cookie."""
    response.set_cookie(
        _cookie_name(request),
        session,
        max_age=seconds,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def take_back(response: Response, request: Request) -> None:
    """Have a browser forget its cookie."""
    response.delete_cookie(
        _cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )


def form_token(session: str) -> str:
    """What every form carries that is sent under the session."""
    return hmac.digest(session.encode(), b"protect form", "sha256").hex()


def check_form(form: Form, session: str) -> None:
    """Only a form of the session's own pages counts.

    :raises HTTPException: 403: it carries another token, or none.
    """
    if not hmac.compare_digest(form.text(CSRF_FIELD).encode(), form_token(session).encode()):
        raise HTTPException(403, "this form is of another session; open the page again")


def _cookie_name(request: Request) -> str:
    """Browsers do not tell the ports of a host apart, and there may be a server and a center on it."""
    is_safe = request.url.scheme == "https"
    port = request.url.port or (443 if is_safe else 80)
    return f"{_SAFE_COOKIE if is_safe else _COOKIE}-{port}"

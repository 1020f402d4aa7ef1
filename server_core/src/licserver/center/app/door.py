# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where staff sign in, and what stands before every page of theirs. docs/security.md.

A page of the staff is a plain function that is called in a thread, with who is there and what he filled in; what it
needs to know of sessions, foreign sites and tokens was seen to before.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

import anyio
import anyio.to_thread
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from licserver.center import staff
from licserver.center.acting import Act, Actor
from licserver.center.app.frame import sections_of
from licserver.center.app.throttle import peer
from licserver.center.database import Database
from licserver.limits import Allowance
from licserver.pages.bodies import Form, read_form, refuse_foreign
from licserver.pages.languages import N_
from licserver.pages.problems import Problem
from licserver.pages.rendering import Pages, is_own_path
from licserver.pages.sessions import (
    check_form,
    form_token,
    hand_out,
    new_session,
    session_digest,
    session_in,
    take_back,
)

SESSION_SECONDS = 12 * 3600
"""After a working day everybody signs in again."""
HOME = "/staff"
SIGN_IN = "/staff/sign-in"
_TRIES, _TRIES_PER_SECOND = 10, 0.1
"""Passwords that one address may try, and how fast that grows back."""
_VERIFIED_AT_ONCE, _MAX_WAITING = 2, 16
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Visit:
    """Somebody of the staff at a page.

    :ivar form: what he sent; empty where he only looks.
    """

    request: Request
    member: staff.Member
    form: Form

    def actor(self) -> Actor:
        """He, for the history."""
        return Actor("staff", self.member.name)

    def act(self) -> Act:
        """What he does at this moment."""
        return Act(_now(), self.actor())


Page = Callable[[Visit], Response]


class Door:
    """Lets staff in."""

    def __init__(self, pages: Pages, database: Database) -> None:
        self._pages = pages
        self._database = database
        self._tries = Allowance(_TRIES, _TRIES_PER_SECOND)
        self._verifying = anyio.CapacityLimiter(_VERIFIED_AT_ONCE)
        self._waiting = 0

    async def show(self, request: Request) -> Response:
        """The form."""
        return self._form(request, None)

    async def sign_in(self, request: Request) -> Response:
        """Name and password; then on to where he wanted to go."""
        refuse_foreign(request)
        form = await read_form(request)
        name, back = form.text("name"), form.text("back")
        if not await self._is_right(request, name, form.fields.get("password", "")):
            _log.warning("staff: a wrong name or password, %r, from %s", name[:64], peer(request))
            texts = self._pages.texts(request)
            what = texts.gettext(N_("This name and this password do not belong together."))
            problem = Problem(
                "wrong_password", what, texts.gettext(N_("Try again. Ask the administrator for another."))
            )
            return self._form(request, problem, name, back)
        session = new_session()
        await run_in_threadpool(self._remember, name, session)
        _log.info("staff: %s signed in from %s", name, peer(request))
        response = RedirectResponse(back if is_own_path(back) else HOME, 303)
        hand_out(response, request, session, seconds=SESSION_SECONDS)
        return response

    async def sign_out(self, request: Request) -> Response:
        """Forget the session, here and in the browser."""
        refuse_foreign(request)
        session, form = session_in(request), await read_form(request)
        if session is not None:
            check_form(form, session)
            await run_in_threadpool(self._forget, session)
        response = RedirectResponse(SIGN_IN, 303)
        take_back(response, request)
        return response

    def only(self, *roles: staff.Role) -> Callable[[Page], Callable[[Request], Awaitable[Response]]]:
        """Makes a page one for staff with one of these roles."""

        def guard(page: Page) -> Callable[[Request], Awaitable[Response]]:
            async def guarded(request: Request) -> Response:
                form = Form({}, {})
                if "\0" in request.url.path or b"%00" in request.scope["query_string"]:  # no database takes it
                    raise HTTPException(404)
                if request.method == "POST":
                    refuse_foreign(request)
                    form = await read_form(request)
                session = session_in(request)
                member = await run_in_threadpool(self._who, session) if session else None
                if session is None or member is None:
                    wanted = request.url.path if request.method == "POST" else request.url.path + _query(request)
                    return RedirectResponse(f"{SIGN_IN}?back={quote(wanted, safe='')}", 303)
                request.state.member, request.state.token = member, form_token(session)
                if member.role not in roles:
                    raise HTTPException(403, "this page is for other staff")
                if request.method == "POST":
                    check_form(form, session)
                return await run_in_threadpool(page, Visit(request, member, form))

            return guarded

        return guard

    async def _is_right(self, request: Request, name: str, password: str) -> bool:
        if self._waiting >= _MAX_WAITING or not self._tries.take(peer(request)):
            seconds = round(1 / _TRIES_PER_SECOND)
            raise HTTPException(429, "too many passwords are being tried", {"Retry-After": str(seconds)})
        self._waiting += 1
        try:
            sealed = await run_in_threadpool(self._sealed, name)
            return await anyio.to_thread.run_sync(staff.is_password, sealed, password, limiter=self._verifying)
        finally:
            self._waiting -= 1

    def _sealed(self, name: str) -> str:
        with self._database.reading() as connection:
            return staff.sealed_password(connection, name)

    def _remember(self, name: str, session: str) -> None:
        with self._database.writing() as connection:
            staff.open_session(connection, name, session_digest(session), now=_now(), seconds=SESSION_SECONDS)

    def _forget(self, session: str) -> None:
        with self._database.writing() as connection:
            staff.close_session(connection, session_digest(session))

    def _who(self, session: str) -> staff.Member | None:
        with self._database.reading() as connection:
            return staff.signed_in(connection, session_digest(session), now=_now())

    def _form(self, request: Request, problem: Problem | None, name: str = "", back: str = "") -> Response:
        back = back or request.query_params.get("back", "")
        status = 403 if problem else 200
        return self._pages.page(request, "sign_in.html", status, problem=problem, name=name, back=back)


def begin(visit: Visit) -> Response:
    """On to where somebody's work is."""
    return RedirectResponse(sections_of(visit.member.role)[0][0], 303)


def _query(request: Request) -> str:
    return f"?{request.url.query}" if request.url.query else ""


def _now() -> int:
    return int(time.time())

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where people sign in, and what stands before every page. docs/security.md, "Web page"."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from licserver.pages.bodies import Form, read_form
from licserver.pages.rendering import Pages, is_own_path
from licserver.pages.sessions import check_form, form_token, hand_out, new_session, session_in
from licserver.server.actors import acting
from licserver.server.browsers import OwnNames, check_sender
from licserver.server.gate import Gate
from licserver.server.scopes import Scope
from licserver.server.signed_in import SESSION_SECONDS
from licserver.server.web.guard import CHALLENGE

SIGN_IN = "/sign-in"
SIGN_OUT = "/sign-out"
_SIGNED_OUT = "event: signed-out\ndata:\n\n"


@dataclass(frozen=True)
class Visit:
    """Somebody at a page.

    :ivar scope: what he may do.
    :ivar form: what he sent; empty where he only looks.
    """

    request: Request
    scope: Scope
    form: Form


Page = Callable[[Visit], Awaitable[Response]]


class Door:
    """Lets people in. Every visitor has a session, signed in or not, so that his forms can be told from others'."""

    def __init__(self, gate: Gate, names: OwnNames, pages: Pages) -> None:
        self._gate = gate
        self._names = names
        self._pages = pages

    def routes(self) -> list[Route]:
        """As Starlette takes them."""
        return [
            Route(SIGN_IN, self._with_session(self._show)),
            Route(SIGN_IN, self._with_session(self._sign_in), methods=["POST"]),
            Route(SIGN_OUT, self._with_session(self._sign_out), methods=["POST"]),
        ]

    def page(self, path: str, page: Page, scope: Scope = Scope.READ) -> Route:
        """A page to look at."""
        return Route(path, self._with_session(self._guarded(page, scope)))

    def file(self, path: str, page: Page, scope: Scope = Scope.READ) -> Route:
        """A file that is made to be taken away."""
        return Route(path, self._with_session(self._guarded(page, scope), has_effect=True))

    def form(self, path: str, page: Page, scope: Scope = Scope.OPERATE) -> Route:
        """What a form is sent to. Its address shows a page too."""
        return Route(path, self._with_session(self._guarded(page, scope)), methods=["POST"])

    async def recognize(self, request: Request) -> None:
        """Note who asks where no page of this door answers: at an address that leads nowhere.

        :raises HTTPException: it is asked by a name that is not its own, or too many passwords are being tried.
        """
        await check_sender(request, self._names, has_effect=False)
        session, actor = session_in(request), await self._gate.person(request)
        request.state.token = form_token(session) if session else ""
        request.state.scope = None if actor is None else actor.scope

    def _with_session(
        self, answer: Callable[[Request, str], Awaitable[Response]], *, has_effect: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            await check_sender(request, self._names, has_effect=has_effect or request.method == "POST")
            known = session_in(request)
            session = known or new_session()
            request.state.token, request.state.scope = form_token(session), None
            response = await answer(request, session)
            if known is None:
                hand_out(response, request, session, seconds=SESSION_SECONDS)
            return response

        return answered

    def _guarded(self, page: Page, needed: Scope) -> Callable[[Request, str], Awaitable[Response]]:
        async def guarded(request: Request, session: str) -> Response:
            actor = await self._gate.person(request)
            if actor is None:
                return _ask_to_sign_in(request)
            request.state.scope = actor.scope
            form = await _read(request, session) if request.method == "POST" else Form({}, {})
            if actor.scope < needed:
                raise HTTPException(403, _WHY_NOT[self._gate.has_user])
            with acting(actor):
                return await page(Visit(request, actor.scope, form))

        return guarded

    async def _show(self, request: Request, session: str) -> Response:
        if await self._gate.person(request) is not None:
            return RedirectResponse(_way_back(request.query_params.get("back", "")), 303)
        return self._form(request, request.query_params.get("back", ""))

    async def _sign_in(self, request: Request, session: str) -> Response:
        form = await _read(request, session)
        user, back, signed_in = form.text("user"), form.text("back"), new_session()
        if not await self._gate.sign_in(request, user, form.fields.get("password", ""), signed_in):
            return self._form(request, back, user=user, is_wrong=True)
        response = RedirectResponse(_way_back(back), 303)
        hand_out(response, request, signed_in, seconds=SESSION_SECONDS)
        return response

    async def _sign_out(self, request: Request, session: str) -> Response:
        await _read(request, session)
        await self._gate.sign_out(session)
        response = RedirectResponse(SIGN_IN, 303)
        hand_out(response, request, new_session(), seconds=SESSION_SECONDS)
        return response

    def _form(self, request: Request, back: str, *, user: str = "", is_wrong: bool = False) -> Response:
        status = 403 if is_wrong else 200
        return self._pages.page(request, "sign_in.html", status, back=back, user=user, is_wrong=is_wrong)


_WHY_NOT = {
    False: "without a user and a password, only the server's own computer may change anything",
    True: "this token may not do that",
}


async def _read(request: Request, session: str) -> Form:
    form = await read_form(request)
    check_form(form, session)
    return form


def _ask_to_sign_in(request: Request) -> Response:
    """A browser is shown the form; a program, and whoever gave wrong credentials, is told. An open page whose session
    ended asks for itself again: told 401, its browser would ask for a password beside it, and again and again."""
    accepted = request.headers.get("accept", "")
    if "authorization" not in request.headers and "text/event-stream" in accepted:
        return Response(_SIGNED_OUT, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
    if "authorization" in request.headers or "text/html" not in accepted:
        raise HTTPException(401, headers=CHALLENGE)
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    return RedirectResponse(f"{SIGN_IN}?back={quote(request.url.path + query, safe='')}", 303)


def _way_back(path: str) -> str:
    return path if is_own_path(path) else "/"

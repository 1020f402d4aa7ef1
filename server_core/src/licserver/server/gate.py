# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what on the web page and the JSON API. docs/specification.md, section 3; docs/security.md, "Web page".

A password is slow to verify on purpose (scrypt). So one is verified at a time, few requests wait for that, and an
address has so many tries; a password that was right is known again by a digest, which costs no try.
docs/protocol.md, "JSON API".
"""

import base64
import hashlib
import logging
import secrets
from hmac import compare_digest, digest

import anyio
import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request

from licserver.ini_text import verify_credential
from licserver.limits import Allowance, peer_of
from licserver.pages.sessions import session_in
from licserver.server.actors import Actor
from licserver.server.browsers import is_this_computer
from licserver.server.configuration import Configuration
from licserver.server.control import control_proof
from licserver.server.scopes import Scope
from licserver.server.signed_in import SignedIn
from licserver.server.tokens import Tokens
from licserver.settings import Settings

TRIES = 10
"""Passwords that one address may try, beside those that grow back with time."""
TRIES_PER_SECOND = 0.1
MAX_WAITING = 8
"""Requests that wait for their password to be verified; the next one is refused."""

_log = logging.getLogger(__name__)


class Gate:
    """Judges requests by what their ``Authorization`` says, and at pages by who signed in.

    :param token: that of the control file.
    """

    def __init__(self, configuration: Configuration, token: str, tokens: Tokens, signed_in: SignedIn) -> None:
        self._configuration = configuration
        self._token = token
        self._tokens = tokens
        self._signed_in = signed_in
        self._tries = Allowance(TRIES, TRIES_PER_SECOND)
        self._signing = anyio.Lock()
        self._verifying = anyio.CapacityLimiter(1)
        self._waiting = 0
        self._digest_key = secrets.token_bytes(32)
        self._known = b""

    @property
    def has_user(self) -> bool:
        """Whether a user and a password are set."""
        return self._configuration.settings.user is not None

    def proof(self, nonce: str) -> str:
        """What convinces a command that it talks to this server."""
        return control_proof(self._token, nonce)

    async def program(self, request: Request) -> Actor | None:
        """Who a program is by its ``Authorization``: the token of the control file, one of those for programs, or the
        user and password that are set; ``None`` for nobody who is known.

        :raises HTTPException: 429: too many passwords are being tried.
        """
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if compare_digest(value.encode(), self._token.encode()):
                return Actor("local", Scope.ADMIN, _address(request))
            found = self._tokens.find(value)
            return None if found is None else Actor("token", found[1], _address(request), token=found[0])
        if scheme.lower() == "basic" and self.has_user:
            try:
                user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
            except ValueError:  # not base64, or not UTF-8 below it
                return None
            return _user(request) if await self._is_user(user, password, request) else None
        return None

    async def person(self, request: Request) -> Actor | None:
        """Who a person is: the same, or by having signed in; while no user is set, everything may be done on this
        computer, and looked at from everywhere.

        :raises HTTPException: 429: too many passwords are being tried.
        """
        known = await self.program(request)
        if known is not None:
            return known
        if not self.has_user:
            if is_this_computer(request):
                return Actor("local", Scope.ADMIN, _address(request))
            return Actor("anybody", Scope.READ, _address(request))
        session = session_in(request)
        return _user(request) if session and self._signed_in.has(session, self._credentials()) else None

    async def sign_in(self, request: Request, user: str, password: str, session: str) -> bool:
        """Let a session in; false where user and password are others than those that are set, or none are.

        :raises HTTPException: 429: too many passwords are being tried.
        :raises WriteError: that somebody signed in cannot be kept.
        """
        if not self.has_user or not await self._is_user(user, password, request):
            return False
        async with self._signing:
            await anyio.to_thread.run_sync(self._signed_in.add, session, self._credentials())
        return True

    async def sign_out(self, session: str) -> None:
        """End a session.

        :raises WriteError: that cannot be kept.
        """
        async with self._signing:
            await anyio.to_thread.run_sync(self._signed_in.remove, session)

    async def _is_user(self, user: str, password: str, request: Request) -> bool:
        settings = self._configuration.settings
        known = repr((self._credentials(), user, password))  # what a reload replaced is not known any more
        given = digest(self._digest_key, known.encode(), "sha256")
        address = _address(request)
        peer = peer_of(address) if address else ""
        if not self._tries.has(peer):  # whatever it says now: otherwise it could go on guessing what is known
            raise _too_many()
        if compare_digest(given, self._known):
            return True
        if self._waiting >= MAX_WAITING or not self._tries.take(peer):
            raise _too_many()
        self._waiting += 1
        try:
            right = await anyio.to_thread.run_sync(_verify, settings, user, password, limiter=self._verifying)
        finally:
            self._waiting -= 1
        if right:
            self._known = given
        else:
            _log.warning("web page: a wrong user or password, from %s", address or "?")
        return right

    def _credentials(self) -> str:
        """A name for the user and the password that are set; it says nothing of them."""
        settings = self._configuration.settings
        return hashlib.sha256(f"{settings.user} {settings.password}".encode()).hexdigest()


def _user(request: Request) -> Actor:
    return Actor("user", Scope.ADMIN, _address(request))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _too_many() -> HTTPException:
    return HTTPException(429, "too many passwords are being tried", {"Retry-After": str(round(1 / TRIES_PER_SECOND))})


def _verify(settings: Settings, user: str, password: str) -> bool:
    sealed = (settings.user or "", settings.password or "")
    return all([verify_credential(sealed[0], user), verify_credential(sealed[1], password)])

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may read the web page and the JSON API, and who may change something. docs/specification.md, section 3.

A password is slow to verify on purpose (scrypt). So one is verified at a time, few requests wait for that, and an
address has so many tries; a password that was right is known again by a digest. docs/protocol.md, "JSON API".
"""

import base64
import secrets
from hmac import compare_digest, digest

import anyio
import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request

from licserver.ini_text import verify_credential
from licserver.limits import Allowance, peer_of
from licserver.server.configuration import Configuration
from licserver.server.control import control_proof
from licserver.settings import Settings

TRIES = 10
"""Passwords that one address may try, beside those that grow back with time."""
TRIES_PER_SECOND = 0.1
MAX_WAITING = 8
"""Requests that wait for their password to be verified; the next one is refused."""


class Gate:
    """Judges requests by what their ``Authorization`` says."""

    def __init__(self, configuration: Configuration, token: str) -> None:
        self._configuration = configuration
        self._token = token
        self._tries = Allowance(TRIES, TRIES_PER_SECOND)
        self._verifying = anyio.CapacityLimiter(1)
        self._waiting = 0
        self._digest_key = secrets.token_bytes(32)
        self._known = b""

    def proof(self, nonce: str) -> str:
        """What convinces a command that it talks to this server."""
        return control_proof(self._token, nonce)

    async def may_change(self, request: Request) -> bool:
        """The token of the control file, or the user and password that are set.

        :raises HTTPException: 429: too many passwords are being tried.
        """
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return compare_digest(value.encode(), self._token.encode())
        if scheme.lower() == "basic" and self._configuration.settings.user is not None:
            return await self._is_user(value, peer_of(request.client.host) if request.client else "")
        return False

    async def may_read(self, request: Request) -> bool:
        """Everybody while no user is set.

        :raises HTTPException: 429: too many passwords are being tried.
        """
        return self._configuration.settings.user is None or await self.may_change(request)

    async def _is_user(self, credentials: str, peer: str) -> bool:
        settings = self._configuration.settings
        known = f"{settings.user}:{settings.password}:{credentials}"  # what a reload replaced is not known any more
        given = digest(self._digest_key, known.encode(), "sha256")
        if compare_digest(given, self._known):
            return True
        if self._waiting >= MAX_WAITING or not self._tries.take(peer):
            raise HTTPException(
                429, "too many passwords are being tried", {"Retry-After": str(round(1 / TRIES_PER_SECOND))}
            )
        self._waiting += 1
        try:
            right = await anyio.to_thread.run_sync(_verify, settings, credentials, limiter=self._verifying)
        finally:
            self._waiting -= 1
        if right:
            self._known = given
        return right


def _verify(settings: Settings, credentials: str) -> bool:
    try:
        user, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:  # not base64, or not UTF-8 below it
        return False
    sealed = (settings.user or "", settings.password or "")
    return all([verify_credential(sealed[0], user), verify_credential(sealed[1], password)])

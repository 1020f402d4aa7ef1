# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens with which programs use the JSON API. docs/protocol.md, "Tokens".

A token is a random number, shown once; its SHA-256 is kept with the state, and opens nothing. A number that nobody can
guess needs no slow digest.
"""

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from licserver.documents import Name
from licserver.errors import LicensingError
from licserver.events import EventSink
from licserver.files import write_atomically
from licserver.kept_file import KeptFile, LostError
from licserver.server.actors import by_whom
from licserver.server.scopes import Scope

TOKENS_NAME = "tokens.json"
MOST_TOKENS = 100
_PREFIX = "protect_"
_DAY = 24 * 3600

_log = logging.getLogger(__name__)

ScopeName = Literal["read", "operate", "admin"]


class TokenOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token that is wanted.

    :ivar days: for how long it is good; ``None``: until it is removed.
    """

    name: Name
    scope: ScopeName
    days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None


class _Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    digest: str
    scope: ScopeName
    made_at: int
    expires_at: int | None


class Tokens:
    """The tokens of one server.

    :raises LostError: the file was damaged, and its copy too: there are no tokens any more.
    """

    def __init__(self, path: Path, events: EventSink, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._events = events
        self._changing = asyncio.Lock()
        self._file = KeptFile(path, _decode)
        self._tokens = self._file.read() or {}

    def find(self, token: str) -> tuple[str, Scope] | None:
        """The name of a token and what it allows; ``None`` for one that is unknown or has expired."""
        digest = _digest(token)
        for name, one in self._tokens.items():
            if secrets.compare_digest(one.digest, digest):
                is_over = one.expires_at is not None and one.expires_at <= self._clock()
                return None if is_over else (name, Scope[one.scope.upper()])
        return None

    def listed(self) -> list[dict[str, Any]]:
        """Every token, by name, without what opens anything."""
        return [
            {"name": name, "scope": one.scope, "made_at": one.made_at, "expires_at": one.expires_at}
            for name, one in sorted(self._tokens.items())
        ]

    async def add(self, order: TokenOrder) -> str:
        """Make a token; what its owner says from now on.

        :raises LicensingError: there is one of that name, or there are too many.
        :raises WriteError: it cannot be kept; there is none.
        """
        async with self._changing:
            if order.name in self._tokens:
                hint = "Remove it first, or choose another name"
                raise LicensingError("token_exists", f"there is a token named {order.name}", hint=hint)
            if len(self._tokens) >= MOST_TOKENS:
                hint = "Remove one that nobody uses any more"
                raise LicensingError("too_many_tokens", f"there are {MOST_TOKENS} tokens", hint=hint)
            token, now = _PREFIX + secrets.token_urlsafe(32), int(self._clock())
            end = None if order.days is None else now + order.days * _DAY
            made = _Token(_digest(token), order.scope, now, end)
            await self._keep({**self._tokens, order.name: made}, order.name)
        return token

    async def remove(self, name: str) -> bool:
        """Take a token away; false where there is none of that name.

        :raises WriteError: that cannot be kept; it stays.
        """
        async with self._changing:
            if name not in self._tokens:
                return False
            await self._keep({other: one for other, one in self._tokens.items() if other != name}, name)
        return True

    async def _keep(self, tokens: dict[str, _Token], changed: str) -> None:
        await asyncio.to_thread(self._file.write, msgspec.json.format(msgspec.json.encode(tokens)))
        self._tokens = tokens
        self._events.note("settings_changed", names=f"token {changed}", **by_whom())


def open_tokens(path: Path, events: EventSink, *, clock: Callable[[], float]) -> Tokens:
    """The tokens of a server that serves without those that were lost; what is left of them lies aside, an alarm."""
    try:
        return Tokens(path, events, clock=clock)
    except LostError as error:
        _log.error("%s; there are no tokens any more", error)
        write_atomically(path, b"{}")
        return Tokens(path, events, clock=clock)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _decode(data: bytes) -> dict[str, _Token]:
    try:
        return msgspec.json.decode(data, type=dict[str, _Token])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error

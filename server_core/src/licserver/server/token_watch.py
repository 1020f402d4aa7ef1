# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for hardware keys that are plugged in or out. docs/specification.md, section 7.

A token is slow, and its library may keep its caller waiting: it is asked in a thread, and everybody else goes by what
was seen at the last look.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from licserver.cryptoki import CryptokiError
from licserver.errors import LicensingError
from licserver.events.alarms import Alarms
from licserver.keys import ProtectionKey
from licserver.keys.hardware_key import TokenContent, Tokens, open_token
from licserver.keys.keyring import AttachedKey
from licserver.kit import Kit
from licserver.remarks import Remark
from licserver.server.configuration import Configuration

LOOK_SECONDS = 2.0
"""After so long it is looked again."""
PAUSE_SHARE = 10.0
"""A pause is so many times as long as a look at least, for libraries that are slow."""
FIRST_LOOK_SECONDS = 10.0
"""For so long a start waits for the tokens."""
PIN_NAME = "token.pin"
"""The file in a server's state with the PIN of tokens that ask for one."""


class TokenWatch:
    """What hardware keys there are.

    :param kits: every vendor's kit.
    :param vouch: has a key sign beforehand what it would be asked for while a client waits.
    :ivar keys: as they were at the last look.
    :ivar pause: seconds until it is time for the next one.
    """

    def __init__(
        self,
        configuration: Configuration,
        state: Path,
        kits: Callable[[], Mapping[str, Kit]],
        alarms: Alarms,
        vouch: Callable[[ProtectionKey], None],
    ) -> None:
        self._configuration = configuration
        self._pin_path = state / PIN_NAME
        self._kits = kits
        self._alarms = alarms
        self._vouch = vouch
        self._looking = asyncio.Lock()
        self._library: tuple[str, str | None] = ("", None)
        self._tokens: Tokens | None = None
        self._known_kits: Mapping[str, Kit] = {}
        self._opened: dict[TokenContent, AttachedKey] = {}
        self.keys: tuple[AttachedKey, ...] = ()
        self.pause = LOOK_SECONDS

    async def first_look(self) -> None:
        """Look before the server serves, so that whoever holds a license of a hardware key keeps it."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.look(), FIRST_LOOK_SECONDS)

    async def look(self) -> bool:
        """See what is plugged in now; whether that is something else than at the last look."""
        async with self._looking:
            module = self._configuration.settings.token_module
            if not module and not self.keys:
                self._alarms.tell("tokens_unusable", None)
                return False
            before, began = self.keys, time.monotonic()
            self.keys, problem = await asyncio.to_thread(self._look, module)
            self.pause = max(LOOK_SECONDS, PAUSE_SHARE * (time.monotonic() - began))
            self._alarms.tell("tokens_unusable", problem)
            return self.keys != before

    def _look(self, module: str) -> tuple[tuple[AttachedKey, ...], Remark | None]:
        if not module:
            return (), None
        try:
            tokens, kits = self._opened_library(module), self._kits()
            contents = tokens.read()
        except LicensingError as error:
            return (), Remark.of(error)
        known = self._opened if kits == self._known_kits else {}
        self._known_kits, self._opened = kits, {}
        for content in contents:
            attached = known.get(content)
            if attached is None or attached.key is None:
                attached = open_token(content, kits, tokens)
            self._opened[content] = attached
            if attached.key is not None:
                with contextlib.suppress(LicensingError):  # it was unplugged just now
                    self._vouch(attached.key)
        return tuple(self._opened.values()), None

    def _opened_library(self, module: str) -> Tokens:
        wanted = (module, self._pin())
        if self._tokens is None or wanted != self._library:
            self._tokens, self._library, self._opened = Tokens(*wanted), wanted, {}
        return self._tokens

    def _pin(self) -> str | None:
        path = self._pin_path
        try:
            if os.name != "nt" and path.stat().st_mode & 0o077:
                raise CryptokiError(f"{path} can be read by others than its owner", hint=f"Run: chmod 600 {path}")
            return path.read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise CryptokiError(f"{path}: {error}", hint="Check its owner and rights") from error

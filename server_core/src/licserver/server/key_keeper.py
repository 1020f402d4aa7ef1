# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a running server: looked at, and set by an administrator. One process owns them."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from licserver.binding import FACT_NAMES, FactReader, FactToday, OneReading, facts_today
from licserver.events import EventSink
from licserver.files import WriteError
from licserver.ini_text import is_one_line
from licserver.kept_file import LostError
from licserver.keys import KeyFileError, ProtectionKey
from licserver.keys.keyring import AttachedKey, KeyFolder, one_of_each
from licserver.keys.options import OPTIONS_NAME, KeyOptions, OptionsFile
from licserver.kit import Kit
from licserver.server.actors import by_whom
from licserver.server.desk import Desk
from licserver.server.key_events import key_events
from licserver.server.reports import Reports
from licserver.server.token_watch import TokenWatch
from licserver.system import this_system

RECHECK_SECONDS = 10.0
"""After so long a broken key is looked at again: at boot, a disk or a network card may come after the server."""
LOOK_SECONDS = 600.0
"""After so long keys that work are looked at again: what is about to break them is to be seen before it does."""

_log = logging.getLogger(__name__)


class KeyKeeper:
    """Keeps the keys that lie in a state folder, and those on tokens, for a desk."""

    def __init__(self, state: Path, desk: Desk, reports: Reports, events: EventSink) -> None:
        self._desk = desk
        self._reports = reports
        self._events = events
        self._known: Mapping[str, AttachedKey] | None = None
        self.folder = KeyFolder(state)
        self._options = OptionsFile(state / OPTIONS_NAME)
        self.reader = this_system().fact_reader()
        self.tokens = TokenWatch(reports.configuration, state, self.folder.kits, reports.alarms, self._vouch)
        self._looking = asyncio.Lock()
        self._setting = asyncio.Lock()

    async def load(self, *, changed: str = "", removed: str = "") -> None:
        """Look again at what is attached.

        :param changed: the number of a key that an administrator has given another license since.
        :param removed: the number of a key that he has removed since.
        """
        async with self._looking:  # what was seen later must not be replaced by what was seen before
            attached, options = await asyncio.to_thread(self._look)
            self._desk.attach(attached, options)
            found = {key.key_number: key for key in attached}
            for kind, fields in key_events(self._known, found, removed=removed):
                by_hand = fields["key_number"] in (changed, removed)
                self._events.note(kind, **fields, **(by_whom() if by_hand else {}))
            self._known = found
            self._looked_at = time.monotonic()

    async def look_at_tokens(self) -> None:
        """See which hardware keys are plugged in now."""
        if await self.tokens.look():
            await self.load()

    async def watch_tokens(self, over: asyncio.Event) -> None:
        """The same again and again, beside all other duties: a library of tokens may keep its caller waiting."""
        while not over.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(over.wait(), self.tokens.pause)
                return
            try:
                await self.look_at_tokens()
            except Exception:
                _log.exception("hardware keys could not be looked for; it is tried again")

    async def add_kit(self, kit: Kit, *, keep: bool = True) -> dict[str, Any]:
        """Believe a vendor's keys from now on, as activating one of them would; what is believed already is no change.

        :param keep: otherwise only tell whether that would change something.
        :raises WriteError: it cannot be kept.
        """
        only, known = kit.only_for(), self.folder.kits()
        is_new = any(known.get(key.kid) != only for key in only.vendor_keys)
        if is_new and keep:
            await asyncio.to_thread(self.folder.add_kit, only, msgspec.json.encode(only))
            await self.tokens.look()
            await self.load()
        return {"changed": is_new, "vendor": kit.vendor}

    async def set_options(self, key_number: str, wanted: Mapping[str, Any], keep: bool = True) -> dict[str, Any]:
        """Set a key's access code, or whether it is used; what is not named stays.

        :param keep: otherwise only tell whether that would change something.
        :raises KeyFileError: no such key, or a value of the wrong kind.
        """
        async with self._setting:  # each change is made to what the one before it left
            attached = self._desk.keys.attached.get(key_number)
            if attached is None:
                raise _unknown(key_number)
            before = self._desk.keys.options_of(key_number)
            after = await asyncio.to_thread(_changed, before, wanted, self._desk.sessions.server_id)
            changes = [name for name in ("access_code", "use") if getattr(after, name) != getattr(before, name)]
            if keep and after != before:
                await asyncio.to_thread(self._options.write, {**self._desk.keys.options, key_number: after})
                self._events.note("key_changed", key_number=key_number, changes=", ".join(changes), **by_whom())
                await self.load()
            return {
                "changed": after != before,
                "changes": changes,
                "before": {"access_code_set": bool(before.access_code), "use": before.use},
                "key": self._reports.key(self._desk.keys.attached.get(key_number, attached)),
            }

    async def remove(self, key_number: str, *, purge: bool, keep: bool = True) -> dict[str, Any]:
        """Take a key away for good; its holders are told as when it vanishes. What is not there is no error.

        :param purge: leave no copy of its file.
        :param keep: otherwise only tell whether there is something to remove.
        :raises KeyFileError: its file cannot be removed.
        """
        await self.load()
        attached, copy = self._desk.keys.attached.get(key_number), None
        there = attached is not None
        if attached is not None and attached.kind == "hardware":
            raise KeyFileError(
                f"{key_number} is a hardware key", code="hardware_key", hint="Unplug it, or do not use it any more"
            )
        if there and keep:
            copy = await asyncio.to_thread(self.folder.remove, key_number, purge=purge)
            await self.load(removed=key_number)
        return {"changed": there, "key_number": key_number, "copy": None if copy is None else str(copy)}

    async def verify(self, numbers: Collection[str]) -> list[dict[str, Any]]:
        """Each key that is there now, with the facts of this computer today beside those that it is bound to.

        :param numbers: only these; empty: all.
        :raises KeyFileError: one of them is not there.
        """
        await self.load()
        attached = self._desk.keys.attached
        for number in numbers:
            if number not in attached:
                raise _unknown(number)
        chosen = [one for number, one in sorted(attached.items()) if not numbers or number in numbers]
        facts = await asyncio.to_thread(_facts_of, chosen, OneReading(self.reader))
        return [_verified(self._reports.key(one), facts[one.key_number]) for one in chosen]

    async def recheck(self) -> None:
        """Once in a while look again: soon at keys that are broken, later at those that work."""
        broken = any(one.key is None for one in self._desk.keys.attached.values())
        if time.monotonic() - self._looked_at >= (RECHECK_SECONDS if broken else LOOK_SECONDS):
            await self.load()

    def _vouch(self, key: ProtectionKey) -> None:
        self._desk.sessions.certificate(key, int(self._reports.clock()))

    def _look(self) -> tuple[list[AttachedKey], dict[str, KeyOptions]]:
        attached = one_of_each([*self.folder.attached(self.reader), *self.tokens.keys])
        try:
            return attached, self._options.read()
        except LostError as error:
            _log.error("%s. No key serves until it is said again which ones do, and with which access codes", error)
            unused = {key.key_number: KeyOptions(use=False) for key in attached}
            with contextlib.suppress(WriteError):  # a full disk: then they are lost at the next look, too
                self._options.write(unused)
            return attached, unused


def _unknown(key_number: str) -> KeyFileError:
    return KeyFileError(f"no key {key_number} is attached", code="unknown_key", hint="`licctl key list` names all")


def _facts_of(keys: Iterable[AttachedKey], facts: FactReader) -> dict[str, list[FactToday]]:
    return {
        one.key_number: list(facts_today(facts, one.license.facts, one.key_number)) if one.license else []
        for one in keys
    }


def _verified(key: Mapping[str, Any], facts: Iterable[FactToday]) -> dict[str, Any]:
    told = [fact._asdict() | {"name": FACT_NAMES[fact.kind]} for fact in facts]
    works = key["state"] == "active"
    return {name: key[name] for name in ("key_number", "problem", "warnings")} | {"works": works, "facts": told}


def _changed(options: KeyOptions, wanted: Mapping[str, Any], server_id: str) -> KeyOptions:
    for name, value in wanted.items():
        match name, value:
            case "access_code", str() if not is_one_line(value):
                problem = "an access code is one line without blanks at its ends: no client.ini holds another"
                raise KeyFileError(problem, code="bad_request")
            case "access_code", str() if value != options.access_code:
                options = options.with_access_code(value, server_id)
            case "use", bool():
                options = KeyOptions(access_code=options.access_code, derived=options.derived, use=value)
            case "access_code", str():
                pass
            case _:
                raise KeyFileError(f"a key has no option {name} of that kind", code="bad_request")
    return options

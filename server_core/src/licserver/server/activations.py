# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activations as the running server carries them out, for keys and for packs, whichever way request and answer go.

docs/specification.md, sections 5 to 7.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from licserver import __version__
from licserver.activation import ActivationError
from licserver.activation.carried import read_answer
from licserver.activation.packs import PendingPack, holds_pack
from licserver.activation.phone import code_of, license_by_phone
from licserver.activation.requests import PendingActivation, is_in_force
from licserver.activation.updates import accept_update, read_update, state_of, write_state
from licserver.documents import License, PackRequest, read_unchecked
from licserver.errors import LicensingError
from licserver.keys.hardware_key import HardwareKey
from licserver.licenses import vendor_key_id
from licserver.server.activate import ActivationOrder, Activator, read_order
from licserver.server.desk import Desk
from licserver.server.key_keeper import KeyKeeper
from licserver.server.packs import PackActivator, PackOrder, check_in_use, working_key
from licserver.server.reports import Reports
from licserver.server.requests import RequestFolder
from licserver.server.trusted_kits import check_center, check_kit

_log = logging.getLogger(__name__)


class Activations:
    """One activation at a time for each key.

    :ivar request_folder: where requests wait, and lie aside when they are damaged.
    """

    def __init__(self, state: Path, desk: Desk, keys: KeyKeeper, reports: Reports) -> None:
        self._desk = desk
        self._keys = keys
        self._reports = reports
        self._requests = RequestFolder(state)
        self.request_folder = self._requests.folder
        self._activator = Activator(self._requests, keys.folder, keys.reader)
        self._packs = PackActivator(self._requests, keys.folder, desk.sessions.server_id)
        self._one_at_a_time: dict[str, asyncio.Lock] = {}
        with contextlib.suppress(LicensingError):  # whoever asks for them is told
            self._requests.waiting()  # one that was damaged meanwhile is an alarm from the start on

    async def activate(self, order: ActivationOrder) -> dict[str, Any]:
        """Activate a key online, unless it is active already.

        :raises LicensingError: refused, or not finished.
        """
        check_kit(order.kit, self._keys.folder)
        check_center(order.center_url, order.kit)
        async with self._alone(order.key_number):
            if await self._is_wanted(order):
                await self._activator.activate(order)
                return await self._loaded(order.key_number)
            self._forget_answered(order.key_number)
            return self._unchanged(order.key_number)

    async def activate_pack(self, order: PackOrder) -> dict[str, Any]:
        """Activate a license pack online, unless the key has its licenses already.

        :raises LicensingError: refused, or not finished.
        """
        async with self._alone(order.key_number):
            await self._keys.load()
            key = working_key(order.key_number, self._desk.keys.attached.get(order.key_number))
            if holds_pack(key.license, order.pack):
                self._forget_answered(order.key_number)
                return self._unchanged(order.key_number)
            check_center(order.center_url, self._keys.folder.kits()[vendor_key_id(key.license_token)])
            check_in_use(key.license, self._desk.book.leases.values())
            await self._packs.activate(order, key)
            return await self._loaded(order.key_number)

    async def request(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The request for a key or a pack, to be carried to the center: the one under way, or a new one.

        :param content: what an order has for the online way, and ``anew``: make a new request in any case.
        :raises LicensingError: nothing can be asked for.
        :raises msgspec.ValidationError: the order does not fit.
        """
        anew = msgspec.convert(content.get("anew", False), bool)
        rest = {name: value for name, value in content.items() if name != "anew"}
        pack_order = msgspec.convert(rest, PackOrder) if "pack" in rest else None
        order = pack_order or read_order(rest)
        async with self._alone(order.key_number):
            if isinstance(order, PackOrder):
                await self._keys.load()
                key = working_key(order.key_number, self._desk.keys.attached.get(order.key_number))
                if holds_pack(key.license, order.pack):
                    return self._unchanged(order.key_number) | {"request": None}
                check_in_use(key.license, self._desk.book.leases.values())
                return {"request": describe_request(self._packs.request(order, key, anew=anew))}
            check_kit(order.kit, self._keys.folder)
            if not await self._is_wanted(order):
                return self._unchanged(order.key_number) | {"request": None}
            request = describe_request(await asyncio.to_thread(self._activator.request, order, anew=anew))
            return {"request": request, "phone": request["phone"]}

    def requests(self) -> dict[str, Any]:
        """Every request that waits for its answer, and the files of those that were damaged."""
        waiting = [describe_request(pending) for pending in self._requests.waiting() if not self._is_answered(pending)]
        return {"requests": waiting, "damaged": [str(path) for path in self._requests.damaged()]}

    async def load(self, text: str) -> dict[str, Any]:
        """Take an answer file: for a key or a pack, whatever its request asked for.

        :raises LicensingError: it is none, it is for another server, it was loaded before, or it is too old.
        """
        token, license = read_answer(text)
        async with self._alone(license.key_number):
            pending = self._requests.waiting_for(license.request_id)
            if pending is None:
                raise self._nobody_waits_for(license)
            self._refuse_expired(license)
            await self._keys.load()
            if self._is_loaded(token, license):  # and then the server was killed
                self._requests.forget(pending)
            elif isinstance(pending, PendingPack):
                key = working_key(license.key_number, self._desk.keys.attached.get(license.key_number))
                self._packs.load(pending, token, key)
            else:
                await self._load_key(pending, token, license)
            return await self._loaded(license.key_number)

    async def remove(self, key_number: str, *, purge: bool, only_check: bool) -> dict[str, Any]:
        """Remove a key: see :meth:`KeyKeeper.remove`.

        :raises LicensingError: its file cannot be removed.
        """
        async with self._alone(key_number):
            return await self._keys.remove(key_number, purge=purge, keep=not only_check)

    async def update(self, text: str) -> dict[str, Any]:
        """Take the vendor's update of a hardware key, as it was pasted.

        :raises LicensingError: it is none, it is for another key, it is older than what the key has, or the key was
            unplugged meanwhile; the key works as before.
        """
        token, license = read_update(text)
        number = license.key_number
        async with self._alone(number):
            await self._keys.look_at_tokens()
            key = self._hardware_key(number)
            if key.license_token == token:
                return self._unchanged(number)
            accept_update(token, self._keys.folder.kits()[vendor_key_id(key.license_token)], key.license)
            self._refuse_expired(license)
            await asyncio.to_thread(key.renew, token)
            return await self._loaded(number)

    async def key_state(self, key_number: str) -> dict[str, Any]:
        """What a hardware key has, as a text for the vendor.

        :raises LicensingError: no such hardware key is plugged in.
        """
        await self._keys.look_at_tokens()
        key = self._hardware_key(key_number)
        state = state_of(key.license, key.license_token, now=int(time.time()), server_version=__version__)
        text = write_state(await asyncio.to_thread(key.sign, state))
        return {"key_number": key_number, "file_name": f"{key_number}.state", "text": text}

    def _hardware_key(self, key_number: str) -> HardwareKey:
        attached = self._desk.keys.attached.get(key_number)
        if attached is not None and isinstance(attached.key, HardwareKey):
            return attached.key
        raise ActivationError(
            "not_plugged_in",
            f"no hardware key {key_number} is plugged in here",
            hint="Plug it in: `licctl key list` names every key that is there",
        )

    async def load_by_phone(self, key_number: str, blocks: str) -> dict[str, Any]:
        """Take the answer that the desk gave by telephone to the request for a key.

        :param blocks: in any grouping.
        :raises LicensingError: they were misheard, are for another request, or there is none.
        """
        async with self._alone(key_number):
            pending = self._requests.waiting_for_key(key_number)
            if pending is None:
                raise self._no_request_for(key_number)
            token = await asyncio.to_thread(license_by_phone, pending, blocks, now=int(time.time()))
            license = read_unchecked(token, License)
            self._refuse_expired(license)
            await self._keys.load()
            if self._is_answered(pending):  # and then the server was killed
                self._requests.forget(pending)
            else:
                await self._load_key(pending, token, license)
            return await self._loaded(key_number)

    def _alone(self, key_number: str) -> asyncio.Lock:
        return self._one_at_a_time.setdefault(key_number, asyncio.Lock())

    async def _is_wanted(self, order: ActivationOrder) -> bool:
        await self._keys.load()  # a key may have been put back, or its computer mended, since the last look
        present = self._desk.keys.attached.get(order.key_number)
        if present is not None and present.key is None and not order.reactivate:
            raise ActivationError(
                "reactivation_needed",
                f"the key {order.key_number} is here already but does not work: {present.problem}",
                hint="To spend its next PIN on this computer, ask for a reactivation",
            )
        return present is None or present.key is None

    async def _load_key(self, pending: PendingActivation, token: str, license: License) -> None:
        """Write the key's file, but never one that does not work here, or is older, over one that works."""
        attached = self._desk.keys.attached.get(license.key_number)
        if attached is not None and attached.key is not None:
            if _is_behind(license, attached.key.license):
                raise ActivationError("old_answer", f"the key {license.key_number} has a newer license already")
            await asyncio.to_thread(self._activator.check_works_here, pending, token)
        self._activator.load(pending, token)

    def _is_answered(self, pending: PendingActivation | PendingPack) -> bool:
        """Whether the answer to a request is in force already: a server that was killed then has not forgotten it."""
        attached = self._desk.keys.attached.get(pending.content.key_number)
        if attached is None or attached.license is None:
            return False
        if isinstance(pending, PendingPack):
            return holds_pack(attached.license, pending.content.pack)
        return is_in_force(pending, attached.license)

    def _is_loaded(self, token: str, license: License) -> bool:
        attached = self._desk.keys.attached.get(license.key_number)
        return attached is not None and attached.key is not None and attached.key.license_token == token

    def _forget_answered(self, key_number: str) -> None:
        for pending in self._requests.waiting():
            if pending.content.key_number == key_number and self._is_answered(pending):
                self._requests.forget(pending)

    def _unchanged(self, key_number: str) -> dict[str, Any]:
        return {"changed": False, "key": self._reports.key(self._desk.keys.attached[key_number])}

    async def _loaded(self, key_number: str) -> dict[str, Any]:
        await self._keys.tokens.look()
        await self._keys.load(changed=key_number)
        activated = self._desk.keys.attached[key_number]
        if activated.key is None:
            raise ActivationError(
                "broken_key",
                f"the key {key_number} was activated but does not work: {activated.problem}",
                hint="If this computer changed after the request was made, ask for a reactivation",
            )
        _log.info("the key %s has a new license", key_number)
        return {"changed": True, "key": self._reports.key(activated)}

    def _refuse_expired(self, license: License) -> None:
        if license.expires_at is not None and license.expires_at <= self._reports.journal.ledger.date():
            raise ActivationError("key_expired", f"the key {license.key_number} in this answer has expired")

    def _nobody_waits_for(self, license: License) -> ActivationError:
        attached = self._desk.keys.attached.get(license.key_number)
        present = attached.license if attached is not None else None
        if present is not None and (present.request_id == license.request_id or _is_behind(license, present)):
            return ActivationError(
                "answer_used", f"this answer for the key {license.key_number} was loaded here already, or a newer one"
            )
        return self._no_request_for(license.key_number)

    def _no_request_for(self, key_number: str) -> ActivationError:
        damaged = self._requests.damaged(key_number)
        if damaged:
            return ActivationError(
                "request_damaged",
                f"the request for the key {key_number} was damaged here and lies aside as {damaged[-1]}",
                hint="Make a new request: an answer to the old one cannot be loaded any more",
            )
        return ActivationError(
            "foreign_answer",
            f"no request of this server waits for this answer for the key {key_number}",
            hint="Load it on the server that made the request; if a new request was made since, wait for its answer",
        )


def describe_request(pending: PendingActivation | PendingPack) -> dict[str, Any]:
    """A request for programs: its file, where to send it, and what to say by telephone."""
    content = pending.content
    code = code_of(pending) if isinstance(pending, PendingActivation) else None
    return {
        "request_id": content.request_id,
        "key_number": content.key_number,
        "pack": content.pack if isinstance(content, PackRequest) else None,
        "made_at": content.created_at,
        "file_name": f"{pending.name}.request",
        "text": pending.text(),
        "send_to": {"url": pending.kit.center_url, "mail": pending.kit.mail, "phone": pending.kit.phone},
        "phone": {"code": code.write(), "number": pending.kit.phone} if code is not None else None,
    }


def _is_behind(license: License, present: License) -> bool:
    return (license.activation, license.revision) <= (present.activation, present.revision)

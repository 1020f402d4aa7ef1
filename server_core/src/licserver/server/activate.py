# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation of keys: makes requests for the activation center, and key files of its answers.

docs/specification.md, section 5. The request lies on disk before it is sent and until its answer is a key file, so an
activation that was interrupted anywhere is finished by the same command, for the same PIN.
"""

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from licserver import __version__
from licserver.activation import ActivationError
from licserver.activation.requests import (
    NewActivation,
    PendingActivation,
    accept_answer,
    is_in_force,
    make_request,
    request_name,
)
from licserver.binding import FactReader, bind_best, bind_like
from licserver.documents import Name
from licserver.errors import LicensingError
from licserver.files import write_atomically
from licserver.keys import KeyFileError
from licserver.keys.keyring import KeyFolder
from licserver.keys.soft_key import read_key_file
from licserver.kit import Kit, check_kit, read_kit
from licserver.server.requests import RequestFolder


class ActivationOrder(NewActivation, frozen=True, kw_only=True):
    """What is asked of the running server.

    :ivar center_url: in place of the address in the kit.
    :ivar reactivate: spend another PIN on a key that stopped working.
    """

    kit: Kit
    center_url: str | None = None
    reactivate: bool = False


def read_order(content: Mapping[str, Any]) -> ActivationOrder:
    """An order as the JSON API takes it.

    :raises ActivationError: the key number cannot be one.
    :raises KitError: the kit cannot be used.
    :raises msgspec.ValidationError: anything else does not fit.
    """
    try:
        msgspec.convert(content.get("key_number"), Name)
    except msgspec.ValidationError as error:
        raise ActivationError(
            "bad_key_number",
            f"{content.get('key_number')!r:.80} is no key number",
            hint="It has letters, digits, dots, underscores and hyphens, at most 64",
        ) from error
    read_kit(msgspec.json.encode(content.get("kit")))
    return msgspec.convert(content, ActivationOrder)


class Activator:
    """Asks for the licenses of keys, and makes key files of them."""

    def __init__(self, requests: RequestFolder, folder: KeyFolder, reader: FactReader) -> None:
        self._requests = requests
        self._folder = folder
        self._reader = reader

    async def activate(self, order: ActivationOrder) -> None:
        """Have the center answer, and write the key's file.

        :raises LicensingError: refused by the center, or not finished; then the same order finishes it.
        """
        await self._requests.settle(self._open(order), lambda: self._make(order), self.load, order.center_url)

    def request(self, order: ActivationOrder, *, anew: bool = False) -> PendingActivation:
        """The request for a key that is under way, or a new one.

        :param anew: forget the one under way: an answer to it will not be loaded any more.
        """
        return (None if anew else self._open(order)) or self._make(order)

    def check_works_here(self, pending: PendingActivation, answer: str) -> None:
        """Look whether the key of an answer fits the computer as it is today.

        :raises LicensingError: this is not the answer to the request, or the key would not work.
        """
        text = accept_answer(pending, answer)
        key_file = read_key_file(text, {key.kid: pending.kit for key in pending.kit.vendor_keys})
        try:
            key_file.open(bind_like(self._reader, key_file.license.facts))
        except LicensingError as error:
            raise ActivationError(
                error.code,
                f"the key works, and with this answer it would not: {error.message}",
                hint="Leave it as it is; should the computer become again what it was when the request was made, load "
                "the answer then",
            ) from error

    def load(self, pending: PendingActivation, answer: str) -> None:
        """Write the key's file.

        :raises LicensingError: this is not the answer to the request, which goes on waiting.
        """
        text = accept_answer(pending, answer)
        kit = pending.kit.only_for()
        self._folder.add_kit(kit, msgspec.json.encode(kit))
        write_atomically(self._folder.path(pending.content.key_number), text.encode())
        self._requests.forget(pending)

    def _open(self, order: ActivationOrder) -> PendingActivation | None:
        pending = self._requests.find(request_name(order.key_number, order.kit), PendingActivation)
        return None if pending is None or self._is_answered(pending) else self._with_ticket(pending, order.kit)

    def _with_ticket(self, pending: PendingActivation, kit: Kit) -> PendingActivation:
        """The request under way, with the ticket in a kit that came later."""
        number = pending.content.key_number
        if number not in kit.tickets or kit.tickets[number] == pending.kit.tickets.get(number):
            return pending
        known = msgspec.structs.replace(pending, kit=kit.only_for(number))
        self._requests.keep(known)
        return known

    def _is_answered(self, pending: PendingActivation) -> bool:
        try:
            text = self._folder.path(pending.content.key_number).read_text(encoding="utf-8")
            return is_in_force(pending, read_key_file(text, self._folder.kits()).license)
        except (OSError, UnicodeDecodeError, KeyFileError):
            return False

    def _make(self, order: ActivationOrder) -> PendingActivation:
        check_kit(order.kit)
        binding = bind_best(self._reader)
        pending = make_request(order, order.kit, binding, now=int(time.time()), server_version=__version__)
        self._requests.keep(pending)
        return pending

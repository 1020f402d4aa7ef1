# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Online activation: carries a request to the activation center and its answer back into a key file.

docs/specification.md, section 5. The request lies on disk before it is sent and until its answer is a key file, so an
activation that was interrupted anywhere is finished by the same command, for the same PIN.
"""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from licserver import __version__
from licserver.activation import ActivationError
from licserver.activation.requests import NewActivation, PendingActivation, accept_answer, make_request
from licserver.binding import FactReader, bind_best
from licserver.documents import Name
from licserver.files import write_atomically
from licserver.keys import KeyFileError
from licserver.keys.keyring import KeyFolder
from licserver.keys.soft_key import read_key_file
from licserver.kit import Kit, check_kit, read_kit
from licserver.server.center_client import ask_center
from licserver.server.requests import RequestFile


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
    """Activates keys on this computer, one request at a time for each key."""

    def __init__(self, state: Path, folder: KeyFolder, reader: FactReader) -> None:
        self._requests = state / "requests"
        self._requests.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._reader = reader

    async def activate(self, order: ActivationOrder) -> None:
        """Have the key's file written.

        :raises LicensingError: refused by the center, or not finished; then the same order finishes it.
        """
        check_kit(order.kit)

        async def finish(pending: PendingActivation) -> None:
            answer = await ask_center(order.center_url or order.kit.center_url, pending.request, order.kit.center_ca)
            text = accept_answer(pending, answer, order.kit)
            self._folder.add_kit(order.kit, msgspec.json.encode(order.kit))
            write_atomically(self._folder.path(order.key_number), text.encode())

        request = RequestFile(self._request_path(order), PendingActivation, still_open=self._is_unanswered)
        await request.settle(lambda: self._new_request(order), finish)

    def _request_path(self, order: ActivationOrder) -> Path:
        center = hashlib.sha256(order.kit.exchange_key.encode()).hexdigest()[:16]
        return self._requests / f"{order.key_number}-{center}.json"

    def _is_unanswered(self, pending: PendingActivation) -> bool:
        try:
            text = self._folder.path(pending.key_number).read_text(encoding="utf-8")
            return read_key_file(text, self._folder.kits()).license.request_id != pending.content.request_id
        except (OSError, UnicodeDecodeError, KeyFileError):
            return True

    def _new_request(self, order: ActivationOrder) -> PendingActivation:
        binding = bind_best(self._reader)
        return make_request(order, order.kit, binding, now=int(time.time()), server_version=__version__)

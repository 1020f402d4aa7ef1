# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Online activation: carries a request to the activation center and its answer back into a key file.

docs/specification.md, section 5. The request lies on disk before it is sent and until its answer is a key file, so an
activation that was interrupted anywhere is finished by the same command, for the same PIN.
"""

import hashlib
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from licserver import __version__
from licserver.activation import ActivationError
from licserver.activation.requests import NewActivation, PendingActivation, accept_answer, make_request
from licserver.binding import FactReader, bind_best
from licserver.documents import Name
from licserver.files import write_atomically
from licserver.keys import KeyFileError
from licserver.keys.keyring import KeyFolder
from licserver.keys.soft_key import peek_license
from licserver.kit import Kit, check_kit, read_kit

REQUEST_SECONDS = 30
FINAL_REFUSALS = frozenset(
    {
        "already_activated",
        "foreign_request",
        "incomplete_facts",
        "key_expired",
        "other_computer",
        "pin_spent",
        "pins_exhausted",
        "request_conflict",
        "wrong_pin",
    }
)
"""What a center decides about a request once and for all. After anything else the very same request is sent again."""


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
        pending = self._pending(order)
        if pending is not None:
            try:
                await self._finish(order, pending)
            except ActivationError as error:
                if error.code not in FINAL_REFUSALS:
                    raise
            else:
                return
        await self._finish(order, self._new_request(order))

    def _request_path(self, order: ActivationOrder) -> Path:
        center = hashlib.sha256(order.kit.exchange_key.encode()).hexdigest()[:16]
        return self._requests / f"{order.key_number}-{center}.json"

    def _pending(self, order: ActivationOrder) -> PendingActivation | None:
        try:
            pending = msgspec.json.decode(self._request_path(order).read_bytes(), type=PendingActivation)
        except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return None if self._is_answered(pending) else pending

    def _is_answered(self, pending: PendingActivation) -> bool:
        try:
            text = self._folder.path(pending.key_number).read_text(encoding="utf-8")
            return peek_license(text, self._folder.kits()).request_id == pending.content.request_id
        except (OSError, UnicodeDecodeError, KeyFileError):
            return False

    def _new_request(self, order: ActivationOrder) -> PendingActivation:
        binding = bind_best(self._reader)
        pending = make_request(order, order.kit, binding, now=int(time.time()), server_version=__version__)
        write_atomically(self._request_path(order), msgspec.json.encode(pending))
        return pending

    async def _finish(self, order: ActivationOrder, pending: PendingActivation) -> None:
        try:
            answer = await ask_center(order.center_url or order.kit.center_url, pending.request, order.kit.center_ca)
        except ActivationError as error:
            if error.code in FINAL_REFUSALS:
                self._request_path(order).unlink()
            raise
        text = accept_answer(pending, answer, order.kit)
        self._folder.add_kit(order.kit, msgspec.json.encode(order.kit))
        write_atomically(self._folder.path(order.key_number), text.encode())
        self._request_path(order).unlink()


class _Refusal(msgspec.Struct):
    code: str
    message: str
    hint: str = ""


class _Refused(msgspec.Struct):
    error: _Refusal


async def ask_center(url: str, request: str, authority: str | None) -> str:
    """Send a request document to an activation center, and return its answer document.

    :param authority: the certificate authority in PEM that signs the center's certificate; ``None``: the system's.
    :raises ActivationError: ``center_unreachable`` where asking again may help, else the code of the refusal.
    """
    import httpx  # takes a while to import, and only an activation needs it

    try:
        _check_address(url)
        context = ssl.create_default_context(cadata=authority)
        async with httpx.AsyncClient(verify=context, timeout=REQUEST_SECONDS) as client:
            response = await client.post(
                f"{url.rstrip('/')}/api/v1/activations", content=request, headers={"content-type": "text/plain"}
            )
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise _unreachable(url, str(error) or type(error).__name__) from error
    if response.status_code == httpx.codes.OK:
        return response.text.strip()
    try:
        refusal = msgspec.json.decode(response.content, type=_Refused).error
    except msgspec.MsgspecError:
        raise _unreachable(url, f"it answered with HTTP status {response.status_code}") from None
    if response.is_server_error:
        raise _unreachable(url, refusal.message)
    raise ActivationError(refusal.code, refusal.message, hint=refusal.hint)


def _check_address(url: str) -> None:
    address = urlsplit(url)
    _ = address.port  # httpx lets an impossible one through
    if address.scheme != "https" and address.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("the address must begin with https://")


def _unreachable(url: str, problem: str) -> ActivationError:
    return ActivationError(
        "center_unreachable",
        f"the activation center {url} gave no answer: {problem}",
        hint="Check the address and the way to it, and run the same command again: no PIN is lost",
    )

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation of license packs: the key asks the center, and its file gets the next license.

docs/specification.md, section 6.
"""

import time
from collections.abc import Iterable

from licserver import __version__
from licserver.activation import ActivationError
from licserver.activation.packs import NewPack, PendingPack, accept_pack_answer, make_pack_request, pack_request_name
from licserver.documents import License
from licserver.files import write_atomically
from licserver.keys import ProtectionKey
from licserver.keys.hardware_key import HardwareKey
from licserver.keys.keyring import AttachedKey, KeyFolder
from licserver.keys.soft_key import renew_soft_key
from licserver.licenses import vendor_key_id
from licserver.seats.lease import Lease
from licserver.server.requests import RequestFolder


class PackOrder(NewPack, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked of the running server.

    :ivar center_url: in place of the address in the vendor's kit.
    """

    center_url: str | None = None


class PackActivator:
    """Asks for the licenses of packs, and puts the next license into the files of keys."""

    def __init__(self, requests: RequestFolder, folder: KeyFolder, server_id: str) -> None:
        self._requests = requests
        self._folder = folder
        self._server_id = server_id

    async def activate(self, order: PackOrder, key: ProtectionKey) -> None:
        """Have the center answer, and the key's file written.

        :raises LicensingError: refused by the center, or not finished; then the same order finishes it.
        """

        def load(pending: PendingPack, answer: str) -> None:
            self.load(pending, answer, key)

        await self._requests.settle(self._open(order, key), lambda: self._make(order, key), load, order.center_url)

    def request(self, order: PackOrder, key: ProtectionKey, *, anew: bool = False) -> PendingPack:
        """The request for a pack that is under way, or a new one.

        :param anew: forget the one under way: an answer to it will not be loaded any more.
        """
        return (None if anew else self._open(order, key)) or self._make(order, key)

    def load(self, pending: PendingPack, answer: str, key: ProtectionKey) -> None:
        """Write the key's file, or the license on its token.

        :raises LicensingError: this is not the answer to the request, which goes on waiting.
        """
        license = accept_pack_answer(pending, answer, key.license)
        if isinstance(key, HardwareKey):
            key.renew(answer)
            self._requests.forget(pending)
            return
        path = self._folder.path(license.key_number)
        text = renew_soft_key(path.read_text(encoding="utf-8"), answer, license)
        write_atomically(path, text.encode())
        self._requests.forget(pending)

    def _open(self, order: PackOrder, key: ProtectionKey) -> PendingPack | None:
        pending = self._requests.find(pack_request_name(order.pack, order.key_number), PendingPack)
        asked_by_this_key = pending is not None and pending.content.key_public == key.license.key_public
        return pending if asked_by_this_key else None

    def _make(self, order: PackOrder, key: ProtectionKey) -> PendingPack:
        kit = self._folder.kits()[vendor_key_id(key.license_token)]
        pending = make_pack_request(
            order, key, kit, server_id=self._server_id, now=int(time.time()), server_version=__version__
        )
        self._requests.keep(pending)
        return pending


def working_key(key_number: str, attached: AttachedKey | None) -> ProtectionKey:
    """The key that a pack is for.

    :raises ActivationError: it is not attached, or does not work.
    """
    if attached is not None and attached.key is not None:
        return attached.key
    raise ActivationError(
        "unknown_key" if attached is None else "broken_key",
        f"no key {key_number} is attached" if attached is None else f"{key_number}: {attached.problem}",
        hint="A pack is activated on the server to which its key is attached, while the key works",
    )


def check_in_use(license: License, leases: Iterable[Lease]) -> None:
    """A pack is activated only while the product runs.

    :raises ActivationError: nobody holds a license for it.
    """
    if not any(lease.state == "active" and lease.product == license.product for lease in leases):
        raise ActivationError(
            "no_license_held",
            f"no running {license.product_name} holds a license of this server",
            hint="Start the product, leave it running, and activate the pack again",
        )

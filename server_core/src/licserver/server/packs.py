# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation of license packs: the key asks the center, and its file gets the next license.

docs/specification.md, section 6.
"""

import time
from collections.abc import Iterable
from pathlib import Path

from licserver import __version__
from licserver.activation import ActivationError
from licserver.activation.packs import NewPack, PendingPack, accept_pack_answer, make_pack_request
from licserver.documents import License, signer_id
from licserver.files import write_atomically
from licserver.keys import ProtectionKey
from licserver.keys.keyring import AttachedKey, KeyFolder
from licserver.keys.soft_key import renew_soft_key
from licserver.seats.lease import Lease
from licserver.server.center_client import ask_center
from licserver.server.requests import RequestFile


class PackOrder(NewPack, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked of the running server.

    :ivar center_url: in place of the address in the vendor's kit.
    """

    center_url: str | None = None


class PackActivator:
    """Activates packs for the keys of this computer, one request at a time for each pack and key."""

    def __init__(self, state: Path, folder: KeyFolder, server_id: str) -> None:
        self._requests = state / "requests"
        self._folder = folder
        self._server_id = server_id

    async def activate(self, order: PackOrder, key: ProtectionKey) -> None:
        """Have the key's file written with its next license.

        :raises LicensingError: refused by the center, or not finished; then the same order finishes it.
        """
        kit = self._folder.kits()[signer_id(key.license_token, License)]

        def is_open(pending: PendingPack) -> bool:
            return pending.content.key_public == key.license.key_public

        def make() -> PendingPack:
            return make_pack_request(
                order, key, kit, server_id=self._server_id, now=int(time.time()), server_version=__version__
            )

        async def finish(pending: PendingPack) -> None:
            answer = await ask_center(order.center_url or kit.center_url, pending.request, kit.center_ca)
            license = accept_pack_answer(pending, answer, kit, key.license)
            path = self._folder.path(order.key_number)
            text = renew_soft_key(path.read_text(encoding="utf-8"), answer, license)
            write_atomically(path, text.encode())

        path = self._requests / f"{order.pack}+{order.key_number}.json"
        await RequestFile(path, PendingPack, still_open=is_open).settle(make, finish)


def working_key(order: PackOrder, attached: AttachedKey | None) -> ProtectionKey:
    """The key that a pack is for.

    :raises ActivationError: it is not attached, or does not work.
    """
    if attached is not None and attached.key is not None:
        return attached.key
    raise ActivationError(
        "unknown_key" if attached is None else "broken_key",
        f"no key {order.key_number} is attached" if attached is None else f"{order.key_number}: {attached.problem}",
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

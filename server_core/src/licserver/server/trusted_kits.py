# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a server believes, and to which addresses it goes: its administrators decide.

Whoever else activates keys does so with the kits that it has, at the centers that they name. docs/security.md, "Web
page".
"""

from licserver.activation import ActivationError
from licserver.keys.keyring import KeyFolder
from licserver.kit import Kit
from licserver.server.actors import acts_as_administrator


def check_kit(kit: Kit, folder: KeyFolder) -> None:
    """Let pass a kit that a server has, whatever tickets are in it; of an administrator, any.

    :raises ActivationError: an administrator has to add it first.
    """
    if not acts_as_administrator() and kit.only_for() not in folder.kits().values():
        raise ActivationError(
            "unknown_kit",
            f"this server does not have this kit of {kit.vendor}",
            hint="An administrator adds it once (licctl kit add FILE), or activates the key himself",
        )


def check_center(center_url: str | None, kit: Kit) -> None:
    """Let pass the address of a center that a kit names; of an administrator, any.

    :param center_url: the one to be asked in its place, if any.
    :raises ActivationError: it is another address.
    """
    if center_url and center_url.rstrip("/") != kit.center_url.rstrip("/") and not acts_as_administrator():
        raise ActivationError(
            "unknown_center",
            f"the kit of {kit.vendor} names another activation center",
            hint="Ask the one in the kit, or have an administrator activate at another address",
        )

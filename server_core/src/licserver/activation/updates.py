# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote update of a hardware key: its state goes to the vendor, an update comes back, both as text. No I/O.

docs/specification.md, section 7; docs/documents.md, "Hardware key". An update is pasted whole, header and all, and
checked whole before anything is written: a text that was cut or altered on its way says so by its checksum, what the
vendor did not sign by its signature.
"""

import re
import time
import zlib
from collections.abc import Mapping

from licserver.activation import ActivationError
from licserver.armor import armor, check_head, dearmor
from licserver.documents import DocumentError, KeyState, License, open_self_signed, peek, read_unchecked
from licserver.errors import LicensingError
from licserver.keys.soft_key import license_head
from licserver.licenses import VendorKeys, open_license

UPDATE_TITLE = "Protect hardware key update"
STATE_TITLE = "Protect hardware key state"
_UPDATE, _STATE = "UPDATE", "STATE"
_CHECKSUM = re.compile(r"^Checksum:[ \t]*([0-9A-Fa-f]{8})[ \t]*\r?$", re.MULTILINE)
_WHOLE = "Copy the whole text as the vendor sent it, from its first line to its last"


def checksum(token: str) -> str:
    """CRC-32 (ISO 3309) of a token, in eight hexadecimal digits: tells a slip from a whole text, and no more."""
    return f"{zlib.crc32(token.encode()):08X}"


def write_update(token: str) -> str:
    """The text of an update: the next license of a key."""
    return armor(UPDATE_TITLE, _update_head(token, read_unchecked(token, License)), {_UPDATE: token})


def read_update(text: str) -> tuple[str, License]:
    """The license in an update, and what it says. Whether the vendor signed it is checked with its key.

    :raises ActivationError: ``bad_update``: this is something else, or it was cut or altered on its way.
    """
    try:
        blocks = dearmor(text)
    except DocumentError as error:
        raise _bad(error.message) from error
    if _UPDATE not in blocks:
        raise _bad(f"it holds a block {next(iter(blocks))}, and no update")
    token = blocks[_UPDATE]
    found = _CHECKSUM.search(text)
    if found is None or found[1].upper() != checksum(token):
        raise _bad("it was cut or altered on its way, for its checksum does not fit")
    try:
        license = peek(token, License)
        check_head(text, _update_head(token, license))
    except DocumentError as error:
        raise _bad(error.message) from error
    return token, license


def accept_update(token: str, vendor_keys: VendorKeys, current: License) -> License:
    """The license that an update puts in the place of the current one.

    :param current: the license of the key that is plugged in.
    :raises ActivationError: ``bad_update``: the vendor of the key did not sign it; ``foreign_update``: it is for
        another key; ``old_update``: the key has that license already, or a newer one.
    """
    try:
        license = open_license(token, vendor_keys)
    except LicensingError as error:
        raise _bad(error.message) from error
    if not license.is_for_token or (license.key_number, license.key_public) != (current.key_number, current.key_public):
        raise ActivationError(
            "foreign_update",
            f"this update is for another key than the one plugged in as {current.key_number}",
            hint="Plug in the key whose state was sent to the vendor, or ask for an update of this one",
        )
    if (license.activation, license.revision) <= (current.activation, current.revision):
        raise ActivationError(
            "old_update",
            f"the key {current.key_number} has a newer license than this update, or the same",
            hint="Send the vendor its state as it is now: licctl key state",
        )
    return license


def state_of(license: License, token: str, *, now: int, server_version: str) -> KeyState:
    """What a key shows of itself, to be signed by it.

    :param token: its license as the signed document.
    """
    return KeyState(
        key_number=license.key_number,
        key_public=license.key_public,
        license=token,
        server_version=server_version,
        created_at=now,
    )


def write_state(state: str) -> str:
    """The text of a key's state, which goes to the vendor."""
    return armor(STATE_TITLE, _state_head(read_unchecked(state, KeyState)), {_STATE: state})


def read_state(text: str) -> KeyState:
    """The state of a key, signed by that key.

    :raises DocumentError: this is something else, or it was cut or altered on its way.
    """
    blocks = dearmor(text)
    if _STATE not in blocks:
        raise DocumentError("the text holds no state of a hardware key", hint="Make it anew: licctl key state")
    state = open_self_signed(blocks[_STATE], KeyState)
    check_head(text, _state_head(state))
    return state


def _update_head(token: str, license: License) -> dict[str, str]:
    return {**license_head(license), "Revision": str(license.revision), "Checksum": checksum(token)}


def _state_head(state: KeyState) -> Mapping[str, str]:
    license = peek(state.license, License)
    return {
        **{name: value for name, value in license_head(license).items() if name != "Note"},
        "Revision": str(license.revision),
        "Made": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(state.created_at)),
    }


def _bad(problem: str) -> ActivationError:
    return ActivationError("bad_update", f"this is no whole update of a hardware key: {problem}", hint=_WHOLE)

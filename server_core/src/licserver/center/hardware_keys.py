# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hardware keys as the vendor issues and updates them. docs/specification.md, section 7.

A hardware key is a key of the registry without PINs: what it was given stands in a table of its own. What it is worth
is changed as of any key; an update tells the token.
"""

import secrets

import msgspec
from sqlalchemy import Connection, insert

from licserver.activation.packs import raise_limits
from licserver.center import CenterError, registry
from licserver.center.acting import Act
from licserver.center.answering import KeyRecord
from licserver.center.authority import Authority
from licserver.center.schema import hardware_licenses
from licserver.documents import KeyState, License, read_unchecked, seal
from licserver.licenses import open_license

_TERMS = ("vendor", "product_name", "counters", "expires_at", "note")
"""What an update may change."""


def first_license(
    connection: Connection, key: registry.Key, authority: Authority, vendor: str, key_public: str, *, act: Act
) -> str:
    """The signed license of a new key, which is put into the registry with it.

    :param key_public: of the pair on its token.
    """
    registry.store_key(connection, key, act=act)
    record = registry.key_record(connection, key)
    license = License(
        key_number=record.key_number,
        vendor=vendor,
        product=record.product,
        product_name=record.product_name,
        counters=tuple(record.counters),
        reactivation="never",
        key_public=key_public,
        facts={},
        request_id=_new_id(),
        activation=1,
        issued_at=act.at,
        expires_at=record.expires_at,
        note=record.head,
    )
    return _issue(connection, license, authority, "token_issued", act=act)


def next_license(
    connection: Connection, state: KeyState, authority: Authority, vendor: str, *, act: Act
) -> tuple[str, bool]:
    """The signed license that a key shall have by now, and whether it was made now. Asked again with the same state, it
    is the same one.

    :param state: what the key has.
    :raises CenterError: the state is not that of a key of this center, or the key has what it is worth.
    :raises LicensingError: the license in the state is not this vendor's.
    """
    has = open_license(state.license, authority)
    key = registry.find_key(connection, state.key_number, lock=True)
    newest = None if key is None else registry.hardware_license(connection, state.key_number)
    if key is None or newest is None or (has.key_number, has.key_public) != (state.key_number, state.key_public):
        raise _foreign(state)
    last = read_unchecked(newest, License)
    if last.key_public != state.key_public:
        raise _foreign(state)
    wanted = _worth(registry.key_record(connection, key), last, vendor)
    if any(getattr(wanted, name) != getattr(last, name) for name in _TERMS):
        made = msgspec.structs.replace(wanted, revision=last.revision + 1, request_id=_new_id(), issued_at=act.at)
        return _issue(connection, made, authority, "token_updated", act=act), True
    if has.revision < last.revision:
        return newest, False
    raise CenterError(
        "nothing_to_update",
        f"the key {state.key_number} has what it is worth already",
        hint="Change what it is worth first: liccenter key change",
    )


def _worth(record: KeyRecord, last: License, vendor: str) -> License:
    """The last license as it would be for what is sold now, packs among it."""
    try:
        counters = raise_limits(record.counters, [more for pack in last.packs for more in pack.raises])
    except ValueError as error:
        raise CenterError(
            "wrong_counters", f"the packs of the key {record.key_number} do not fit it: {error}"
        ) from error
    return msgspec.structs.replace(
        last,
        vendor=vendor,
        product_name=record.product_name,
        counters=counters,
        expires_at=record.expires_at,
        note=record.head,
    )


def _issue(connection: Connection, license: License, authority: Authority, event: str, *, act: Act) -> str:
    token = seal(license, authority.vendor)
    values = {"key_number": license.key_number, "revision": license.revision, "license": token, "issued_at": act.at}
    connection.execute(insert(hardware_licenses).values(values))
    registry.record(connection, event, act=act, product=license.product, key_number=license.key_number)
    return token


def _foreign(state: KeyState) -> CenterError:
    return CenterError(
        "foreign_state",
        f"this is not the state of a hardware key {state.key_number} of this center",
        hint="Ask for the state anew: licctl key state",
    )


def _new_id() -> str:
    return secrets.token_urlsafe(24)

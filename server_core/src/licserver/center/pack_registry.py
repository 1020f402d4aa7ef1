# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the center's database about license packs, and written to it. docs/specification.md, section 6.

Every function works inside the caller's transaction.
"""

from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from licserver.center.acting import Act
from licserver.center.answering import WRONG_PIN_PERIOD
from licserver.center.packs import PackCase, PackRecord
from licserver.center.registry import StoredAnswer, having_words, issued_license, record
from licserver.center.schema import history, pack_activations, pack_raises, packs
from licserver.documents import License, PackRequest, Raise


def find_pack(connection: Connection, pack: str, *, lock: bool = False) -> PackRecord | None:
    """The pack of that id.

    :param lock: nobody else may decide on this pack until the transaction ends.
    """
    query = select(packs.c.pack, packs.c.product).where(packs.c.pack == pack)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        return None
    return PackRecord(pack=row.pack, product=row.product, raises=_raises(connection, pack))


def digest_of(connection: Connection, pack: str) -> str | None:
    """The digest of the pack's password; ``None``: there is no such pack."""
    return connection.scalar(select(packs.c.digest).where(packs.c.pack == pack))


def is_used(connection: Connection, pack: str) -> bool:
    """Whether a key has the pack's licenses."""
    return _used_by(connection, pack) is not None


def store_pack(connection: Connection, pack: PackRecord, digest: str, *, act: Act) -> None:
    """Add a pack, or change the one of that id.

    :param digest: of its password.
    """
    values = {"product": pack.product, "digest": digest}
    known = connection.execute(update(packs).where(packs.c.pack == pack.pack).values(values)).rowcount == 1
    if not known:
        connection.execute(insert(packs).values(pack=pack.pack, added_at=act.at, **values))
    connection.execute(delete(pack_raises).where(pack_raises.c.pack == pack.pack))
    rows = [
        {"pack": pack.pack, "position": position, **msgspec.to_builtins(one)}
        for position, one in enumerate(pack.raises)
    ]
    connection.execute(insert(pack_raises), rows)
    record(connection, "pack_changed" if known else "pack_added", act=act, product=pack.product, pack=pack.pack)


def find_pack_answer(connection: Connection, request_id: str) -> StoredAnswer | None:
    """What the request of that id was answered, if it was granted."""
    query = select(pack_activations.c.request_digest, pack_activations.c.answer)
    row = connection.execute(query.where(pack_activations.c.request_id == request_id)).first()
    return StoredAnswer(row.request_digest, row.answer) if row else None


def pack_case_of(connection: Connection, pack: PackRecord, request: PackRequest, digest: str, *, now: int) -> PackCase:
    """Everything that is known of a pack, of its password with that digest, and of the key that asks."""
    wrong = select(func.count()).select_from(history).where(history.c.pack == pack.pack)
    recent = wrong.where(history.c.code == "wrong_password", history.c.at > now - WRONG_PIN_PERIOD)
    return PackCase(
        pack=pack,
        password_right=digest_of(connection, pack.pack) == digest,
        recent_wrong_passwords=connection.scalar(recent) or 0,
        used_by=_used_by(connection, pack.pack),
        issued=issued_license(connection, request.key_number),
    )


def store_pack_activation(
    connection: Connection, pack: str, license: License, answer: StoredAnswer, *, act: Act
) -> None:
    """Use a pack for a license."""
    connection.execute(
        insert(pack_activations).values(
            request_id=license.request_id,
            request_digest=answer.request_digest,
            pack=pack,
            key_number=license.key_number,
            activation=license.activation,
            revision=license.revision,
            answer=answer.answer,
            activated_at=act.at,
        )
    )
    record(
        connection,
        "pack_activated",
        act=act,
        product=license.product,
        key_number=license.key_number,
        pack=pack,
        request_id=license.request_id,
    )


def sold_packs(connection: Connection) -> list[PackRecord]:
    """Every pack, by id."""
    rows = connection.execute(select(packs.c.pack, packs.c.product).order_by(packs.c.pack)).all()
    return [PackRecord(pack=row.pack, product=row.product, raises=_raises(connection, row.pack)) for row in rows]


def list_packs(
    connection: Connection, text: str = "", *, after: str | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Packs in one line each, by id: product, what it raises, which key used it.

    :param text: words that each stand in the pack's id, its product or the key that used it.
    :param after: only packs behind this one, to go on where an earlier search ended.
    """
    query = (
        select(packs.c.pack, packs.c.product, pack_activations.c.key_number, pack_activations.c.activated_at)
        .join_from(packs, pack_activations, isouter=True)
        .order_by(packs.c.pack)
        .limit(limit)
    )
    about = (packs.c.pack, packs.c.product, pack_activations.c.key_number)
    query = query.where(*having_words(about, text))
    query = query if after is None else query.where(packs.c.pack > after)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return [row | {"raises": msgspec.to_builtins(_raises(connection, row["pack"]))} for row in rows]


def _used_by(connection: Connection, pack: str) -> str | None:
    return connection.scalar(select(pack_activations.c.key_number).where(pack_activations.c.pack == pack))


def _raises(connection: Connection, pack: str) -> tuple[Raise, ...]:
    query = select(pack_raises.c.counter, pack_raises.c.licenses).where(pack_raises.c.pack == pack)
    rows = connection.execute(query.order_by(pack_raises.c.position))
    return tuple(Raise(counter=row.counter, licenses=row.licenses) for row in rows)

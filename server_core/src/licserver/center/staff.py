# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who works at the center: names, roles, passwords, and who is signed in. docs/security.md.

Every function works inside the caller's transaction.
"""

from typing import Literal

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from licserver.center import CenterError
from licserver.center.schema import staff, staff_sessions
from licserver.documents import Name
from licserver.ini_text import seal_credential, verify_credential

Role = Literal["desk", "vendor"]
"""``desk`` answers calls and looks things up; ``vendor`` issues and changes keys too."""
MIN_PASSWORD = 10
_NOBODY = seal_credential("nobody's password")
"""What a wrong name is compared with, so that it takes as long as a right one."""


class Member(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who may sign in."""

    name: Name
    role: Role


def list_members(connection: Connection) -> list[Member]:
    """Everybody, by name."""
    rows = connection.execute(select(staff.c.name, staff.c.role).order_by(staff.c.name))
    return [Member(name=row.name, role=row.role) for row in rows]


def store_member(connection: Connection, member: Member, password: str, *, now: int) -> bool:
    """Add somebody, or give him another role and password and sign him out; whether he is new.

    :raises CenterError: ``bad_password``: it is too short.
    """
    if len(password) < MIN_PASSWORD:
        raise CenterError("bad_password", f"a password has at least {MIN_PASSWORD} characters")
    values = {"role": member.role, "password": seal_credential(password)}
    known = connection.execute(update(staff).where(staff.c.name == member.name).values(values)).rowcount == 1
    if not known:
        connection.execute(insert(staff).values(name=member.name, added_at=now, **values))
    connection.execute(delete(staff_sessions).where(staff_sessions.c.name == member.name))
    return not known


def remove_member(connection: Connection, name: str) -> bool:
    """Take somebody's access away at once; whether he had any."""
    connection.execute(delete(staff_sessions).where(staff_sessions.c.name == name))
    return connection.execute(delete(staff).where(staff.c.name == name)).rowcount == 1


def sealed_password(connection: Connection, name: str) -> str:
    """What verifies the password of a name; of a name that nobody has, what no password fits."""
    return connection.scalar(select(staff.c.password).where(staff.c.name == name)) or _NOBODY


def is_password(sealed: str, password: str) -> bool:
    """Whether a password is the right one. Slow on purpose: not to be asked inside a transaction."""
    return verify_credential(sealed, password) and sealed != _NOBODY


def open_session(connection: Connection, name: str, digest: str, *, now: int, seconds: int) -> None:
    """Remember that somebody signed in.

    :param digest: of his session's cookie.
    """
    connection.execute(delete(staff_sessions).where(staff_sessions.c.expires_at <= now))
    connection.execute(insert(staff_sessions).values(digest=digest, name=name, expires_at=now + seconds))


def signed_in(connection: Connection, digest: str, *, now: int) -> Member | None:
    """Whose session that is; ``None`` after it ended."""
    query = select(staff.c.name, staff.c.role).join_from(staff, staff_sessions)
    row = connection.execute(query.where(staff_sessions.c.digest == digest, staff_sessions.c.expires_at > now)).first()
    return Member(name=row.name, role=row.role) if row else None


def close_session(connection: Connection, digest: str) -> None:
    """Sign somebody out."""
    connection.execute(delete(staff_sessions).where(staff_sessions.c.digest == digest))

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files in the folders of users, handled with the rights of these users.

Root that writes into a folder of which somebody else can make a link would write wherever that link leads. So what lies
in a user's folder is read, written and removed as that user, and belongs to him.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


@contextmanager
def acting_as_owner_of(path: str) -> Iterator[None]:
    """Within it root has the rights of the first user, from the top, who owns a part of the path.

    Who is not root keeps the rights he has.
    """
    owner = _first_owner(path) if os.geteuid() == 0 else None
    if owner is None:
        yield
        return
    group, groups = os.getegid(), os.getgroups()
    os.setgroups([owner.st_gid])
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def read(path: str) -> bytes | None:
    """The bytes of a file, None where there is none."""
    try:
        with acting_as_owner_of(path):
            return pathlib.Path(path).read_bytes()
    except FileNotFoundError:
        return None


def write(path: str, source: IO[bytes]) -> None:
    """Put what the source holds into the place of a file, whole or not at all; its folders are made, readable for all.

    A file that was there keeps its mode; a new one is readable for all.
    """
    with acting_as_owner_of(path):
        target = os.path.realpath(path)
        mask = os.umask(0o022)
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
        finally:
            os.umask(mask)
        mode = os.stat(target).st_mode & 0o7777 if os.path.exists(target) else 0o644
        handle, temporary = tempfile.mkstemp(prefix=".licensing-", dir=os.path.dirname(target))
        try:
            with os.fdopen(handle, "wb") as file:
                shutil.copyfileobj(source, file)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise


def _first_owner(path: str) -> os.stat_result | None:
    target = pathlib.Path(os.path.abspath(path))
    for part in (*reversed(target.parents), target):
        try:
            status = os.lstat(part)
        except FileNotFoundError:
            return None
        if status.st_uid != 0:
            return status
    return None

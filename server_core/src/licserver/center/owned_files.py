# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a center's directory, each readable for its owner only."""

import os
from pathlib import Path

from licserver.center import CenterError
from licserver.files import write_atomically


class AuthorityError(CenterError):
    """A secret of the center that is missing or unusable."""


def write_owned(path: Path, data: bytes) -> None:
    """Write a file that only the owner of its directory can read, also when root writes it for him."""
    write_atomically(path, data)
    if os.name != "nt" and os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def read_owned(path: Path) -> bytes:
    """The content of a file that must be there.

    :raises AuthorityError: it is not, or may not be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise unusable(path, error.strerror or str(error)) from error


def unusable(path: Path, problem: str) -> AuthorityError:
    """What is said of a file that cannot be used."""
    return AuthorityError("authority_unusable", f"{path}: {problem}", hint="Restore the file from a backup")

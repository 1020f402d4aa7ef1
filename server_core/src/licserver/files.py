# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are whole or not there: written beside, flushed to disk, then renamed over the old one."""

import contextlib
import errno
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from licserver.errors import LicensingError
from licserver.system import this_system


class WriteError(LicensingError):
    """A file that could not be written; the old one is untouched."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(
            "write_failed",
            f"{path} could not be written: {error.strerror or error}",
            hint="Check the free space and the rights of the folder; nothing was changed",
        )


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace ``path`` by ``data``; after a power cut either the old or the new content is there, whole.

    :raises WriteError: the folder is not writable or the disk is full.
    """
    temporary = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
        this_system().sync_folder(path.parent)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise WriteError(path, error) from error


def overwrite(path: Path, data: bytes, *, copy: Path) -> None:
    """Replace the content of a file in its place: for one that may be written in a folder that may not.

    Its owner and rights stay. While it is written, a power cut can leave it half: then what it was is in the copy.

    :param copy: where the old content goes.
    :raises WriteError: the file may not be written, or the disk is full; it is as it was.
    """
    try:
        with path.open("r+b", buffering=0) as file:
            before = file.read()
            write_atomically(copy, before)
            try:
                _put(file, data)
            except OSError:
                _put(file, before)
                raise
    except OSError as error:
        raise WriteError(path, error) from error


def _put(file: BinaryIO, data: bytes) -> None:
    file.seek(0)
    if file.write(data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    file.truncate()
    os.fsync(file.fileno())

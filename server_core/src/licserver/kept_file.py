# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""State that must not be lost: what cannot be read is set aside, and small files have a copy beside them.

docs/architecture.md, "State that is damaged".
"""

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from licserver.errors import LicensingError
from licserver.files import WriteError, write_atomically

ASIDE = ".corrupt-"
COPY = ".copy"

Content = TypeVar("Content")

_log = logging.getLogger(__name__)


class LostError(LicensingError):
    """Neither a file nor its copy can be read; both were set aside."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "state_lost",
            f"{path} was damaged, and its copy too",
            hint=f"What is left of them lies beside it, named {path.name}{ASIDE}…",
        )


def set_aside(path: Path, problem: object) -> Path:
    """Rename a file that cannot be used, so that it is there for whoever wants to look at it; its new name.

    :raises LicensingError: it cannot be renamed.
    """
    aside = free_name(path, ASIDE)
    try:
        path.rename(aside)
    except OSError as error:
        raise LicensingError(
            "bad_state",
            f"{path} is damaged ({problem}) and cannot be set aside: {error.strerror}",
            hint="Check the rights of the folder, or remove the file",
        ) from error
    _log.error("%s is damaged and was set aside as %s: %s", path, aside.name, problem)
    return aside


def free_name(path: Path, why: str) -> Path:
    """A name beside a file that nothing has yet: its own, why it is put aside, and the time."""
    name = f"{path.name}{why}{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    aside = path.with_name(name)
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{name}-{number}")
    return aside


def files_set_aside(folder: Path) -> list[Path]:
    """Everything in a folder that was set aside and that nobody has removed yet."""
    return sorted(path for path in folder.glob(f"*{ASIDE}*") if not path.name.endswith(("-wal", "-shm")))


class KeptFile(Generic[Content]):
    """A small file with a copy beside it.

    :param decode: makes the content out of the bytes; raises ValueError for bytes that are damaged.
    """

    def __init__(self, path: Path, decode: Callable[[bytes], Content]) -> None:
        self._path = path
        self._copy = path.with_name(path.name + COPY)
        self._decode = decode

    def read(self) -> Content | None:
        """The content; ``None`` if there never was one. A damaged file is set aside and made anew from its copy.

        :raises LostError: there was one, and it is lost.
        :raises OSError: it is there and may not be read.
        """
        content = self._read(self._path)
        if content is not None:
            self._make_like(self._copy, content[0])
            return content[1]
        content = self._read(self._copy)
        if content is not None:
            self._make_like(self._path, content[0])
            return content[1]
        if any(self._path.parent.glob(f"{self._path.name}*{ASIDE}*")):
            raise LostError(self._path)
        return None

    def write(self, data: bytes) -> None:
        """Replace the content.

        :raises WriteError: it cannot be written; the old one is untouched.
        """
        write_atomically(self._path, data)
        self._make_like(self._copy, data)

    def _read(self, path: Path) -> tuple[bytes, Content] | None:
        try:
            data = path.read_bytes()
            return data, self._decode(data)
        except FileNotFoundError:
            return None
        except (ValueError, OSError) as error:
            if isinstance(error, OSError) and not path.is_dir():
                raise
            set_aside(path, error)
            return None

    def _make_like(self, path: Path, data: bytes) -> None:
        """Have a file hold the same as the other one, if that can be done: it is tried at every reading."""
        with contextlib.suppress(WriteError, OSError):
            if not path.exists() or path.read_bytes() != data:
                write_atomically(path, data)

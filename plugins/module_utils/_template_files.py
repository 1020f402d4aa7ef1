# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of configuration templates on a Linux desk: found, put into their place, and removed."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from collections.abc import Iterator, Sequence

from ansible_collections.protect.licensing.plugins.module_utils._config_template import PLATFORM_DEPTH, FolderPlan
from ansible_collections.protect.licensing.plugins.module_utils._owned_files import acting_as_owner_of, read, write


def files_below(folder: str) -> Iterator[str]:
    """The paths of all files below a folder, relative to it, with ``/``; none where there is no folder."""
    for directory, _folders, names in os.walk(folder, followlinks=True):
        for name in names:
            yield os.path.relpath(os.path.join(directory, name), folder).replace(os.sep, "/")


def checksum(path: str) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class LinuxDesk:
    """The desk that a module runs on."""

    def read(self, path: str) -> bytes | None:
        return read(path)

    def find(
        self, folders: Sequence[str], below: Sequence[str], *, checksums: bool
    ) -> dict[str, dict[str, str | None]]:
        return {folder: _find(folder, below, checksums) for folder in folders}

    def has_program(self, folders: Sequence[str], program: str) -> bool:
        pending = [(folder, PLATFORM_DEPTH) for folder in folders]
        while pending:
            folder, depth = pending.pop()
            if os.path.isfile(os.path.join(folder, program)):
                return True
            if depth > 1 and os.path.isdir(folder):
                with os.scandir(folder) as entries:
                    pending += [(entry.path, depth - 1) for entry in entries if entry.is_dir()]
        return False

    def send(self, plan: FolderPlan, archive: str) -> None:
        """Put the planned files from the archive into their place."""
        with tarfile.open(archive) as files:
            for name in plan.send:
                content = files.extractfile(name)
                if content is None:
                    raise ValueError(f"{archive}: {name} is no file")
                write(os.path.join(plan.path, name), content)

    def remove(self, plan: FolderPlan) -> None:
        """Remove the planned files and folders."""
        with acting_as_owner_of(plan.path):
            for name in plan.remove:
                path = os.path.join(plan.path, name)
                if os.path.isdir(path) and not os.path.islink(path):
                    shutil.rmtree(path)
                else:
                    os.unlink(path)


def _find(folder: str, below: Sequence[str], checksums: bool) -> dict[str, str | None]:
    with acting_as_owner_of(folder):
        names = [f"{place}/{name}" for place in below for name in files_below(os.path.join(folder, place))]
        return {name: checksum(os.path.join(folder, name)) if checksums else None for name in names}

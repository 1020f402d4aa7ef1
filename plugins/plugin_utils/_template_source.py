# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration templates on the control node: read, checked, and packed for the way to a desk."""

from __future__ import annotations

import os
import pathlib
import tarfile
from collections.abc import Iterable, Mapping
from typing import Any, Callable

from ansible_collections.protect.licensing.plugins.module_utils._config_template import (
    check_manifests,
    is_manifest,
    place_of,
)
from ansible_collections.protect.licensing.plugins.module_utils._template_files import checksum, files_below


class TemplateSource:
    """The files of the wanted templates, by their path relative to a template folder, with ``/`` in it."""

    def __init__(self, templates: Iterable[Mapping[str, Any]], find: Callable[[str], str]) -> None:
        """Read the folders that the templates name as ``src``; ``find`` gives the path of one.

        Raises :class:`ValueError` for a folder that is no template, and a template that is declared twice.
        """
        self._files: dict[str, str] = {}
        self.places: list[str] = []
        for template in templates:
            place = place_of(template)
            if place.lower() in (known.lower() for known in self.places):
                raise ValueError(f"templates: {place} is declared twice")
            self.places.append(place)
            folder = find(template["src"])
            try:
                names = sorted(files_below(folder))
                manifests = [name for name in names if is_manifest(name)]
                check_manifests({name: pathlib.Path(folder, name).read_bytes() for name in manifests}, names)
            except ValueError as error:
                raise ValueError(f"{folder}: {error}") from None
            self._files.update({f"{place}/{name}": os.path.join(folder, name) for name in names})

    @property
    def names(self) -> list[str]:
        """The names of all files."""
        return list(self._files)

    def checksums(self) -> dict[str, str]:
        """The SHA-256 of every file by its name."""
        return {name: checksum(path) for name, path in self._files.items()}

    def stage(self, names: Iterable[str], folder: str) -> None:
        """Lay links to some of the files into a folder, as they are to lie in a template folder."""
        for name in names:
            link = os.path.join(folder, name)
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink(os.path.abspath(self._files[name]), link)

    def pack(self, names: Iterable[str], archive: str) -> None:
        """Put some of the files into one archive."""
        with tarfile.open(archive, "w", dereference=True) as packed:
            for name in names:
                packed.add(self._files[name], name, recursive=False)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of configuration templates on a Windows desk: found, sent, and removed."""

from __future__ import annotations

import ntpath
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ansible import constants

from ansible_collections.protect.licensing.plugins.module_utils._config_template import PLATFORM_DEPTH, FolderPlan
from ansible_collections.protect.licensing.plugins.module_utils._product_places import WINDOWS
from ansible_collections.protect.licensing.plugins.plugin_utils import _windows

if TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

    from ansible_collections.protect.licensing.plugins.plugin_utils._template_source import TemplateSource


class WindowsDesk:
    """The target of an action plugin. What goes wrong there raises TargetError."""

    def __init__(self, action: ActionBase, variables: _windows.Variables) -> None:
        self._action = action
        self._variables = variables

    def read(self, path: str) -> bytes | None:
        return _windows.read_file(self._action, path, self._variables)

    def find(
        self, folders: Sequence[str], below: Sequence[str], *, checksums: bool
    ) -> dict[str, dict[str, str | None]]:
        """The files of each template folder below some of its folders, all in one call."""
        arguments = {
            "paths": [_join(folder, place) for folder in folders for place in below],
            "recurse": True,
            "hidden": True,
            "get_checksum": checksums,
            "checksum_algorithm": "sha256",
        }
        found: dict[str, dict[str, str | None]] = {folder: {} for folder in folders}
        for file in self._call("ansible.windows.win_find", arguments)["files"]:
            for folder, files in found.items():
                start = WINDOWS.normal(folder) + "\\"
                if ntpath.normcase(file["path"]).startswith(start):
                    files[file["path"][len(start) :].replace("\\", "/")] = file.get("checksum")
        return found

    def has_program(self, folders: Sequence[str], program: str) -> bool:
        arguments = {
            "paths": list(folders),
            "patterns": [program],
            "recurse": True,
            "depth": PLATFORM_DEPTH,
            "get_checksum": False,
        }
        return bool(self._call("ansible.windows.win_find", arguments)["files"])

    def send(self, plan: FolderPlan, source: TemplateSource) -> None:
        """Copy the planned files to their place, in one archive."""
        if plan.send:
            with tempfile.TemporaryDirectory(dir=constants.DEFAULT_LOCAL_TMP) as staging:
                source.stage(plan.send, staging)
                _windows.copy(self._action, f"{staging}/", f"{plan.path}\\", self._variables)

    def remove(self, plan: FolderPlan) -> None:
        """Remove the planned files and folders, one call for each."""
        for name in plan.remove:
            _windows.remove_file(self._action, _join(plan.path, name), self._variables)

    def _call(self, module: str, arguments: _windows.Arguments) -> dict[str, list[dict[str, str]]]:
        return _windows.call(self._action, module, arguments, self._variables)


def _join(folder: str, name: str) -> str:
    return ntpath.normpath(ntpath.join(folder, name))

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What action plugins of modules have in common that serve Windows targets too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable

from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule as ModuleOnTarget

from ansible_collections.protect.licensing.plugins.plugin_utils._target import TargetError
from ansible_collections.protect.licensing.plugins.plugin_utils._windows import is_windows

if TYPE_CHECKING:
    Part = Callable[[Mapping[str, Any]], dict[str, Any]]


class WindowsAction(ModuleOnTarget):  # type: ignore[misc] # ansible-core has no types
    """Hands over to the module where the target has Python, and runs on the controller for a Windows target."""

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Called by Ansible."""
        if is_windows(self):
            return self.run_on_controller(self.run_for_windows, task_vars or {})
        return dict(super().run(tmp, task_vars))

    def run_on_controller(self, part: Part, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of the plugin's own part; a :class:`._target.TargetError` becomes a failure."""
        self._supports_async = False
        result = ActionBase.run(self, None, task_vars)
        try:
            return {**result, **part(task_vars)}
        except TargetError as error:
            return {**result, "failed": True, "msg": str(error)}

    def run_for_windows(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """The module's answer for a Windows target."""
        raise NotImplementedError

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What action plugins of modules have in common that serve Windows targets too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule as ModuleOnTarget

from ansible_collections.protect.licensing.plugins.plugin_utils._windows import WindowsTargetError, is_windows


class WindowsAction(ModuleOnTarget):  # type: ignore[misc] # ansible-core has no types
    """Hands over to the module where the target has Python, and runs on the controller for a Windows target."""

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Called by Ansible."""
        if not is_windows(self):
            return dict(super().run(tmp, task_vars))
        self._supports_async = False
        result = ActionBase.run(self, tmp, task_vars)
        try:
            return {**result, **self.run_for_windows(task_vars or {})}
        except WindowsTargetError as error:
            return {**result, "failed": True, "msg": str(error)}

    def run_for_windows(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """The module's answer for a Windows target; a :class:`WindowsTargetError` becomes a failure."""
        raise NotImplementedError

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of ``infobase``: on a Windows target its engine runs here, between reading and writing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._infobase import ARGUMENTS, describe, plan_infobases
from ansible_collections.protect.licensing.plugins.module_utils._product_places import WINDOWS
from ansible_collections.protect.licensing.plugins.plugin_utils import _windows
from ansible_collections.protect.licensing.plugins.plugin_utils._windows_action import WindowsAction


class ActionModule(WindowsAction):
    """One reading of each list; one writing of each that is to change."""

    def run_for_windows(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        _validated, options = self.validate_argument_spec(**ARGUMENTS)
        try:
            plans = plan_infobases(options, WINDOWS, lambda path: _windows.read_file(self, path, task_vars))
            for path, plan in plans.items():
                if plan.changed and plan.after is not None and not self._task.check_mode:
                    _windows.write_file(self, path, plan.after, task_vars)
        except ValueError as error:
            return {"failed": True, "msg": str(error)}
        return describe(plans)

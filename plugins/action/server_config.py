# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of ``server_config``: on a Windows target its engine runs here, between reading and writing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._server_config import OPTIONS_SPEC, plan_server_config
from ansible_collections.protect.licensing.plugins.plugin_utils._windows_action import WindowsAction
from ansible_collections.protect.licensing.plugins.plugin_utils._windows_file import run_file_action


class ActionModule(WindowsAction):
    """See the module."""

    def run_for_windows(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        return run_file_action(
            self,
            plan_server_config,
            task_vars,
            options_spec={
                **OPTIONS_SPEC,
                "backup": {"type": "bool", "default": False},
                "path": {"type": "str", "default": r"%ProgramFiles%\ProtectStorage\licserver.ini"},
            },
        )

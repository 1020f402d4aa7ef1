# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of ``server_info``: on a Windows target its engine runs here and asks ``licctl`` there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._licctl import WINDOWS_OPTIONS_SPEC, Licctl
from ansible_collections.protect.licensing.plugins.module_utils._server_info import read_server
from ansible_collections.protect.licensing.plugins.plugin_utils._windows import licctl_runner
from ansible_collections.protect.licensing.plugins.plugin_utils._windows_action import WindowsAction


class ActionModule(WindowsAction):
    """See the module."""

    def run_for_windows(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        _validated, options = self.validate_argument_spec(WINDOWS_OPTIONS_SPEC)
        return {"changed": False, **read_server(Licctl(licctl_runner(self, task_vars), options))}

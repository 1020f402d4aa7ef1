# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of ``activation_request_info``: its engine asks ``licctl`` of a Windows target from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._activation_requests import read_requests
from ansible_collections.protect.licensing.plugins.plugin_utils._licctl_action import run_for_windows
from ansible_collections.protect.licensing.plugins.plugin_utils._windows_action import WindowsAction


class ActionModule(WindowsAction):
    """See the module."""

    def run_for_windows(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        return run_for_windows(self, read_requests, task_vars, options_spec={})

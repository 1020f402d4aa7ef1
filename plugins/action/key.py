# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of ``key``: on a Windows target its engine runs here and asks ``licctl`` there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils import _key
from ansible_collections.protect.licensing.plugins.plugin_utils._licctl_action import run_for_windows
from ansible_collections.protect.licensing.plugins.plugin_utils._windows_action import WindowsAction


class ActionModule(WindowsAction):
    """See the module."""

    def run_for_windows(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        return run_for_windows(self, _key.ensure_options, task_vars, options_spec=_key.OPTIONS_SPEC)

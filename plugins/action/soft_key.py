# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of ``soft_key``: on a Windows target its engine runs here and asks ``licctl`` there."""

from __future__ import annotations

import ntpath
from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._licctl import Licctl
from ansible_collections.protect.licensing.plugins.module_utils._soft_key import OPTIONS_SPEC, KeyFile, ensure_active
from ansible_collections.protect.licensing.plugins.plugin_utils._licctl_action import run_for_windows
from ansible_collections.protect.licensing.plugins.plugin_utils._windows import exists
from ansible_collections.protect.licensing.plugins.plugin_utils._windows_action import WindowsAction

KEY_FOLDER = "RarusSoftKey"
"""Where the keys lie, beside the state of the server."""


class ActionModule(WindowsAction):
    """See the module."""

    def run_for_windows(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        def engine(licctl: Licctl, options: Mapping[str, Any], *, check_mode: bool) -> Mapping[str, Any]:
            state = options["state_dir"] or r"%ProgramData%\Protect\LicServer"
            file = ntpath.join(ntpath.dirname(state.rstrip("\\/")), KEY_FOLDER, f"{options['key_number']}.dongle")
            key_file = KeyFile(file, lambda: exists(self, file, task_vars))
            return ensure_active(licctl, key_file, options, check_mode=check_mode)

        return run_for_windows(self, engine, task_vars, options_spec=OPTIONS_SPEC)

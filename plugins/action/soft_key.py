# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of ``soft_key``: on a Windows target its engine runs here and asks ``licctl`` there."""

from __future__ import annotations

import ntpath
from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._licctl import (
    WINDOWS_OPTIONS_SPEC,
    Licctl,
    LicctlError,
)
from ansible_collections.protect.licensing.plugins.module_utils._soft_key import OPTIONS_SPEC, KeyFile, ensure_active
from ansible_collections.protect.licensing.plugins.plugin_utils._windows import exists, licctl_runner
from ansible_collections.protect.licensing.plugins.plugin_utils._windows_action import WindowsAction

KEY_FOLDER = "RarusSoftKey"
"""Where the keys lie, beside the state of the server."""


class ActionModule(WindowsAction):
    """See the module."""

    def run_for_windows(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        _validated, options = self.validate_argument_spec({**WINDOWS_OPTIONS_SPEC, **OPTIONS_SPEC})
        state = options["state_dir"] or r"%ProgramData%\Protect\LicServer"
        file = ntpath.join(ntpath.dirname(state.rstrip("\\/")), KEY_FOLDER, f"{options['key_number']}.dongle")
        key_file = KeyFile(file, lambda: exists(self, file, task_vars))
        licctl = Licctl(licctl_runner(self, task_vars), options)
        try:
            return dict(ensure_active(licctl, key_file, options, check_mode=self._task.check_mode))
        except LicctlError as error:
            return {"failed": True, "msg": str(error), "code": error.code}
        except ValueError as error:
            return {"failed": True, "msg": str(error), "code": "bad_option"}

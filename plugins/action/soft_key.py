# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of ``soft_key``: it carries requests and answers, and asks ``licctl`` of a Windows target."""

from __future__ import annotations

import ntpath
import posixpath
from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.protect.licensing.plugins.module_utils._licctl import Licctl
from ansible_collections.protect.licensing.plugins.module_utils._soft_key import OPTIONS_SPEC, KeyFile, ensure_key
from ansible_collections.protect.licensing.plugins.plugin_utils._activation_action import ActivationAction
from ansible_collections.protect.licensing.plugins.plugin_utils._courier import ControlNodeCourier
from ansible_collections.protect.licensing.plugins.plugin_utils._windows import is_windows

KEY_FOLDER = "RarusSoftKey"
"""Where the keys lie on Windows, beside the state of the server."""


class ActionModule(ActivationAction):
    """See the module."""

    OPTIONS_SPEC = OPTIONS_SPEC

    def see_to(
        self, licctl: Licctl, options: Mapping[str, Any], exists: Callable[[str], bool], *, check_mode: bool
    ) -> Mapping[str, Any]:
        file = self._key_file(options)
        key_file = KeyFile(file, lambda: exists(file))
        return ensure_key(licctl, key_file, options, ControlNodeCourier(options), check_mode=check_mode)

    def _key_file(self, options: Mapping[str, Any]) -> str:
        name = f"{options['key_number']}.dongle"
        if not is_windows(self):
            return posixpath.join(options["state_dir"], "softkeys", name)
        state = options["state_dir"] or r"%ProgramData%\Protect\LicServer"
        return ntpath.join(ntpath.dirname(state.rstrip("\\/")), KEY_FOLDER, name)

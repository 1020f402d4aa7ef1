# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of ``license_pack``: it carries requests and answers, and asks a Windows target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.protect.licensing.plugins.module_utils._licctl import Licctl
from ansible_collections.protect.licensing.plugins.module_utils._license_pack import OPTIONS_SPEC, ensure_pack
from ansible_collections.protect.licensing.plugins.plugin_utils._activation_action import ActivationAction
from ansible_collections.protect.licensing.plugins.plugin_utils._courier import ControlNodeCourier


class ActionModule(ActivationAction):
    """See the module."""

    OPTIONS_SPEC = OPTIONS_SPEC

    def see_to(
        self, licctl: Licctl, options: Mapping[str, Any], exists: Callable[[str], bool], *, check_mode: bool
    ) -> Mapping[str, Any]:
        return ensure_pack(licctl, options, ControlNodeCourier(options), check_mode=check_mode)

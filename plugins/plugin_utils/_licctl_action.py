# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What action plugins have in common whose engine asks ``licctl`` on a Windows target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.protect.licensing.plugins.module_utils._licctl import WINDOWS_OPTIONS_SPEC, Licctl
from ansible_collections.protect.licensing.plugins.module_utils._licctl_module import answer_of
from ansible_collections.protect.licensing.plugins.plugin_utils._windows import licctl_runner

if TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

    from ansible_collections.protect.licensing.plugins.module_utils._licctl_module import Engine


def run_for_windows(
    action: ActionBase,
    engine: Engine,
    task_vars: Mapping[str, Any],
    *,
    options_spec: Mapping[str, Mapping[str, object]],
) -> dict[str, Any]:
    """The module's answer."""
    _validated, options = action.validate_argument_spec({**WINDOWS_OPTIONS_SPEC, **options_spec})
    licctl = Licctl(licctl_runner(action, task_vars), options)
    return answer_of(engine, licctl, options, check_mode=action._task.check_mode)

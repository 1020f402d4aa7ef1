# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries a :class:`FilePlan` out on a Windows target: one reading, and one writing where something is to change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Callable

from ansible_collections.protect.licensing.plugins.plugin_utils import _windows
from ansible_collections.protect.licensing.plugins.plugin_utils._target import TargetError

if TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

    from ansible_collections.protect.licensing.plugins.module_utils._file_plan import FilePlan

POSIX_ONLY = ("attr", "attributes", "group", "mode", "owner", "selevel", "serole", "setype", "seuser", "unsafe_writes")
"""Options of files that mean nothing on Windows."""


def run_file_action(
    action: ActionBase,
    plan_for: Callable[[bytes | None, Mapping[str, object]], FilePlan],
    task_vars: Mapping[str, Any],
    *,
    options_spec: Mapping[str, Mapping[str, object]],
    required_if: list[tuple[object, ...]] | None = None,
) -> dict[str, Any]:
    """The module's answer after the file at the option ``path`` was read, planned and, outside check mode, written."""
    refused = [name for name in POSIX_ONLY if name in action._task.args]
    if refused:
        problem = f"{', '.join(refused)}: not on Windows, where a file has the access rights of its folder. Omit it."
        return {"failed": True, "msg": problem}
    _validated, options = action.validate_argument_spec(options_spec, required_if=required_if)
    path = options["path"]
    try:
        plan = plan_for(_windows.read_file(action, path, task_vars), options)
    except (ValueError, TargetError) as error:
        return {"failed": True, "msg": f"{path}: {error}. The file was left as it is."}
    result: dict[str, Any] = {"changed": plan.changed, "path": path, "settings": plan.settings}
    result["diff"] = [{"before_header": path, "after_header": path, **plan.diff}]
    if plan.changed and not action._task.check_mode:
        try:
            if options.get("backup") and plan.before is not None:
                result["backup_file"] = f"{path}.{datetime.now(timezone.utc):%Y%m%d-%H%M%S}.bak"
                _windows.write_file(action, result["backup_file"], plan.before, task_vars)
            _carry_out(action, path, plan, task_vars)
        except TargetError as error:
            return {"failed": True, "msg": f"{path}: cannot be written: {error}"}
    return result


def _carry_out(action: ActionBase, path: str, plan: FilePlan, task_vars: Mapping[str, Any]) -> None:
    if plan.after is None:
        _windows.remove_file(action, path, task_vars)
    else:
        _windows.write_file(action, path, plan.after, task_vars)

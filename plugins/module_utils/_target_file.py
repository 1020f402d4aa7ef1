# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries a :class:`FilePlan` out on the target of a module: nothing half-written, nothing at all in check mode."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

    from ansible_collections.protect.licensing.plugins.module_utils._file_plan import FilePlan


def run_file_module(
    module: AnsibleModule, plan_for: Callable[[bytes | None, Mapping[str, object]], FilePlan], *, backup: bool = False
) -> None:
    """Read the file at the option ``path``, plan, write, set owner and mode, and exit with the module's answer."""
    path = os.path.realpath(module.params["path"])
    try:
        plan = plan_for(_read(path), module.params)
    except (OSError, ValueError) as error:
        module.fail_json(msg=f"{path}: {error}. The file was left as it is.")
    result: dict[str, Any] = {"changed": plan.changed, "path": path, "settings": plan.settings}
    content_diff = {"before_header": path, "after_header": path, **plan.diff}
    attributes_diff: dict[str, Any] = {"before": {}, "after": {}}
    if plan.changed and not module.check_mode:
        try:
            if backup and plan.before is not None:
                result["backup_file"] = module.backup_local(path)
            _carry_out(module, path, plan)
        except OSError as error:
            module.fail_json(msg=f"{path}: cannot be written: {error.strerror or error}")
    if plan.after is not None:
        file_arguments = module.load_file_common_arguments(module.params, path=path)
        result["changed"] = module.set_fs_attributes_if_different(file_arguments, plan.changed, diff=attributes_diff)
    result["diff"] = [content_diff] if plan.before is None else [content_diff, attributes_diff]
    module.exit_json(**result)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _carry_out(module: AnsibleModule, path: str, plan: FilePlan) -> None:
    if plan.after is None:
        os.unlink(path)
        return
    directory = os.path.dirname(path)
    os.makedirs(directory, mode=0o755, exist_ok=True)
    os.umask(0o077)  # a new file is nobody else's until its owner and mode are set
    handle, temporary = tempfile.mkstemp(prefix=".licensing-", dir=directory)
    module.add_cleanup_file(temporary)
    with os.fdopen(handle, "wb") as file:
        file.write(plan.after)
        file.flush()
        os.fsync(file.fileno())
    # Fails here, while the file still is as it was, where owner, group or mode cannot be.
    module.set_fs_attributes_if_different(module.load_file_common_arguments(module.params, path=temporary), False)
    module.atomic_move(temporary, path, unsafe_writes=module.params["unsafe_writes"])

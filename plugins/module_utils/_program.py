# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs programs on the target of a module."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

    from ansible_collections.protect.licensing.plugins.module_utils._licctl import RunCommand


def runner(module: AnsibleModule) -> RunCommand:
    """What runs ``licctl`` for a module."""

    def run(command: list[str], stdin: str | None) -> tuple[int, str, str]:
        if not os.access(command[0], os.X_OK):
            raise FileNotFoundError(command[0])
        rc, stdout, stderr = module.run_command(command, data=stdin)
        return rc, stdout, stderr

    return run

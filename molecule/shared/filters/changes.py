# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook run changed, read from the report of the callback `ansible.posix.json`."""

from __future__ import annotations

import json


def changes(report: str) -> dict[str, list[str]]:
    """The names of the tasks that changed something, or would in check mode, by host."""
    found: dict[str, list[str]] = {}
    for play in json.loads(report)["plays"]:
        for task in play["tasks"]:
            for host, result in task["hosts"].items():
                if result.get("changed"):
                    found.setdefault(host, []).append(task["task"]["name"])
    return found


class FilterModule:
    """Registers the filter with Ansible."""

    def filters(self) -> dict[str, object]:
        return {"changes": changes}

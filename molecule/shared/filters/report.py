# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook run did, read from the report of the callback `ansible.posix.json`."""

from __future__ import annotations

import json
from typing import Any


def _plays(report: str) -> list[dict[str, Any]]:
    """The report, behind whatever a run with -v says before it."""
    plays: list[dict[str, Any]] = json.loads(report[max(0, report.find(_BEGIN)) :])["plays"]
    return plays


_BEGIN = '{\n    "custom_stats": '


def changes(report: str) -> dict[str, list[str]]:
    """The names of the tasks that changed something, or would in check mode, by host."""
    found: dict[str, list[str]] = {}
    for play in _plays(report):
        for task in play["tasks"]:
            for host, result in task["hosts"].items():
                if result.get("changed"):
                    found.setdefault(host, []).append(task["task"]["name"])
    return found


def answers(report: str, name: str) -> dict[str, dict[str, Any]]:
    """What the task of this name answered, by host; of a task that ran several times the last answer."""
    tasks = (task for play in _plays(report) for task in play["tasks"] if task["task"]["name"] == name)
    return {host: result for task in tasks for host, result in task["hosts"].items()}


class FilterModule:
    """Registers the filters with Ansible."""

    def filters(self) -> dict[str, object]:
        return {"changes": changes, "answers": answers}

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of commands, with their shapes."""

import json
import subprocess
from typing import Any

SERVER_FIELDS = {
    *("server_id", "name", "version", "addresses", "port", "web_port", "local", "tls", "started_at"),
    *("process", "restart_needed", "reload_needed"),
}
INFO_FIELDS = {"installed_version", "running", "problem", "server", "keys", "connections", "alarms"}
KEY_FIELDS = {
    "key_number",
    "product",
    "product_name",
    "state",
    "problem",
    "counters",
    "activated_at",
    "expires_at",
    "vendor",
}
CONNECTION_FIELDS = {
    "lease",
    "counter",
    "user",
    "computer",
    "product",
    "session_number",
    "rdp_session",
    "key_number",
    "state",
    "since",
    "seconds",
    "licenses",
}


def answered(done: "subprocess.CompletedProcess[str]") -> Any:
    """The one JSON object of a command that succeeded."""
    assert done.returncode == 0, done
    assert done.stderr == ""
    return json.loads(done.stdout)


def refused(done: "subprocess.CompletedProcess[str]", code: int = 1) -> dict[str, str]:
    """The error of a command that failed, told as one JSON object and nothing else."""
    assert done.returncode == code, done
    assert done.stderr == ""
    answer = json.loads(done.stdout)
    assert set(answer) == {"error"}
    assert set(answer["error"]) == {"code", "message", "hint"}
    error: dict[str, str] = answer["error"]
    return error

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lies on a target: releases of the payload, how they are run, and whether something listens.

Releases are folders ``<install_dir>/releases/<version>``, complete when the file ``.complete`` lies in them;
``<install_dir>/current`` points to the one in use. Reads files only, so that asking is cheap.
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterable, Mapping
from typing import Any

_SYSTEMD_WANTS = "/etc/systemd/system/multi-user.target.wants"
_SYSTEMD_RUNNING = "/run/systemd/system"

OPTIONS_SPEC: dict[str, dict[str, object]] = {
    "install_dir": {"type": "path", "default": "/opt/protect/licserver"},
    "checksum_of": {"type": "list", "elements": "path", "default": []},
    "unit": {"type": "str"},
}
"""The options that :func:`read_installation` reads, as an argument specification."""


def read_installation(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the options of :data:`OPTIONS_SPEC` ask about; a bare host is an answer, not an error."""
    releases = _complete_releases(options["install_dir"])
    current = os.path.basename(os.path.realpath(os.path.join(options["install_dir"], "current")))
    return {
        "releases": releases,
        "current_version": current if current in releases else None,
        "checksums": _checksums(options["checksum_of"]),
        "unit_enabled": None if options["unit"] is None else os.path.lexists(f"{_SYSTEMD_WANTS}/{options['unit']}"),
        "has_systemd": os.path.isdir(_SYSTEMD_RUNNING),
    }


def is_listening(host: str, port: int, *, timeout: float = 2.0) -> bool:
    """Tell whether a TCP connection to host and port is accepted within ``timeout`` seconds."""
    try:
        with socket.create_connection((host, port), timeout=timeout):
            return True
    except OSError:
        return False


def _complete_releases(install_dir: str) -> list[str]:
    folder = os.path.join(install_dir, "releases")
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(name for name in names if os.path.exists(os.path.join(folder, name, ".complete")))


def _checksums(paths: Iterable[str]) -> dict[str, str | None]:
    checksums: dict[str, str | None] = {}
    for path in paths:
        try:
            with open(path, "rb") as file:
                checksums[path] = hashlib.sha256(file.read()).hexdigest()
        except (FileNotFoundError, NotADirectoryError):
            checksums[path] = None
    return checksums

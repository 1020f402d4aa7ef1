# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules called on a played host without Ansible, for tests of the lab."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from .played_host import PlayedHost
from .players import Call, play


def played(
    host: PlayedHost, module: str, /, *, check: bool = False, diff: bool = False, **options: Any
) -> dict[str, Any]:
    """What a module answers; a name without a collection is one of ansible.windows."""
    full = module if "." in module else f"ansible.windows.{module}"
    return play(host, Call(full, source_of(full), options, check=check, diff=diff))


def source_of(module: str) -> Path:
    """The PowerShell of a module, in the collections that are installed beside Ansible."""
    package, _, name = f"ansible_collections.{module}".rpartition(".")
    found = importlib.util.find_spec(f"{package}.plugins.modules")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"{package} is not installed")
    return Path(next(iter(found.submodule_search_locations))) / f"{name}.ps1"

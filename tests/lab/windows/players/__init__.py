# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of Ansible played on a host. Whatever is not played fails, and says so.

documentation.py  what the modules' own documentation says of options and answers
stage.py          one call played: its options and its answer checked against that documentation
paths.py          win_file, win_stat, win_find, win_tempfile, slurp
copies.py         win_copy, community.windows.win_unzip
programs.py       win_command, win_wait_for; win_shell and win_powershell refused
packages.py       win_package
services.py       win_service, win_service_info: real services
registry.py       win_regedit, win_reg_stat: the real registry
firewall.py       community.windows.win_firewall_rule: noted, and enforced by the kernel
versions.py       community.windows.win_file_version: read by Windows
access.py         win_acl, win_owner: noted only
facts.py          setup, win_ping, win_whoami
"""

from . import access, copies, facts, firewall, packages, paths, programs, registry, services, versions
from .stage import Call, ModuleError, play, played_options

__all__ = [
    "Call",
    "ModuleError",
    "access",
    "copies",
    "facts",
    "firewall",
    "packages",
    "paths",
    "play",
    "played_options",
    "programs",
    "registry",
    "services",
    "versions",
]

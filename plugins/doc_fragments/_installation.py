# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that say where ``licctl`` and the releases are."""

from __future__ import annotations


class ModuleDocFragment:
    """The options of modules that ask ``licctl``, and of those that look at an installation."""

    DOCUMENTATION = r"""
options:
  licctl:
    description:
      - The command C(licctl) on the target.
      - The default on Windows is V(%ProgramFiles%\\ProtectStorage\\licctl.cmd).
    type: path
    default: /opt/protect/licserver/current/bin/licctl
  ini:
    description:
      - The configuration file of the license server.
      - There is no default on Windows, where C(licctl.cmd) knows it.
    type: path
    default: /etc/protect/licserver.ini
  state_dir:
    description:
      - The folder in which the license server keeps its keys and its state.
      - There is no default on Windows, where C(licctl.cmd) knows it.
    type: path
    default: /var/lib/protect
"""

    INSTALLATION = r"""
options:
  install_dir:
    description: The folder that holds C(releases/<version>) and the link C(current). POSIX only.
    type: path
    default: /opt/protect/licserver
  checksum_of:
    description: Files of which the checksum is wanted. POSIX only.
    type: list
    elements: path
    default: []
  unit:
    description: A systemd unit, with its suffix, of which to tell whether it is enabled. POSIX only.
    type: str
"""

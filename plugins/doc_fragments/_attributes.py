# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation that every module shares: what it does in check and diff mode."""

from __future__ import annotations


class ModuleDocFragment:
    """The attributes of the collection's modules."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled and queried by the module has not changed in a relevant way.
  platform:
    description: Target OS/families that can be operated against.
    platforms: posix, windows
    support: full
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module does not modify state.
  diff_mode:
    support: N/A
    details:
      - This module does not modify state.
  idempotent:
    support: full
    details:
      - This module does not modify state.
"""

    FILE_MODULE = r"""
options:
  path:
    description:
      - The file. Its folder is made where it does not exist, on POSIX readable for all.
      - On Windows environment variables such as C(%ProgramData%) are expanded in it.
    type: path
  owner:
    description: Name or number of the user who is to own the file. Omitted, the owner is left.
  group:
    description: Name or number of the group that is to own the file. Omitted, the group is left.
notes:
  - On Windows a file has the access rights of its folder. There owner, group, mode and the like are refused.
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Secrets are shown as V((set\)) and, where they differ, V((changed\)).
  idempotent:
    support: full
"""

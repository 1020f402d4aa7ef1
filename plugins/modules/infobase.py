#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: infobase
short_description: Keep infobases in the lists that 1C:Enterprise shows its users
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Adds infobases to lists of infobases (C(ibases.v8i)), changes them there, and removes them, on Windows and Linux.
  - The lists are edited in place. The users' own infobases, unknown keys, order, line endings and encoding (UTF-8 with
    or without a byte order mark, UTF-16LE with one, Windows-1251) are kept.
  - Of an infobase that a list holds already only what is declared is changed. What an omitted option means is left.
  - The infobase itself is neither made nor removed.
extends_documentation_fragment:
  - protect.licensing._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Passwords in connection strings and start parameters are shown as V((set\)).
  idempotent:
    support: full
options:
  infobases:
    description: The infobases.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name that users see. It is what the infobase is found by in a list.
        type: str
        required: true
      file:
        description: The folder of an infobase in files.
        type: str
      server:
        description:
          - The cluster of 1C:Enterprise servers, as in C(server) or C(server:1641).
          - Needs O(infobases[].reference).
        type: str
      reference:
        description: The name of the infobase on the server.
        type: str
      web:
        description: The address of an infobase that a web server publishes.
        type: str
      connect:
        description:
          - A whole connection string, for what the other options cannot say.
          - A string that means the same as the one in the list is not written again.
        type: str
      folder:
        description:
          - The folder of the list in which the infobase is shown.
          - A new infobase is put into V(/) where it is omitted.
        type: str
      order:
        description: The place in the list and within its folder, C(OrderInList) and C(OrderInTree). Smaller is higher.
        type: float
      keys:
        description:
          - Further keys, such as C(Version), C(App) or C(ClientConnectionSpeed), with their values as texts in quotes.
          - C(ID) belongs here too. Omitted, the one in the list is kept, and a new one follows from the list's path and
            the name.
        type: dict
        default: {}
  paths:
    description: The lists. Mutually exclusive with the other ways to name them.
    type: list
    elements: path
  profiles:
    description:
      - The folders of users, as in C(C:\Users\ann) or C(/home/ann), whose own lists are meant.
      - Together with O(common_list), the users who are to see the common list.
    type: list
    elements: path
  common_list:
    description:
      - A list for several users, with its whole path.
      - It is named in the start settings (C(CommonInfoBases) in C(1cestart.cfg)) of O(profiles). Where these are
        omitted, in those for all users of a Windows computer.
    type: path
  state:
    description: V(absent) removes the infobases of these names from the lists.
    type: str
    choices: [present, absent]
    default: present
notes:
  - With root's rights on Linux, what lies in a user's folder is read and written with the rights of that user, and
    belongs to him.
  - The start window of 1C may write a list anew. Whoever has it open may undo the change.
seealso:
  - module: protect.licensing.config_template
"""

EXAMPLES = r"""
- name: Show both infobases of the product to two users of a Windows computer
  protect.licensing.infobase:
    profiles:
      - C:\Users\ann
      - C:\Users\bob
    infobases:
      - name: Microfinance
        server: app.example.org
        reference: microfinance
      - name: Microfinance (demo)
        file: C:\Infobases\MicrofinanceDemo
        folder: /Training

- name: Show it to everybody who uses this computer
  protect.licensing.infobase:
    common_list: C:\ProgramData\1C\1CEStart\common.v8i
    infobases:
      - name: Microfinance
        server: app.example.org
        reference: microfinance
        keys:
          Version: "8.3"

- name: Take the demo away from a Linux desk
  protect.licensing.infobase:
    profiles: [/home/ann]
    infobases:
      - name: Microfinance (demo)
    state: absent
"""

RETURN = r"""
lists:
  description: The lists and what they say of the infobases.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The file.
      type: str
      sample: C:\Users\ann\AppData\Roaming\1C\1CEStart\ibases.v8i
    changed:
      description: Whether it was changed.
      type: bool
    infobases:
      description:
        - Those of the declared infobases that the list holds.
        - Each has C(name), C(id), C(connect) and C(folder).
      type: list
      elements: dict
"""

import io

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.protect.licensing.plugins.module_utils import _owned_files
from ansible_collections.protect.licensing.plugins.module_utils._infobase import ARGUMENTS, describe, plan_infobases
from ansible_collections.protect.licensing.plugins.module_utils._product_places import LINUX


def main() -> None:
    module = AnsibleModule(**ARGUMENTS, supports_check_mode=True)
    try:
        plans = plan_infobases(module.params, LINUX, _owned_files.read)
        for path, plan in plans.items():
            if plan.changed and plan.after is not None and not module.check_mode:
                _owned_files.write(path, io.BytesIO(plan.after))
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: {error.strerror or error}")
    except ValueError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**describe(plans))


if __name__ == "__main__":
    main()

#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: config_template
short_description: Put configuration templates of 1C:Enterprise onto desks
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Puts templates, such as the main and the demo infobase of a product, into the template folder of a desk, in the
    layout that 1C prescribes (C(vendor/configuration/version)), on Windows and Linux. From them 1C offers to make
    infobases.
  - The files lie on the control node. They are compared by checksum, and only those that are missing or differ are
    sent.
  - Files that the template does not have are left.
extends_documentation_fragment:
  - protect.licensing._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The names and checksums of the files that differ.
  idempotent:
    support: full
options:
  templates:
    description: The templates.
    type: list
    elements: dict
    required: true
    suboptions:
      src:
        description:
          - The folder on the control node that holds the files of the template.
          - A relative path is looked for as with other modules, in C(files) first.
          - There must be a manifest (C(*.mft)) in it, and every file that it names as C(Source).
        type: str
        required: true
      vendor:
        description: The folder of the vendor.
        type: str
        required: true
      configuration:
        description: The folder of the configuration.
        type: str
        required: true
      version:
        description: The folder of the version.
        type: str
        required: true
  template_folder:
    description:
      - The template folder. Users see its templates when it is in their start settings
        (C(ConfigurationTemplatesLocation) in C(1cestart.cfg)).
      - Mutually exclusive with O(profiles). One of the two is needed.
    type: path
  profiles:
    description:
      - The folders of users, as in C(C:\Users\ann) or C(/home/ann), whose template folders are meant.
      - The template folder of a user is the first on this computer that his start settings name, else those for all
        users, else C(AppData\Roaming\1C\1cv8\tmplts) or C(.1cv8/1C/1cv8/tmplts) in his folder.
    type: list
    elements: path
  platform_folders:
    description:
      - Where the platform may be installed. Before files are sent, its program (C(1cv8.exe) or C(1cv8)) must lie there,
        at most three levels deep.
      - Omitted, V(C:\\Program Files\\1cv8) and V(C:\\Program Files (x86\)\\1cv8), or V(/opt/1cv8) and V(/opt/1C/v8.3).
    type: list
    elements: path
  state:
    description: V(absent) removes the files that the templates have, and folders in which nothing else is left.
    type: str
    choices: [present, absent]
    default: present
  _files:
    description: The files of the templates and their checksums. Given by the control node, not by playbooks.
    type: dict
  _archive:
    description: The files that the target lacks. Given by the control node, not by playbooks.
    type: path
notes:
  - With root's rights on Linux, what lies in a user's folder is read and written with the rights of that user, and
    belongs to him.
seealso:
  - module: protect.licensing.infobase
"""

EXAMPLES = r"""
- name: Put both templates of the product into the template folders of two users
  protect.licensing.config_template:
    profiles:
      - C:\Users\ann
      - C:\Users\bob
    templates:
      - src: microfinance/main
        vendor: Rarus
        configuration: Microfinance
        version: 1.0.12.3
      - src: microfinance/demo
        vendor: Rarus
        configuration: MicrofinanceDemo
        version: 1.0.12.3

- name: Remove an old version from the template folder of all users
  protect.licensing.config_template:
    template_folder: /srv/1c/tmplts
    templates:
      - src: /srv/delivery/microfinance-1.0.11
        vendor: Rarus
        configuration: Microfinance
        version: 1.0.11.1
    state: absent
"""

RETURN = r"""
folders:
  description: The template folders.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The template folder.
      type: str
      sample: C:\Users\ann\AppData\Roaming\1C\1cv8\tmplts
    sent:
      description: The files that were sent, relative to the template folder.
      type: list
      elements: str
      sample: [Rarus/Microfinance/1.0.12.3/1cv8.cf]
    removed:
      description: The files and folders that were removed, relative to the template folder.
      type: list
      elements: str
note:
  description: Why a real run would fail.
  type: str
  returned: in check mode, when the platform is missing
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.protect.licensing.plugins.module_utils._config_template import ARGUMENTS, plan_templates
from ansible_collections.protect.licensing.plugins.module_utils._product_places import LINUX
from ansible_collections.protect.licensing.plugins.module_utils._template_files import LinuxDesk

FROM_THE_CONTROL_NODE = {"_files": {"type": "dict"}, "_archive": {"type": "path"}}


def main() -> None:
    module = AnsibleModule(
        **{**ARGUMENTS, "argument_spec": {**ARGUMENTS["argument_spec"], **FROM_THE_CONTROL_NODE}},
        supports_check_mode=True,
    )
    options, desk = module.params, LinuxDesk()
    try:
        plan = plan_templates(options, options["_files"], LINUX, desk, check_mode=module.check_mode)
        for folder in () if module.check_mode else plan.folders:
            desk.remove(folder)
            if options["_archive"] is not None:
                desk.send(folder, options["_archive"])
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: {error.strerror or error}")
    except ValueError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**plan.describe())


if __name__ == "__main__":
    main()

#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: windows_release
short_description: Put a release for Windows together on the control node
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Makes one zip archive of a Python for Windows, the payload, and all libraries that it needs.
  - Runs on the control node, for the role P(protect.licensing.license_server#role). The Windows host only unpacks it.
extends_documentation_fragment:
  - protect.licensing._attributes
attributes:
  check_mode:
    support: none
  diff_mode:
    support: none
  idempotent:
    support: full
  platform:
    platforms: posix
options:
  python:
    description:
      - A zip archive with C(python.exe) in its root, such as the embeddable package of python.org, 3.10 or later.
      - A path on the control node or an address (C(https://…)).
    type: path
    required: true
  python_checksum:
    description: SHA-256 of that archive, in hexadecimal digits.
    type: str
    required: true
  payload:
    description: The wheel of the payload.
    type: path
    required: true
  wheelhouse:
    description: A C(.tar.gz) of the wheels that the payload needs on Windows. The playbook C(wheelhouse) makes it.
    type: path
    required: true
  folder:
    description: The folder for the archive. Its name follows from the content of what it is made of.
    type: path
    required: true
seealso:
  - module: protect.licensing.server_info
"""

EXAMPLES = r"""
- name: Put a release together
  protect.licensing.windows_release:
    python: /srv/install/python-3.12.8-embed-amd64.zip
    python_checksum: 2ee76f7dd7ab4a3e1ac0b9b1f6c7e5d2b1d9d5a3f2f0c4b1a69788e5d4c3b2a1
    payload: /srv/install/protect_licensing-0.1.0-py3-none-any.whl
    wheelhouse: /srv/install/wheelhouse-windows.tar.gz
    folder: /srv/install/releases
  delegate_to: localhost
"""

RETURN = r"""
path:
  description: The archive.
  type: str
  returned: success
  sample: /srv/install/releases/release-8d969eef6ecad3c2.zip
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.urls import fetch_file

from ansible_collections.protect.licensing.plugins.module_utils import _windows_release


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "python": {"type": "path", "required": True},
            "python_checksum": {"type": "str", "required": True},
            "payload": {"type": "path", "required": True},
            "wheelhouse": {"type": "path", "required": True},
            "folder": {"type": "path", "required": True},
        },
    )
    options = module.params
    remote = options["python"].startswith(("http://", "https://"))
    python = fetch_file(module, options["python"]) if remote else options["python"]
    sources = {"python": python, "payload": options["payload"], "wheelhouse": options["wheelhouse"]}
    try:
        found = _windows_release.checksum(python)
        if found != options["python_checksum"].lower():
            module.fail_json(msg=f"{options['python']} has another checksum than declared: {found}")
        os.makedirs(options["folder"], exist_ok=True)
        path = _windows_release.release_path(options["folder"], sources.values())
        changed = _windows_release.ensure_release(path, **sources)
    except OSError as error:
        module.fail_json(msg=f"{error.filename or options['folder']}: {error.strerror or error}")
    except _windows_release.ReleaseError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=changed, path=path)


if __name__ == "__main__":
    main()

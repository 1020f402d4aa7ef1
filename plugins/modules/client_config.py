#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: client_config
short_description: Point a client computer at its license server
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Sets in C(client.ini) where the protected product looks for its license server, its access code, and by which
    certificates it knows the server.
  - The file is edited in place. Comments, unknown keys, order, line endings and encoding are kept.
  - An option that is omitted leaves what the file says.
extends_documentation_fragment:
  - protect.licensing._attributes
  - protect.licensing._attributes.file_module
  - ansible.builtin.files
options:
  path:
    default: /etc/protect/client.ini
  servers:
    description:
      - Where to look, in order of preference.
      - V(*LOCAL) is the license server on this computer, V(*AUTO) the first one in the network that answers.
      - Everything else is an address, C(host), C(host:port) or C([IPv6]:port). The port is 15200 where it is omitted.
    type: list
    elements: str
  access_code:
    description: The access code of the keys that are to serve this client. An empty string removes it.
    type: str
  tls_pins:
    description:
      - The SHA-256 of each certificate by which a server may be known, as C(licctl info) on the server shows it.
        Colons, capitals and a prefix C(sha256:) are accepted.
      - With any, the product speaks TLS to its servers, and to nobody with another certificate.
      - An empty list removes them, and the product speaks no TLS.
      - While a certificate is replaced, name the old and the new one.
    type: list
    elements: str
  state:
    description: V(absent) removes the file.
    type: str
    choices: [present, absent]
    default: present
  mode:
    default: "0640"
notes:
  - The default of O(path) on Windows is V(%ProgramData%\\Protect\\client.ini).
seealso:
  - module: protect.licensing.server_config
"""

EXAMPLES = r"""
- name: Use the license server of the branch, and the head office when it is away
  protect.licensing.client_config:
    servers:
      - branch.example.org
      - office.example.org:15300
    mode: "0644"

- name: Speak TLS to the license server of the branch, known by its certificate
  protect.licensing.client_config:
    servers: [branch.example.org]
    tls_pins: ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    mode: "0644"

- name: Use the license server on this computer
  protect.licensing.client_config:
    servers: ["*LOCAL"]
    mode: "0644"
"""

RETURN = r"""
path:
  description: The file, with symbolic links resolved.
  type: str
  returned: success
  sample: /etc/protect/client.ini
settings:
  description: What the file says. Empty with O(state=absent).
  type: dict
  returned: success
  contains:
    servers:
      description: Where the product looks, in order of preference.
      type: list
      elements: str
    access_code_set:
      description: Whether there is an access code.
      type: bool
    tls_pins:
      description: By which certificates servers are known; empty where no TLS is spoken.
      type: list
      elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.protect.licensing.plugins.module_utils._client_config import (
    OPTIONS_SPEC,
    REQUIRED_IF,
    plan_client_config,
)
from ansible_collections.protect.licensing.plugins.module_utils._target_file import run_file_module


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **OPTIONS_SPEC,
            "path": {"type": "path", "default": "/etc/protect/client.ini"},
            "mode": {"type": "raw", "default": "0640"},
        },
        required_if=REQUIRED_IF,
        add_file_common_args=True,
        supports_check_mode=True,
    )
    run_file_module(module, plan_client_config)


if __name__ == "__main__":
    main()

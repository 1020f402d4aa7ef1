#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: server_config
short_description: Configure a license server
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Sets ports, reachability, idle time, TLS and web credentials in the license server's C(licserver.ini).
  - The file is edited in place. Comments, unknown keys, order, line endings and encoding are kept.
  - An option that is omitted leaves what the file says.
  - The server reads the file when it starts, so restart it after a change.
extends_documentation_fragment:
  - protect.licensing._attributes
  - protect.licensing._attributes.file_module
  - ansible.builtin.files
options:
  path:
    default: /etc/protect/licserver.ini
  port:
    description: TCP port for licenses, V(1) to V(65535). The server's default is V(15200).
    type: int
  web_port:
    description: TCP port of the web page, V(1) to V(65535), another one than O(port). The server's default is V(15201).
    type: int
  local:
    description:
      - V(true) makes the server reachable from its own computer only.
      - The server's default is V(true).
    type: bool
  bind_address:
    description:
      - The IP address to listen on. An empty string means all interfaces.
      - With O(local=true) only a loopback address counts.
    type: str
  names:
    description:
      - Names of hosts by which browsers and programs may ask the server, beside those of its computer.
      - An alias in the DNS belongs here. A request for any other name is refused.
    type: list
    elements: str
  idle_minutes:
    description: Minutes for which a license stays with a silent holder, V(0) to V(1440). The server's default is V(10).
    type: int
  user:
    description:
      - User name for the web page. Needs O(password). An empty string removes both.
      - One line without a colon, which HTTP Basic could not send, and without blanks at its ends.
      - It is stored so that it can be verified but not read.
    type: str
  password:
    description:
      - Password for the web page. Needs O(user).
      - It is stored so that it can be verified but not read, and is not written again while it is the same.
    type: str
  tls:
    description:
      - V(true) makes both ports speak TLS and nothing else.
      - Clients must know the certificate before, see M(protect.licensing.client_config).
      - The server's default is V(false).
    type: bool
  tls_certificate:
    description:
      - Path on the target of the server's own certificate in PEM, with the chain below it. Needs O(tls_key).
      - An empty string in both means a certificate that the server makes itself and keeps.
    type: str
  tls_key:
    description:
      - Path on the target of its private key, in PEM and not encrypted.
      - The server's account must be able to read it.
    type: str
  language:
    description:
      - Language of the web page for whoever has chosen none there.
      - An empty string, the server's default, means that of each browser.
    type: str
    choices: ["", en, ru]
  token_module:
    description:
      - Path on the target of the PKCS#11 library of the hardware keys, as it came with them.
      - An empty string, which is the server's default, means that no hardware keys are looked for.
    type: str
  initial_text:
    description: Text of a first file, used only where there is none. The other options are set in it.
    type: str
    default: ""
  backup:
    description: Keep a copy of the previous file beside it, with the time in its name.
    type: bool
    default: false
  mode:
    default: "0640"
notes:
  - The default of O(path) on Windows is V(%ProgramFiles%\\ProtectStorage\\licserver.ini).
seealso:
  - module: protect.licensing.server_info
"""

EXAMPLES = r"""
- name: Serve the network on the usual ports
  protect.licensing.server_config:
    port: 15200
    web_port: 15201
    local: false
    group: protect

- name: Set the credentials of the web page
  protect.licensing.server_config:
    user: administrator
    password: "{{ vault_web_password }}"

- name: Encrypt both ports
  protect.licensing.server_config:
    tls: true

- name: Remove forgotten credentials
  protect.licensing.server_config:
    user: ""
"""

RETURN = r"""
path:
  description: The file, with symbolic links resolved.
  type: str
  returned: success
  sample: /etc/protect/licserver.ini
settings:
  description: What the file says, with the server's defaults for what is absent.
  type: dict
  returned: success
  contains:
    port:
      description: TCP port for licenses.
      type: int
    web_port:
      description: TCP port of the web page.
      type: int
    local:
      description: Whether only its own computer reaches the server.
      type: bool
    bind_address:
      description: The address to listen on, empty for all.
      type: str
    names:
      description: Names by which the server may be asked, beside those of its computer.
      type: list
      elements: str
    idle_minutes:
      description: Minutes for which a license stays with a silent holder.
      type: int
    tls:
      description: Whether both ports speak TLS.
      type: bool
    tls_certificate:
      description: The path of the server's own certificate. Empty for one that the server makes itself.
      type: str
    tls_key:
      description: The path of its private key.
      type: str
    language:
      description: The language of the web page, empty for that of each browser.
      type: str
    token_module:
      description: The path of the PKCS#11 library of the hardware keys. Empty for none.
      type: str
    credentials_set:
      description: Whether the web page asks to log in.
      type: bool
backup_file:
  description: The copy of the previous file.
  type: str
  returned: changed and O(backup=true)
  sample: /etc/protect/licserver.ini.4711.2026-11-22@13:18:07~
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.protect.licensing.plugins.module_utils._server_config import OPTIONS_SPEC, plan_server_config
from ansible_collections.protect.licensing.plugins.module_utils._target_file import run_file_module


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **OPTIONS_SPEC,
            "path": {"type": "path", "default": "/etc/protect/licserver.ini"},
            "backup": {"type": "bool", "default": False},
            "mode": {"type": "raw", "default": "0640"},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    run_file_module(module, plan_server_config, backup=module.params["backup"])


if __name__ == "__main__":
    main()

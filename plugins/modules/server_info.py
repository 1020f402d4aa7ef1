#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: server_info
short_description: What a license server is, holds and does
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Tells in one call which release is installed, whether the server runs, its keys and how many licenses are taken.
  - A bare host is an answer, not a failure.
extends_documentation_fragment:
  - protect.licensing._attributes
  - protect.licensing._attributes.info_module
  - protect.licensing._installation
  - protect.licensing._installation.installation
attributes:
  action_group:
    description: Use C(group/protect.licensing.licctl) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - protect.licensing.licctl
seealso:
  - module: protect.licensing.release_info
  - module: protect.licensing.server_config
"""

EXAMPLES = r"""
- name: Ask the license server
  protect.licensing.server_info:
  register: licensing

- name: Warn of counters that are nearly used up
  ansible.builtin.debug:
    msg: "{{ item.product }}, {{ item.counter }}: {{ item.used }} of {{ item.limit }}"
  loop: "{{ licensing.licenses }}"
  when: item.free < item.limit // 10

- name: Insist on a server that runs
  ansible.builtin.assert:
    that: licensing.running
    fail_msg: "{{ licensing.problem }}"
"""

RETURN = r"""
installed:
  description: Whether O(licctl) exists.
  type: bool
  returned: success
running:
  description: Whether the server answers.
  type: bool
  returned: success
problem:
  description: Why it is not installed or does not run. Null while it runs.
  type: str
  returned: success
msg:
  description: The problem again, for tasks that fail because of it.
  type: str
  returned: when there is a problem
server:
  description: The server that runs, null while none does.
  type: dict
  returned: success
  contains:
    server_id:
      description: Its identity, made at its first start.
      type: str
    name:
      description: Its name.
      type: str
    version:
      description: The version that runs, which is an older one until it was restarted after an upgrade.
      type: str
    addresses:
      description: Where it listens for licenses, each C(host:port). The host is V(0.0.0.0) for all interfaces.
      type: list
      elements: str
    port:
      description: TCP port for licenses.
      type: int
    web_port:
      description: TCP port of the web page.
      type: int
    local:
      description: Whether only its own computer reaches it.
      type: bool
    tls:
      description: The certificate with which both ports speak TLS. Null without TLS.
      type: dict
      contains:
        certificate_sha256:
          description: SHA-256 of the certificate, by which clients know the server.
          type: str
        not_after:
          description: When it ends, in seconds since 1970. One that the server made for itself ends in the year 9999.
          type: int
    started_at:
      description: Since when it runs, in seconds since 1970.
      type: int
    process:
      description: The number of its process.
      type: int
    restart_needed:
      description: Whether the ini file says something else by now, and the server has to be restarted for it.
      type: bool
    reload_needed:
      description: Whether the ini file says something else by now, and C(licctl reload) puts it in force.
      type: bool
keys:
  description: The attached keys, each as M(protect.licensing.soft_key) returns it. Empty while the server does not run.
  type: list
  elements: dict
  returned: success
connections:
  description: The number of licenses that are taken.
  type: int
  returned: success
licenses:
  description:
    - Limits and use by product and counter, of all keys that serve.
    - Keys that are broken or not used count for nothing.
  type: list
  elements: dict
  returned: success
  contains:
    product:
      description: The product.
      type: str
    counter:
      description: Name of the counter.
      type: str
    type:
      description: How it counts.
      type: str
      sample: session
    limit:
      description: How many licenses there are.
      type: int
    used:
      description: How many are taken.
      type: int
    free:
      description: How many can be given. A key that holds more than its limit has none.
      type: int
alarms:
  description: What an administrator should look at, each with C(code) and C(message).
  type: list
  elements: dict
  returned: success
current_version:
  description: The release in use, which C(licctl) is of. Null if there is none or it is not complete.
  type: str
  returned: success
  sample: 0.1.0
releases:
  description: The complete releases below O(install_dir).
  type: list
  elements: str
  returned: success, on POSIX
checksums:
  description: SHA-256 of each file of O(checksum_of), null where there is none.
  type: dict
  returned: success, on POSIX
unit_enabled:
  description: Whether O(unit) is started with the system. Null without O(unit).
  type: bool
  returned: success, on POSIX
has_systemd:
  description: Whether systemd runs the target.
  type: bool
  returned: success, on POSIX
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.protect.licensing.plugins.module_utils import _installation, _licctl, _program
from ansible_collections.protect.licensing.plugins.module_utils._server_info import read_server


def main() -> None:
    module = AnsibleModule(
        argument_spec={**_licctl.OPTIONS_SPEC, **_installation.OPTIONS_SPEC},
        supports_check_mode=True,
    )
    try:
        installation = _installation.read_installation(module.params)
    except OSError as error:
        module.fail_json(msg=f"cannot look at the installation: {error}")
    server = read_server(_licctl.Licctl(_program.runner(module), module.params))
    module.exit_json(changed=False, **{**server, **installation})


if __name__ == "__main__":
    main()

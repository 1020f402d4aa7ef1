#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_info
short_description: Which release of the payload a host has, and how it is run
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Tells which releases lie on the target, which one is in use, and how it is run.
  - A bare host is an answer, not a failure.
extends_documentation_fragment:
  - protect.licensing._attributes
  - protect.licensing._attributes.info_module
  - protect.licensing._installation.installation
attributes:
  platform:
    platforms: posix
options:
  host:
    description: The host or address of O(port).
    type: str
    default: 127.0.0.1
  port:
    description: A TCP port to try, as seen from the target. Omitted, none is tried.
    type: int
seealso:
  - module: protect.licensing.server_info
"""

EXAMPLES = r"""
- name: Look at the activation center
  protect.licensing.release_info:
    install_dir: /opt/protect/liccenter
    port: 15443
  register: center

- name: Show which release is in use
  ansible.builtin.debug:
    var: center.current_version
"""

RETURN = r"""
current_version:
  description: The release that C(current) points to, null if there is none or it is not complete.
  type: str
  returned: success
  sample: 0.1.0
releases:
  description: The complete releases below O(install_dir).
  type: list
  elements: str
  returned: success
checksums:
  description: SHA-256 of each file of O(checksum_of), null where there is none.
  type: dict
  returned: success
unit_enabled:
  description: Whether O(unit) is started with the system. Null without O(unit).
  type: bool
  returned: success
has_systemd:
  description: Whether systemd runs the target.
  type: bool
  returned: success
listening:
  description: Whether something accepts connections at O(host) and O(port). Null without O(port).
  type: bool
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.protect.licensing.plugins.module_utils import _installation


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **_installation.OPTIONS_SPEC,
            "host": {"type": "str", "default": "127.0.0.1"},
            "port": {"type": "int"},
        },
        supports_check_mode=True,
    )
    host, port = module.params["host"], module.params["port"]
    try:
        installation = _installation.read_installation(module.params)
    except OSError as error:
        module.fail_json(msg=f"cannot look at the installation: {error}")
    listening = None if port is None else _installation.is_listening(host, port)
    module.exit_json(changed=False, **installation, listening=listening)


if __name__ == "__main__":
    main()

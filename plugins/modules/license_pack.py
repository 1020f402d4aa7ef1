#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: license_pack
short_description: Raise the limits of a key by a license pack
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Makes sure that a key on the license server of the target has the licenses of a pack.
  - A pack that the key has is left alone and costs nothing.
  - The license server must be running, the key attached and working, and a running product must hold a license of it.
extends_documentation_fragment:
  - protect.licensing._attributes
  - protect.licensing._installation
  - protect.licensing._activation
attributes:
  action_group:
    description: Use C(group/protect.licensing.licctl) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - protect.licensing.licctl
  check_mode:
    support: full
    details:
      - Spends no pack, asks nothing of the activation center, and makes no request.
      - RV(spends) and RV(note) say what a real run would do.
      - Where the license server does not run or does not have the key yet, a change is predicted.
  diff_mode:
    support: full
    details:
      - Shows whether the key has the pack, and no secret.
  idempotent:
    support: full
options:
  key_number:
    description: The registration number of the key whose limits are raised.
    type: str
    required: true
  pack:
    description: The id of the pack.
    type: str
    required: true
  password:
    description: The password of the pack, needed where the key does not have it yet.
    type: str
  method:
    description:
      - How the request gets to the center, and its answer to the server.
      - V(online) has the license server itself ask the center, over HTTPS.
      - V(file) makes a request, which is returned and written to O(request_file), and loads the answer once it is
        there. In between somebody carries them.
      - V(relay) makes the request on the target, has the control node ask the center of the O(kit), and loads the
        answer on the target, all in one task.
    type: str
    choices: [online, file, relay]
    default: online
seealso:
  - module: protect.licensing.soft_key
  - module: protect.licensing.activation_request_info
"""

EXAMPLES = r"""
- name: Five licenses more for the branch
  protect.licensing.license_pack:
    key_number: 100-0001
    pack: P-1001
    password: "{{ vault_pack_password }}"

- name: The same where only the control node has internet
  protect.licensing.license_pack:
    key_number: 100-0001
    pack: P-1001
    password: "{{ vault_pack_password }}"
    kit: "{{ lookup('ansible.builtin.file', 'vendor_kit.json') }}"
    method: relay
"""

RETURN = r"""
key:
  description: The key, as M(protect.licensing.soft_key) returns it. Null where the server does not know it.
  type: dict
  returned: success
request:
  description: The request that waits for its answer, as M(protect.licensing.soft_key) returns it.
  type: dict
  returned: with O(method=file), while the key does not have the pack
spends:
  description: What a real run spends at the center.
  type: str
  returned: in check mode, when something would be spent
  sample: pack
note:
  description: What a real run would do, or why the answer of check mode is a guess.
  type: str
  returned: in check mode, when the key does not have the pack
code:
  description: The kind of a refusal, for programs.
  type: str
  returned: failure
  sample: no_license_held
"""

from ansible_collections.protect.licensing.plugins.module_utils._licctl_module import run_module
from ansible_collections.protect.licensing.plugins.module_utils._license_pack import OPTIONS_SPEC, ensure_pack


def main() -> None:
    run_module(ensure_pack, OPTIONS_SPEC)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: soft_key
short_description: Activate a software key on its license server
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Makes sure that a software key is active on the license server of the target.
  - A key that is active is left alone and costs nothing. A PIN is spent only where the key is not active.
  - The license server must be running.
extends_documentation_fragment:
  - protect.licensing._attributes
  - protect.licensing._installation
attributes:
  action_group:
    description: Use C(group/protect.licensing.licctl) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - protect.licensing.licctl
  check_mode:
    support: full
    details:
      - Spends no PIN and asks nothing of the activation center.
      - While the license server is not running, the file of the key tells whether it is activated.
      - On a host without license server, a change is predicted.
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  key_number:
    description: The registration number of the key.
    type: str
    required: true
  pin:
    description: The PIN of the key that is to be spent if the key is not active.
    type: str
  kit:
    description:
      - The kit of the vendor, as text or as a dictionary. It is written by C(liccenter kit).
      - It names the activation center and the vendor's public keys.
    type: json
  company:
    description: Who uses the key.
    type: dict
    suboptions:
      name:
        description: Name of the company.
        type: str
        required: true
      tax_id:
        description: Taxpayer number.
        type: str
        default: ""
      address:
        description: Postal address.
        type: str
        default: ""
      phone:
        description: Telephone number.
        type: str
        default: ""
      email:
        description: E-mail address.
        type: str
        default: ""
  center_url:
    description: Address of the activation center where it is not the one in the kit.
    type: str
  method:
    description: How the center is reached. V(online) means by the license server itself, over HTTPS.
    type: str
    choices: [online]
    default: online
  reactivate:
    description:
      - Activate a key again that no longer fits its computer, because hardware changed.
      - This spends another PIN of the key, and only on the same computer.
    type: bool
    default: false
  state:
    description: V(present) activates the key.
    type: str
    choices: [present]
    default: present
seealso:
  - module: protect.licensing.server_info
"""

EXAMPLES = r"""
- name: Activate the key of this branch
  protect.licensing.soft_key:
    key_number: 100-0001
    pin: "{{ vault_branch_pin }}"
    kit: "{{ lookup('ansible.builtin.file', 'vendor_kit.json') }}"
    company:
      name: Example Trading
      tax_id: "7700000000"

- name: Activate it again after the network card was replaced
  protect.licensing.soft_key:
    key_number: 100-0001
    pin: "{{ vault_second_pin }}"
    kit: "{{ lookup('ansible.builtin.file', 'vendor_kit.json') }}"
    company:
      name: Example Trading
    reactivate: true
"""

RETURN = r"""
key:
  description: The key as the server knows it. Before its first activation, in check mode, there is none.
  type: dict
  returned: success
  contains:
    key_number:
      description: Registration number.
      type: str
      sample: 100-0001
    use:
      description: Whether it serves clients.
      type: bool
    access_code_set:
      description: Whether only clients with its access code are served.
      type: bool
    product:
      description: The product it is for. This and what follows is absent from a key that cannot be read.
      type: str
    product_name:
      description: Name of the product.
      type: str
    state:
      description: V(active) or V(broken).
      type: str
    problem:
      description: Why it is broken.
      type: str
    counters:
      description: What it licenses. Each has C(name), C(type), C(limit) and C(used).
      type: list
      elements: dict
    activated_at:
      description: When it was activated, in seconds since 1970.
      type: int
    expires_at:
      description: When it ends, in seconds since 1970. Null means never.
      type: int
    days_left:
      description: On how many days it still serves, today among them. Null means for ever.
      type: int
    warnings:
      description: What is about to break it, such as a new name of the computer that counts after a restart.
      type: list
      elements: str
    vendor:
      description: Who issued it.
      type: str
note:
  description: Why the answer of check mode is a guess.
  type: str
  returned: in check mode, when the license server could not be asked
code:
  description: The kind of a refusal, for programs.
  type: str
  returned: failure
  sample: wrong_pin
"""

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._licctl import Licctl
from ansible_collections.protect.licensing.plugins.module_utils._licctl_module import run_module
from ansible_collections.protect.licensing.plugins.module_utils._soft_key import OPTIONS_SPEC, KeyFile, ensure_active


def activate(licctl: Licctl, options: Mapping[str, Any], *, check_mode: bool) -> Mapping[str, Any]:
    file = os.path.join(options["state_dir"], "softkeys", f"{options['key_number']}.dongle")
    return ensure_active(licctl, KeyFile(file, lambda: os.path.exists(file)), options, check_mode=check_mode)


def main() -> None:
    run_module(activate, OPTIONS_SPEC)


if __name__ == "__main__":
    main()

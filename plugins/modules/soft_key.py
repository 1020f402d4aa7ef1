#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: soft_key
short_description: Activate a software key on its license server, or remove it
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Makes sure that a software key is active on the license server of the target.
  - A key that is active is left alone and costs nothing. A PIN is spent only where the key is not active.
  - The license server must be running.
  - A server keeps its request until the answer is loaded. So whatever is interrupted is finished by the same task, with
    the same PIN.
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
      - Spends no PIN, asks nothing of the activation center, and makes no request.
      - RV(spends) and RV(note) say what a real run would do.
      - While the license server is not running, the file of the key tells whether it is activated.
      - On a host without license server, a change is predicted.
  diff_mode:
    support: full
    details:
      - Shows the state of the key, and no secret.
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
  method:
    description:
      - How the request gets to the center, and its answer to the server.
      - V(online) has the license server itself ask the center, over HTTPS.
      - V(file) makes a request, which is returned and written to O(request_file), and loads the answer once it is
        there. In between somebody carries them.
      - V(relay) makes the request on the target, has the control node ask the center, and loads the answer on the
        target, all in one task.
      - V(phone) returns the code to read to the vendor's desk, and loads the blocks that it answers once they are given
        as O(phone_blocks).
    type: str
    choices: [online, file, phone, relay]
    default: online
  phone_blocks:
    description:
      - The three blocks of digits that the vendor's desk answered, for O(method=phone), in any grouping.
    type: str
  reactivate:
    description:
      - Activate a key again that no longer fits its computer, because hardware changed.
      - This spends another PIN of the key, and only on the same computer.
    type: bool
    default: false
  state:
    description: V(present) activates the key. V(absent) removes it from the server, which frees what it lent.
    type: str
    choices: [present, absent]
    default: present
  keep_copy:
    description: Whether a key that is removed leaves a copy of its file beside it, under another name.
    type: bool
    default: true
seealso:
  - module: protect.licensing.license_pack
  - module: protect.licensing.activation_request_info
  - module: protect.licensing.activation_exchange
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

- name: Activate the key of a branch without internet, which the control node has
  protect.licensing.soft_key:
    key_number: 100-0001
    pin: "{{ vault_branch_pin }}"
    kit: "{{ lookup('ansible.builtin.file', 'vendor_kit.json') }}"
    company:
      name: Example Trading
    method: relay

- name: Have a request to carry, and the answer loaded in a later run, once it lies in its folder
  protect.licensing.soft_key:
    key_number: 100-0001
    pin: "{{ vault_branch_pin }}"
    kit: "{{ lookup('ansible.builtin.file', 'vendor_kit.json') }}"
    company:
      name: Example Trading
    method: file
    request_file: requests/
    answer_file: answers/

- name: Ask for the code that is read to the vendor's desk
  protect.licensing.soft_key:
    key_number: 100-0001
    pin: "{{ vault_branch_pin }}"
    kit: "{{ lookup('ansible.builtin.file', 'vendor_kit.json') }}"
    company:
      name: Example Trading
    method: phone
  register: asked

- name: Remove a key
  protect.licensing.soft_key:
    key_number: 100-0001
    state: absent
"""

RETURN = r"""
key:
  description: The key as the server knows it, null where it does not know it.
  type: dict
  returned: success
  contains:
    key_number:
      description: Registration number.
      type: str
      sample: 100-0001
    kind:
      description: V(soft) or V(hardware).
      type: str
      sample: soft
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
    packs:
      description: The license packs that were activated. Each has C(pack), C(licenses) by counter and C(activated_at).
      type: list
      elements: dict
request:
  description: The request that waits for its answer. It holds no secret that anybody but the center can read.
  type: dict
  returned: with O(method=file) and O(method=phone), while the key is not active
  contains:
    request_id:
      description: Its name, which the answer repeats.
      type: str
    key_number:
      description: The key that it asks for.
      type: str
    pack:
      description: The pack that it asks for, null for a key.
      type: str
    made_at:
      description: When it was made, in seconds since 1970.
      type: int
    file_name:
      description: What to name its file.
      type: str
    text:
      description: The whole file.
      type: str
    send_to:
      description: Where it goes, as V(url), V(mail) and V(phone). The last two may be null.
      type: dict
    phone:
      description: What to read to the vendor's desk, as C(code) and C(number). Null where the phone is no way for it.
      type: dict
phone:
  description: What to read to the vendor's desk, as C(code), and the desk's C(number), which may be null.
  type: dict
  returned: with O(method=phone), while the key is not active
copy:
  description: The copy that was left of the file of the key, null with O(keep_copy=false).
  type: str
  returned: when the key was removed
spends:
  description: What a real run spends at the center.
  type: str
  returned: in check mode, when something would be spent
  sample: pin
note:
  description: What a real run would do, or why the answer of check mode is a guess.
  type: str
  returned: in check mode, when the key is not as wanted
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
from ansible_collections.protect.licensing.plugins.module_utils._soft_key import OPTIONS_SPEC, KeyFile, ensure_key


def see_to_key(licctl: Licctl, options: Mapping[str, Any], *, check_mode: bool) -> Mapping[str, Any]:
    file = os.path.join(options["state_dir"], "softkeys", f"{options['key_number']}.dongle")
    return ensure_key(licctl, KeyFile(file, lambda: os.path.exists(file)), options, check_mode=check_mode)


def main() -> None:
    run_module(see_to_key, OPTIONS_SPEC)


if __name__ == "__main__":
    main()

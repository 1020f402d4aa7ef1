#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: activation_exchange
short_description: Have the activation center answer a folder of request files
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Sends every request file of a folder to the activation center, and writes the answers into another folder.
  - A request of which the answer lies there already is not sent, whatever the file of the answer is called. So answers
    that came by mail may be put there too.
  - Runs where the center can be reached, which is the control node most of the time. It needs no license server.
  - The other requests are sent also when one is refused. The task fails at the end then.
extends_documentation_fragment:
  - protect.licensing._attributes
attributes:
  check_mode:
    support: full
    details:
      - Sends nothing. RV(spends) says what would be spent.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - The center gives the same answer to the same request, and spends nothing for it.
  platform:
    platforms: posix
options:
  requests:
    description:
      - The folder of the request files, as M(protect.licensing.soft_key) writes them. Other files in it are left alone.
    type: path
    required: true
  answers:
    description: The folder for the answer files. It is made where it does not exist.
    type: path
    required: true
  kit:
    description: The kit of the vendor, as text or as a dictionary. It says where the center is and how to know it.
    type: json
    required: true
  center_url:
    description: Address of the activation center where it is not the one in the kit.
    type: str
notes:
  - The proxy is that of the environment (E(https_proxy), E(no_proxy)).
seealso:
  - module: protect.licensing.soft_key
  - module: protect.licensing.license_pack
"""

EXAMPLES = r"""
- name: Have the requests of all branches answered
  protect.licensing.activation_exchange:
    requests: /srv/activation/requests
    answers: /srv/activation/answers
    kit: "{{ lookup('ansible.builtin.file', 'vendor_kit.json') }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
requests:
  description: Every request file of the folder.
  type: list
  elements: dict
  returned: when the folder could be read
  contains:
    file:
      description: The request file.
      type: str
    key_number:
      description: The key that it asks for.
      type: str
      sample: 100-0001
    pack:
      description: The pack that it asks for, null for a key.
      type: str
    state:
      description: V(answered), V(refused), or V(waiting) where it was not sent or the center gave no answer.
      type: str
    answer:
      description: The answer file, null where there is none.
      type: str
    code:
      description: The kind of the refusal, for programs. Only of one that was refused.
      type: str
      sample: wrong_pin
    msg:
      description: Why it was refused. Only of one that was refused.
      type: str
spends:
  description: How many C(pins) and C(packs) a real run would spend at most.
  type: dict
  returned: in check mode, when something would be sent
code:
  description: V(center_unreachable), V(too_many_requests) or V(refused), or V(bad_option).
  type: str
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.protect.licensing.plugins.module_utils._activation_exchange import (
    OPTIONS_SPEC,
    answer_requests,
)
from ansible_collections.protect.licensing.plugins.module_utils._exchange import center_of, exchange
from ansible_collections.protect.licensing.plugins.module_utils._kit import read_kit


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS_SPEC, supports_check_mode=True)
    try:
        center = center_of(read_kit(module.params["kit"]), module.params["center_url"])
        answer = answer_requests(module.params, lambda text: exchange(center, text), check_mode=module.check_mode)
    except ValueError as error:
        answer = {"failed": True, "msg": str(error), "code": "bad_option"}
    if answer.get("failed"):
        module.fail_json(**answer)
    module.exit_json(**answer)


if __name__ == "__main__":
    main()

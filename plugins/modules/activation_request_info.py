#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: activation_request_info
short_description: List the requests of a license server that wait for their answers
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Lists the requests for keys and packs that were made and not answered yet, with the whole text of each.
  - The license server must be running.
extends_documentation_fragment:
  - protect.licensing._attributes
  - protect.licensing._attributes.info_module
  - protect.licensing._installation
attributes:
  action_group:
    description: Use C(group/protect.licensing.licctl) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - protect.licensing.licctl
seealso:
  - module: protect.licensing.soft_key
  - module: protect.licensing.license_pack
  - module: protect.licensing.activation_exchange
"""

EXAMPLES = r"""
- name: Ask which requests wait
  protect.licensing.activation_request_info:
  register: waiting

- name: Mail them to the vendor
  community.general.mail:
    to: "{{ item.send_to.mail }}"
    subject: "Request for {{ item.key_number }}"
    body: "{{ item.text }}"
  loop: "{{ waiting.requests }}"
  delegate_to: localhost
"""

RETURN = r"""
requests:
  description: Every request that waits.
  type: list
  elements: dict
  returned: success
  contains:
    request_id:
      description: Its name, which the answer repeats.
      type: str
    key_number:
      description: The key that it asks for.
      type: str
      sample: 100-0001
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
      description: The whole file. It holds no secret that anybody but the center can read.
      type: str
    send_to:
      description: Where it goes, as V(url), V(mail) and V(phone). The last two may be null.
      type: dict
    phone:
      description: What to read to the vendor's desk, as C(code) and C(number). Null where the phone is no way for it.
      type: dict
damaged:
  description: Files of requests that were damaged on the disk of the target and lie aside. They have to be made anew.
  type: list
  elements: str
  returned: success
code:
  description: The kind of a refusal, for programs.
  type: str
  returned: failure
  sample: server_not_running
note:
  description: Why there are no requests, in check mode.
  type: str
  returned: in check mode, when the license server could not be asked
"""

from ansible_collections.protect.licensing.plugins.module_utils._activation_requests import read_requests
from ansible_collections.protect.licensing.plugins.module_utils._licctl_module import run_module


def main() -> None:
    run_module(read_requests, {})


if __name__ == "__main__":
    main()

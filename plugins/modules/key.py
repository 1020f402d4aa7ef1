#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: key
short_description: Set the access code of a protection key, and whether it is used
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Has the access code of a key, and whether it serves clients, be as declared. What is not named stays as it is.
  - A client is served only from keys whose access code is exactly its own.
  - The license server compares the access codes, and never tells one.
  - The license server must be running, and the key attached to it.
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
      - The license server is asked whether something would change.
      - On a host where it is not installed or does not run, or does not have the key yet, a change is predicted.
  diff_mode:
    support: full
    details:
      - An access code is shown as V((set\)) and, where it differs, V((changed\)).
  idempotent:
    support: full
options:
  key_number:
    description: The registration number of the key.
    type: str
    required: true
  access_code:
    description:
      - The access code that a client must have to be served from this key.
      - An empty one removes it, so that clients without an access code are served.
    type: str
  use:
    description: Whether the key serves clients. V(false) leaves it attached, and its holders find another key or none.
    type: bool
seealso:
  - module: protect.licensing.soft_key
  - module: protect.licensing.server_info
"""

EXAMPLES = r"""
- name: Reserve a key for one firm
  protect.licensing.key:
    key_number: 100-0001
    access_code: "{{ vault_access_code }}"

- name: Keep a key in reserve, open to everybody once it is used
  protect.licensing.key:
    key_number: 100-0002
    access_code: ""
    use: false
"""

RETURN = r"""
key:
  description: The key, as M(protect.licensing.soft_key) returns it. Null where it cannot be asked for in check mode.
  type: dict
  returned: success
code:
  description: The kind of a refusal, for programs.
  type: str
  returned: failure
  sample: unknown_key
note:
  description: Why the answer of check mode is a guess.
  type: str
  returned: in check mode, when the license server could not be asked
"""

from ansible_collections.protect.licensing.plugins.module_utils._key import OPTIONS_SPEC, ensure_options
from ansible_collections.protect.licensing.plugins.module_utils._licctl_module import run_module


def main() -> None:
    run_module(ensure_options, OPTIONS_SPEC)


if __name__ == "__main__":
    main()

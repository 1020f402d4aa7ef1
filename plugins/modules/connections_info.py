#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: connections_info
short_description: List who holds licenses of a license server
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Lists the licenses in use, all of them or those that have in common what is named.
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
  check_mode:
    details:
      - This module does not modify state.
      - On a host where the license server is not installed or does not run, there are no connections.
options:
  user:
    description: Only connections of this user, without regard to case.
    type: str
  computer:
    description: Only connections on this computer, without regard to case.
    type: str
  product:
    description: Only connections of this product.
    type: str
  key_number:
    description: Only connections that this key carries.
    type: str
  state:
    description: Only those that were renewed in time (V(active)), or that are held for a silent holder (V(blocked)).
    type: str
    choices: [active, blocked]
seealso:
  - module: protect.licensing.connection
  - module: protect.licensing.server_info
"""

EXAMPLES = r"""
- name: Who holds licenses
  protect.licensing.connections_info:
  register: everybody

- name: Which licenses does a user hold, though he is silent
  protect.licensing.connections_info:
    user: ivanov
    state: blocked
  register: silent
"""

RETURN = r"""
connections:
  description: The licenses in use, the longest held first.
  type: list
  elements: dict
  returned: success
  contains:
    lease:
      description: The name of the connection, for O(protect.licensing.connection#module:lease).
      type: str
    user:
      description: Who holds the license.
      type: str
    computer:
      description: Where the product runs.
      type: str
    product:
      description: The product.
      type: str
    counter:
      description: The counter of the key that it is counted on.
      type: str
    type:
      description: How that counter counts.
      type: str
      sample: session
    key_number:
      description: The key that carries it.
      type: str
    session_number:
      description: The number of the session in the product.
      type: int
    rdp_session:
      description: The number of the terminal session, 0 without one.
      type: int
    state:
      description: V(active) or V(blocked).
      type: str
    since:
      description: When the license was given, in seconds since 1970.
      type: int
    seconds:
      description: For how long it has been held.
      type: int
    licenses:
      description: How many licenses it takes.
      type: int
code:
  description: The kind of a refusal, for programs.
  type: str
  returned: failure
  sample: server_not_running
note:
  description: Why there are none, in check mode.
  type: str
  returned: in check mode, when the license server could not be asked
"""

from ansible_collections.protect.licensing.plugins.module_utils._connections import FILTER_SPEC, read_connections
from ansible_collections.protect.licensing.plugins.module_utils._licctl_module import run_module


def main() -> None:
    run_module(read_connections, FILTER_SPEC)


if __name__ == "__main__":
    main()

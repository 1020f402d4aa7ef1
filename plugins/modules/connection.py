#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: connection
short_description: Disconnect holders of licenses from a license server
version_added: 0.1.0
author:
  - The protect.licensing contributors (@protect-licensing)
description:
  - Ends connections, so that their licenses are free at once. Says who was disconnected.
  - Connections are named by O(lease), by what they have in common, or as all of them; one of the three.
  - A connection that has ended is no error.
  - A product that still runs logs in again, and gets a license where one is free.
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
      - The license server is asked who would be disconnected.
      - On a host where it is not installed or does not run, nobody would.
  diff_mode:
    support: full
    details:
      - Shows those that are disconnected.
  idempotent:
    support: partial
    details:
      - A second run finds nobody, unless somebody has connected since.
options:
  lease:
    description: Connections by their names, as M(protect.licensing.connections_info) returns them.
    type: list
    elements: str
  user:
    description: Those of this user, without regard to case.
    type: str
  computer:
    description: Those on this computer, without regard to case.
    type: str
  product:
    description: Those of this product.
    type: str
  key_number:
    description: Those that this key carries.
    type: str
  all:
    description: All connections of the server.
    type: bool
  state:
    description: V(absent) disconnects.
    type: str
    choices: [absent]
    default: absent
seealso:
  - module: protect.licensing.connections_info
"""

EXAMPLES = r"""
- name: Disconnect a user who went home
  protect.licensing.connection:
    user: ivanov
    computer: desk17

- name: Disconnect everybody before maintenance
  protect.licensing.connection:
    all: true
"""

RETURN = r"""
connections:
  description: Who was disconnected, or would be in check mode.
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
  description: Why nobody is to be disconnected, in check mode.
  type: str
  returned: in check mode, when the license server could not be asked
"""

from ansible_collections.protect.licensing.plugins.module_utils._connections import RELEASE_SPEC, release_connections
from ansible_collections.protect.licensing.plugins.module_utils._licctl_module import run_module


def main() -> None:
    run_module(release_connections, RELEASE_SPEC)


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options of requests to the activation center."""

from __future__ import annotations


class ModuleDocFragment:
    """The options of modules that activate something."""

    DOCUMENTATION = r"""
options:
  kit:
    description:
      - The kit of the vendor, as text or as a dictionary. It is written by C(liccenter kit).
      - It names the activation center, the authority that its certificate is signed by, and the vendor's public keys.
    type: json
  center_url:
    description: Address of the activation center where it is not the one in the kit.
    type: str
  request_file:
    description:
      - Where to write the request on the control node, with O(method=file).
      - In a folder, named by a C(/) at its end or there already, it gets the name that the server gives it.
      - Relative to where C(ansible-playbook) is run. Missing folders are made.
    type: path
  answer:
    description: The text of the answer that is to be loaded, with O(method=file).
    type: str
  answer_file:
    description:
      - Where the answer lies on the control node, with O(method=file). While it does not lie there, the request waits.
      - In a folder the file that answers the request is found by what it holds, whatever its name.
      - Relative to where C(ansible-playbook) is run.
    type: path
  anew:
    description:
      - Make a new request although one is under way, such as after the center refused it because of a wrong PIN.
      - An answer to the earlier one cannot be loaded any more. Every run makes another one.
      - Has no meaning for O(method=online), where this is done by itself, and is rarely needed for O(method=relay).
    type: bool
    default: false
attributes:
  async:
    support: partial
    details:
      - Not on Windows, nor with O(method=file) and O(method=relay), in which the control node has a part.
    description: Supports being used with the C(async) keyword.
notes:
  - With O(method=relay) the control node uses the proxy of its environment (E(https_proxy), E(no_proxy)).
  - Keep PINs and passwords in a vault. They are sent to the standard input of C(licctl), and only the center can read
    them in a request.
"""

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules have in common that ask ``licctl``, on their target and for a Windows one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.protect.licensing.plugins.module_utils._licctl import OPTIONS_SPEC, Licctl, LicctlError
from ansible_collections.protect.licensing.plugins.module_utils._program import runner

Engine = Callable[..., Mapping[str, Any]]
"""Called with a :class:`Licctl`, the options, and ``check_mode`` by name; returns the answer of the module.

Raises :class:`LicctlError`, and :class:`ValueError` for options that are missing or wrong.
"""


def answer_of(engine: Engine, licctl: Licctl, options: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """The engine's answer; what it raises is a failure with a code for programs."""
    try:
        return dict(engine(licctl, options, check_mode=check_mode))
    except LicctlError as error:
        return {"failed": True, "msg": str(error), "code": error.code}
    except ValueError as error:
        return {"failed": True, "msg": str(error), "code": "bad_option"}


def run_module(engine: Engine, options_spec: Mapping[str, Mapping[str, object]]) -> None:
    """Run a module on its target."""
    module = AnsibleModule(argument_spec={**OPTIONS_SPEC, **options_spec}, supports_check_mode=True)
    licctl = Licctl(runner(module), module.params)
    answer = answer_of(engine, licctl, module.params, check_mode=module.check_mode)
    if answer.get("failed"):
        module.fail_json(**answer)
    module.exit_json(**answer)

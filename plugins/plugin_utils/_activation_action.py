# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action plugins of activations have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.protect.licensing.plugins.module_utils import _licctl
from ansible_collections.protect.licensing.plugins.module_utils._activation import CARRIED_METHODS
from ansible_collections.protect.licensing.plugins.module_utils._licctl import Licctl
from ansible_collections.protect.licensing.plugins.module_utils._licctl_module import answer_of
from ansible_collections.protect.licensing.plugins.plugin_utils import _posix, _windows
from ansible_collections.protect.licensing.plugins.plugin_utils._windows import is_windows
from ansible_collections.protect.licensing.plugins.plugin_utils._windows_action import WindowsAction


class ActivationAction(WindowsAction):
    """Runs on the controller for a Windows target, and wherever the controller carries requests or answers."""

    OPTIONS_SPEC: Mapping[str, Mapping[str, object]]

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Called by Ansible."""
        if self._task.args.get("method") in CARRIED_METHODS:
            return self.run_on_controller(self.run_here, task_vars or {})
        return super().run(tmp, task_vars)

    def run_for_windows(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """The module's answer for a Windows target."""
        return self.run_here(task_vars)

    def run_here(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """The module's answer for a target of any kind."""
        windows = is_windows(self)
        places = _licctl.WINDOWS_OPTIONS_SPEC if windows else _licctl.OPTIONS_SPEC
        _validated, options = self.validate_argument_spec({**places, **self.OPTIONS_SPEC})
        look, runner = (_windows.exists, _windows.licctl_runner) if windows else (_posix.exists, _posix.licctl_runner)

        def engine(licctl: Licctl, options: Mapping[str, Any], *, check_mode: bool) -> Mapping[str, Any]:
            return self.see_to(licctl, options, lambda path: look(self, path, task_vars), check_mode=check_mode)

        licctl = Licctl(runner(self, task_vars), options)
        return answer_of(engine, licctl, options, check_mode=self._task.check_mode)

    def see_to(
        self, licctl: Licctl, options: Mapping[str, Any], exists: Callable[[str], bool], *, check_mode: bool
    ) -> Mapping[str, Any]:
        """The answer of the module's engine, with what this controller carries; ``exists`` looks at the target."""
        raise NotImplementedError

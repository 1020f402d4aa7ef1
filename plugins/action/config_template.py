# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of ``config_template``: the templates lie here, and only what a desk lacks is sent."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase

from ansible_collections.protect.licensing.plugins.module_utils._config_template import ARGUMENTS, plan_templates
from ansible_collections.protect.licensing.plugins.module_utils._product_places import WINDOWS
from ansible_collections.protect.licensing.plugins.plugin_utils._target import TargetError
from ansible_collections.protect.licensing.plugins.plugin_utils._template_source import TemplateSource
from ansible_collections.protect.licensing.plugins.plugin_utils._windows import is_windows
from ansible_collections.protect.licensing.plugins.plugin_utils._windows_desk import WindowsDesk

Answer = dict[str, Any]


class ActionModule(ActionBase):
    """One look at the desk; where files are missing, the platform is looked for and they travel in one archive."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: Answer | None = None) -> Answer:
        result: Answer = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(**ARGUMENTS)
        carry = self._on_windows if is_windows(self) else self._on_linux
        try:
            source = TemplateSource(options["templates"], lambda folder: self._find_needle("files", folder))
            files = source.checksums() if options["state"] == "present" else dict.fromkeys(source.names)
            return {**result, **carry(options, source, files, task_vars or {})}
        except (OSError, ValueError, TargetError) as error:
            return {**result, "failed": True, "msg": str(error)}

    def _on_linux(self, options: Answer, source: TemplateSource, files: Answer, variables: Answer) -> Answer:
        answer = self._run_module({"_files": files}, variables)
        if answer.get("failed") or not answer["changed"] or options["state"] == "absent" or self._task.check_mode:
            return answer
        with tempfile.TemporaryDirectory(dir=constants.DEFAULT_LOCAL_TMP) as folder:
            packed = os.path.join(folder, "templates.tar")
            source.pack({name for desk_folder in answer["folders"] for name in desk_folder["sent"]}, packed)
            remote_folder = self._connection._shell.tmpdir or self._make_tmp_path()
            archive = self._connection._shell.join_path(remote_folder, "templates.tar")
            self._transfer_file(packed, archive)
        self._fixup_perms2((remote_folder, archive))
        return self._run_module({"_files": files, "_archive": archive}, variables)

    def _run_module(self, internal: Answer, variables: Answer) -> Answer:
        arguments = {**self._task.args, **internal}
        answer: Answer = self._execute_module("protect.licensing.config_template", arguments, task_vars=variables)
        answer.pop("invocation", None)
        return answer

    def _on_windows(self, options: Answer, source: TemplateSource, files: Answer, variables: Answer) -> Answer:
        desk = WindowsDesk(self, variables)
        plan = plan_templates(options, files, WINDOWS, desk, check_mode=self._task.check_mode)
        for folder in () if self._task.check_mode else plan.folders:
            desk.remove(folder)
            desk.send(folder, source)
        return plan.describe()

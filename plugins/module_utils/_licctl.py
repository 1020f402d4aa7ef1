# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks ``licctl --json`` and tells its errors apart from its answers.

How a command is run is given by the carrier: ``AnsibleModule.run_command`` on a Linux target, ``win_command`` for a
Windows one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Callable

RunCommand = Callable[[list[str], "str | None"], "tuple[int, str, str]"]
"""Runs a command with text for its standard input; returns exit code, standard output and standard error.

Raises :class:`FileNotFoundError` where there is no such program.
"""

OPTIONS_SPEC: dict[str, dict[str, object]] = {
    "licctl": {"type": "path", "default": "/opt/protect/licserver/current/bin/licctl"},
    "ini": {"type": "path", "default": "/etc/protect/licserver.ini"},
    "state_dir": {"type": "path", "default": "/var/lib/protect"},
}
"""The options that say where ``licctl`` and its server are, as an argument specification."""

WINDOWS_OPTIONS_SPEC: dict[str, dict[str, object]] = {
    "licctl": {"type": "str", "default": r"%ProgramFiles%\ProtectStorage\licctl.cmd"},
    "ini": {"type": "str"},
    "state_dir": {"type": "str"},
}
"""The same for a Windows target, where ``licctl`` itself knows the ini and the state of its server."""

NOT_INSTALLED = "not_installed"


class LicctlError(Exception):
    """``licctl`` refused or could not be understood: a code for programs, what happened, and what to do about it."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        self.code = code
        super().__init__(". ".join(part.rstrip(".") for part in (message, hint) if part))


class Licctl:
    """The ``licctl`` of one license server."""

    def __init__(self, run: RunCommand, options: Mapping[str, Any]) -> None:
        self._run = run
        self.path: str = options["licctl"]
        places = {"--ini": options["ini"], "--state": options["state_dir"]}
        given = [word for option, place in places.items() if place for word in (option, place)]
        self._command = [self.path, *given, "--json"]

    def call(self, *words: str, request: Mapping[str, object] | None = None) -> dict[str, Any]:
        """The answer to a command; a request goes to its standard input, never to its arguments.

        Raises :class:`LicctlError`, with the code ``not_installed`` where there is no ``licctl``, and ``bad_answer``
        where the answer is not an object of JSON.
        """
        try:
            rc, stdout, stderr = self._run([*self._command, *words], None if request is None else json.dumps(request))
        except FileNotFoundError:
            message = f"The license server is not installed: there is no {self.path}"
            raise LicctlError(NOT_INSTALLED, message, "The role license_server installs it") from None
        try:
            answer = json.loads(stdout)
        except ValueError:
            answer = None
        error = answer.get("error") if isinstance(answer, dict) else None
        if isinstance(error, dict):
            raise LicctlError(str(error.get("code")), str(error.get("message")), error.get("hint"))
        if rc != 0 or not isinstance(answer, dict):
            raise LicctlError("bad_answer", f"{self.path} {' '.join(words)} ended with {rc}", _tail(stderr))
        return answer


def _tail(text: str) -> str:
    return " / ".join(text.strip().splitlines()[-3:])

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call of a module played: the player found, its options and its answer checked against the documentation."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..disk import PathError
from ..played_host import AgentError, PlayedHost
from .documentation import OptionsError, documentation_of, reports_invocation

Answer = dict[str, Any]
SECRET = re.compile("password|passphrase|secret|token", re.IGNORECASE)
HIDDEN = "(hidden)"
POWERSHELL = ("ansible.windows.win_shell", "ansible.windows.win_powershell", "ansible.windows.win_dsc")


class ModuleError(Exception):
    """A module that ends with a failure; `answer` is what it answers beside the message."""

    def __init__(self, message: str, **answer: Any) -> None:
        super().__init__(message)
        self.answer = answer


@dataclass(frozen=True)
class Call:
    """One call of a module: its full name, the file of its PowerShell, its options, and the environment to set."""

    module: str
    source: Path
    options: dict[str, Any]
    check: bool = False
    diff: bool = False
    variables: dict[str, str] | None = None


Play = Callable[[PlayedHost, Call], Answer]


@dataclass(frozen=True)
class _Player:
    play: Play
    options: frozenset[str]
    internal: frozenset[str]
    hidden: frozenset[str]
    left_out: frozenset[str]
    internal_answers: frozenset[str]
    checks: bool


_PLAYERS: dict[str, _Player] = {}


def player(
    module: str,
    *,
    options: str = "",
    internal: str = "",
    hidden: str = "",
    left_out: str = "",
    internal_answers: str = "",
    checks: bool = True,
) -> Callable[[Play], Play]:
    """Make a function the player of a module. Names are given with spaces between them.

    `options` are played; `internal` are those that only the module's action plugin sends; the values of `hidden` ones
    stay out of the log; `left_out` are keys of an answer that are documented but that the module does not give;
    `internal_answers` are keys that only the action plugin reads, or that have more types than are documented; `checks`
    tells whether the module has a check mode.
    """

    def register(play: Play) -> Play:
        _PLAYERS[module] = _Player(
            play=play,
            options=frozenset(options.split()),
            internal=frozenset(internal.split()),
            hidden=frozenset(hidden.split()),
            left_out=frozenset(left_out.split()),
            internal_answers=frozenset(internal_answers.split()),
            checks=checks,
        )
        return play

    return register


def played_options() -> dict[str, list[str]]:
    """The modules that are played, and the options of each."""
    return {module: sorted(one.options) for module, one in sorted(_PLAYERS.items())}


def play(host: PlayedHost, call: Call) -> Answer:
    """The answer of a module, as it would be sent back to Ansible."""
    shown: dict[str, Any] = {}
    answer: Answer
    try:
        answer = _play(host, call, shown)
    except ModuleError as error:
        answer = {"changed": False, **error.answer, "failed": True, "msg": str(error)}
    except (PathError, AgentError, OptionsError) as error:
        answer = {"changed": False, "failed": True, "msg": str(error)}
    except Exception as error:
        trace = traceback.format_exc()
        answer = {"failed": True, "msg": f"the lab's player of {call.module} is broken: {error!r}", "exception": trace}
    host.log(
        kind="module",
        module=call.module,
        options=shown,
        check=call.check,
        variables=sorted(call.variables or {}),
        **{key: answer[key] for key in ("changed", "failed", "skipped", "rc", "msg") if key in answer},
    )
    return answer


def _play(host: PlayedHost, call: Call, shown: dict[str, Any]) -> Answer:
    if call.module in POWERSHELL:
        raise ModuleError(f"the lab has no PowerShell for {call.module}; use win_command with a program")
    one = _PLAYERS.get(call.module)
    if one is None:
        raise ModuleError(f"the lab does not play {call.module}; it plays {', '.join(sorted(_PLAYERS))}")
    documentation = documentation_of(call.source)
    internal = {name: value for name, value in call.options.items() if name in one.internal}
    given = {name: value for name, value in call.options.items() if name not in one.internal and value is not None}
    options = documentation.check_options(given)
    shown |= {name: _shown(name, value, one.hidden) for name, value in options.items() if value is not None}
    for name, value in options.items():
        if name not in one.options and value is not None and value != documentation.default(name):
            raise ModuleError(f"the lab does not play the option {name} of {call.module}")
    if call.check and not one.checks:
        answer = {
            "changed": False,
            "skipped": True,
            "msg": f"remote module ({call.module}) does not support check mode",
        }
    else:
        with host.lock:
            answer = one.play(host, replace(call, options=options | internal))
    known = {key: value for key, value in answer.items() if key not in one.internal_answers}
    problems = documentation.problems_of(known, one.left_out)
    if problems:
        raise ModuleError(f"the lab's player of {call.module} strays from its documentation: {'; '.join(problems)}")
    if reports_invocation(call.source):
        masked = {name: _masked(name, value) for name, value in options.items()}
        answer = {**answer, "invocation": {"module_args": masked}}
    return answer


def _shown(name: str, value: Any, hidden: frozenset[str]) -> Any:
    return HIDDEN if name in hidden or SECRET.search(name) else value


def _masked(name: str, value: Any) -> Any:
    return "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" if value is not None and SECRET.search(name) else value

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries the conversation of the menu out: on a terminal, or on a pipe, where lines come as if typed."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from licserver.cli._output import printable, read_secret
from licserver.distribution import DistributionError
from licserver.distribution.install import this_home
from licserver.errors import LicensingError
from licserver.menu.commands import Call
from licserver.menu.conversation import Ask, Conversation, Do, Say


def hold(conversation: Conversation, options: Sequence[str]) -> None:
    """Hold the conversation to its end; the end of the input is its end too.

    :param options: of every ``licctl`` that is called.
    """
    step = next(conversation, None)
    while step is not None:
        try:
            match step:
                case Say():
                    print(printable(step.text), flush=True)
                    answer: Any = None
                case Ask():
                    answer = _ask(step)
                case Do():
                    answer = _carry_out(step.call, options)
                case _:
                    answer = _look()
            step = conversation.send(answer)
        except KeyboardInterrupt as interrupt:
            print(flush=True)
            step = _next_after(conversation, interrupt)
        except (EOFError, StopIteration):
            return


def _next_after(conversation: Conversation, interrupt: KeyboardInterrupt) -> Any:
    try:
        return conversation.throw(interrupt)
    except StopIteration:
        return None


def _ask(question: Ask) -> str:
    if question.secret and sys.stdin.isatty():
        return read_secret(question.prompt)
    print(question.prompt, end="", flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\r\n")


def _carry_out(call: Call, options: Sequence[str]) -> Mapping[str, Any]:
    try:
        request = dict(call.request) if call.request is not None else None
        if request is not None and call.kit is not None:
            request["kit"] = _read_kit(Path(call.kit).expanduser())
    except LicensingError as error:
        return _refusal(error)
    command = [sys.executable, "-X", "utf8", "-m", "licserver.cli.licctl", *options, "--json", *call.words]
    given = "" if request is None else json.dumps(request)
    done = subprocess.run(command, input=given, capture_output=True, encoding="utf-8", check=False)
    try:
        answer: Mapping[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = " / ".join(done.stderr.strip().splitlines()[-3:])
        return _refusal(LicensingError("bad_answer", f"licctl ended with {done.returncode}: {last}"))
    return answer


def _read_kit(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        hint = "Name the kit delivered with the product"
        raise LicensingError("bad_kit", f"{path}: {error}", hint=hint) from error


def _look() -> Mapping[str, Any]:
    try:
        this_home().refuse_unfit()
    except DistributionError as error:
        return _refusal(error)
    return {}


def _refusal(error: LicensingError) -> Mapping[str, Any]:
    return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}

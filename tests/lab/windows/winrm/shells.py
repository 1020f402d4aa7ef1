# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote shells of one host: commands started, fed, read and ended, as MS-WSMV has them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from . import wsman
from .wsman import FaultError, Request

PART = 100_000
"""How many bytes of output one answer carries."""


@dataclass
class Outcome:
    """What a command wrote, and its exit code."""

    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int = 0


Runner = Callable[[str, bytes], Outcome]
"""Runs a command line with the given standard input."""


class _Command:
    def __init__(self, line: str, runner: Runner) -> None:
        self.line, self.runner = line, runner
        self.stdin = bytearray()
        self.outcome = Outcome()
        self.ended = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        self.outcome = self.runner(self.line, bytes(self.stdin))
        self.ended.set()

    def next_part(self) -> tuple[dict[str, bytes], int | None]:
        left = self.outcome
        parts = {"stdout": left.stdout[:PART], "stderr": left.stderr[:PART]}
        left.stdout, left.stderr = left.stdout[PART:], left.stderr[PART:]
        return parts, None if left.stdout or left.stderr else left.exit_code


class Shells:
    """The shells that clients have opened on a host."""

    def __init__(self, host: str, runner: Runner) -> None:
        self._host, self._runner = host, runner
        self._shells: dict[str, dict[str, _Command]] = {}
        self._verbs: dict[str, Callable[[Request], str]] = {
            "Create": self._create,
            "Command": self._command,
            "Send": self._send,
            "Receive": self._receive,
            "Signal": self._signal,
            "Delete": self._delete,
        }

    def handle(self, envelope: bytes) -> tuple[int, bytes]:
        """The HTTP status and the SOAP envelope that answer a request."""
        message = ""
        try:
            request = wsman.parse(envelope)
            message = request.message
            verb = self._verbs.get(request.verb)
            if verb is None:
                raise FaultError(2150858819, "a:ActionNotSupported", f"the lab does not play {request.action}")
            return 200, wsman.answer(request, verb(request))
        except FaultError as error:
            return 500, wsman.fault(error, message, self._host)

    def _create(self, _: Request) -> str:
        shell = str(uuid.uuid4()).upper()
        self._shells[shell] = {}
        return wsman.shell_created(shell)

    def _command(self, request: Request) -> str:
        line = request.find("rsp:CommandLine")
        words = [line.findtext("rsp:Command", "", wsman.NAMESPACES)]
        words += [word.text or "" for word in line.iterfind("rsp:Arguments", wsman.NAMESPACES)]
        name, command = str(uuid.uuid4()).upper(), _Command(" ".join(words), self._runner)
        self._shell(request)[name] = command
        if request.options.get("WINRS_CONSOLEMODE_STDIN") != "FALSE":  # FALSE announces that standard input comes
            command.start()
        return wsman.command_started(name)

    def _send(self, request: Request) -> str:
        stream = request.find("rsp:Send/rsp:Stream")
        command = self._find(request, stream.get("CommandId"))
        command.stdin += wsman.stream_content(stream)
        if stream.get("End", "").lower() == "true":
            command.start()
        return "<rsp:SendResponse/>"

    def _receive(self, request: Request) -> str:
        name = request.find("rsp:Receive/rsp:DesiredStream").get("CommandId", "")
        command = self._find(request, name)
        if not command.ended.wait(request.timeout):
            raise FaultError(
                2150858793,
                "w:TimedOut",
                "The WS-Management service cannot complete the operation within its time, OperationTimeout.",
            )
        return wsman.output(name, *command.next_part())

    def _signal(self, request: Request) -> str:
        self._shell(request).pop(request.find("rsp:Signal").get("CommandId", ""), None)
        return "<rsp:SignalResponse/>"

    def _delete(self, request: Request) -> str:
        self._shells.pop(request.shell or "", None)
        return ""

    def _shell(self, request: Request) -> dict[str, _Command]:
        shell = self._shells.get(request.shell or "")
        if shell is None:
            raise FaultError(2150858843, "w:InvalidSelectors", f"There is no shell {request.shell} on the server.")
        return shell

    def _find(self, request: Request, name: str | None) -> _Command:
        command = self._shell(request).get(name or "")
        if command is None:
            raise FaultError(2150858843, "w:InvalidSelectors", f"The shell has no command {name}.")
        return command

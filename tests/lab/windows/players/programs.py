# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Players of modules that run programs or wait for what they do. Programs are real Windows programs."""

from __future__ import annotations

import ntpath
import re
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from subprocess import list2cmdline
from typing import Any

from ..command_lines import split
from ..played_host import PlayedHost
from .stage import Answer, Call, ModuleError, player

SEARCHED = (r"C:\Windows\System32", r"C:\Windows")
PROBE = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), float(sys.argv[3])).close()"
PYTHON = r"C:\Py311\python.exe"


@player(
    "ansible.windows.win_command",
    options="_raw_params cmd argv chdir creates removes stdin output_encoding_override",
    hidden="stdin",
    left_out="msg stdout_lines stderr_lines",
    checks=False,
)
def win_command(host: PlayedHost, call: Call) -> Answer:
    options = call.options
    forms = [name for name in ("_raw_params", "cmd", "argv") if options[name]]
    if len(forms) != 1:
        raise ModuleError("one of the following is required, and only one: _raw_params, cmd, argv")
    line = options[forms[0]]
    words = line if forms == ["argv"] else split(line.strip())
    shown = list2cmdline(words) if forms == ["argv"] else line.strip()
    for option, present in (("creates", True), ("removes", False)):
        path = options[option]
        if path and host.disk.local(path).exists() == present:
            why = "exists" if present else "does not exist"
            return {"changed": False, "skipped": True, "msg": f"skipped, since {path} {why}", "cmd": shown, "rc": 0}
    return run_program(host, words, call, shown)


WAIT_OPTIONS = "connect_timeout delay host path port regex sleep state timeout"


@player("ansible.windows.win_wait_for", options=WAIT_OPTIONS)
def win_wait_for(host: PlayedHost, call: Call) -> Answer:
    options = call.options
    if options["state"] == "drained" or (options["port"] is None) == (options["path"] is None):
        raise ModuleError("the lab plays win_wait_for with either port or path, and not with state=drained")
    holds, what = _condition(host, options)
    wanted = options["state"] in ("present", "started")
    time.sleep(options["delay"] or 0)
    started, attempts = time.monotonic(), 0
    while time.monotonic() - started < options["timeout"]:
        attempts += 1
        if holds() == wanted:
            return {"changed": False, "elapsed": time.monotonic() - started, "wait_attempts": attempts}
        time.sleep(options["sleep"])
    goal = "appear" if wanted else "go"
    raise ModuleError(
        f"timeout while waiting for {what} to {goal}", elapsed=float(options["timeout"]), wait_attempts=attempts
    )


def run_program(host: PlayedHost, words: list[str], call: Call, shown: str) -> Answer:
    """Run a Windows program as win_command does, with the options `chdir` and `stdin` and the environment of the call.

    Raises `ModuleError` when there is no such program, or when it ends with another exit code than 0.
    """
    if host.machine is None:
        raise ModuleError(f"{host.name} is a desk of the lab: only its disk is played, it has no programs")
    folder = host.disk.local(call.options.get("chdir") or "")
    program = find_program(host, words[0], folder)
    if program is None or not folder.is_dir():
        raise ModuleError(f"Failed to run: '{shown}': The system cannot find the file specified", cmd=shown, rc=2)
    started = datetime.now(timezone.utc)
    stdin = (call.options.get("stdin") or "").encode()
    code, stdout, stderr = host.machine.run([program, *words[1:]], folder, call.variables or {}, stdin)
    ended = datetime.now(timezone.utc)
    encoding = call.options.get("output_encoding_override") or "utf-8"
    answer: Answer = {
        "changed": True,
        "cmd": shown,
        "rc": code,
        "stdout": stdout.decode(encoding, "replace"),
        "stderr": stderr.decode(encoding, "replace"),
        "start": f"{started:%Y-%m-%d %H:%M:%S.%f}",
        "end": f"{ended:%Y-%m-%d %H:%M:%S.%f}",
        "delta": str(ended - started),
    }
    if code:
        raise ModuleError("non-zero return code", **answer)
    return answer


def find_program(host: PlayedHost, word: str, folder: Path) -> str | None:
    """The Windows path of the program that `word` names, found as Windows finds it; None when there is none."""
    name = word if ntpath.splitext(word)[1] else f"{word}.exe"
    places = [host.disk.windows(folder), *([] if ntpath.dirname(word) else SEARCHED)]
    candidates = (host.disk.local(ntpath.join(place, name)) for place in places)
    return next((host.disk.windows(path) for path in candidates if path.is_file()), None)


def _condition(host: PlayedHost, options: dict[str, Any]) -> tuple[Callable[[], bool], str]:
    if options["port"] is not None:
        return lambda: _connects(host, options), f"{options['host']}:{options['port']}"
    path = host.disk.local(options["path"])
    return lambda: _holds_text(path, options["regex"]), f"file {options['path']}"


def _connects(host: PlayedHost, options: dict[str, Any]) -> bool:
    if host.machine is None:
        raise ModuleError(f"{host.name} is a desk of the lab: only its disk is played, it has no network")
    target = [options["host"], str(options["port"]), str(options["connect_timeout"])]
    return host.machine.run([PYTHON, "-c", PROBE, *target], host.disk.root, {}, b"")[0] == 0


def _holds_text(path: Path, pattern: str | None) -> bool:
    if not path.exists() or pattern is None:
        return path.exists()
    return re.search(pattern, path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE) is not None

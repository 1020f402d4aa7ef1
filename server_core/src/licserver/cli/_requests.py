# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and answers that travel as files: ``licctl key request``, ``pack request``, ``requests``, ``load``.

Standard library only, so that a command starts fast.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from licserver.cli._output import Answer, UsageError, read_object
from licserver.cli._server import ask_server
from licserver.cli._tables import table
from licserver.errors import LicensingError
from licserver.files import write_atomically


def add_request_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add them to those of ``licctl``."""
    waiting = commands.add_parser("requests", help="requests that wait for their answers")
    waiting.set_defaults(carry_out=_requests)
    load = commands.add_parser("load", help="load the center's answer to a request, for a key or a pack")
    load.add_argument("file", type=Path, metavar="FILE", nargs="?", help="the answer file; - for standard input")
    load.add_argument("--request", choices=["-"], help="read the answer as one JSON object from standard input")
    load.set_defaults(carry_out=_load)


def add_request_options(parser: argparse.ArgumentParser) -> None:
    """What making a request needs beside what activating online does."""
    parser.add_argument("--output", type=Path, help="the file to write, or a folder (default: the current folder)")
    parser.add_argument(
        "--anew", action="store_true", help="make a new request, and load no answer to the one under way any more"
    )


def make_request(arguments: Any, order: Mapping[str, Any]) -> Answer:
    """Have the server make a request, and write it into a file where a person asked for it.

    A program that gives the order as JSON finds the text in the answer; it gets a file only with ``--output``.
    """
    content = {**order, "anew": True} if arguments.anew else dict(order)
    data = ask_server(arguments.asked, "POST", "/requests", content, field="request")
    request = data["request"]
    if request is None:
        return Answer({"changed": False, **data}, "There is nothing to ask for: it is active already.")
    if arguments.output is None and arguments.request == "-":
        return Answer(data, request["text"])
    path = Path(arguments.output or ".")
    path = path / request["file_name"] if path.is_dir() else path
    write_atomically(path, request["text"].encode(), mode=0o644)
    return Answer({**data, "file": str(path)}, f"The request lies in {path}.\n{_way(request['send_to'])}")


def _way(send_to: Mapping[str, str | None]) -> str:
    mail = f", or mail it to {send_to['mail']}" if send_to["mail"] else ""
    return f"Carry it to {send_to['url']}{mail}, and load the answer here: licctl load FILE"


def _requests(arguments: Any) -> Answer:
    data = ask_server(arguments.asked, "GET", "/requests", field="requests")
    rows = [
        (one["key_number"], one["pack"] or "", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(one["made_at"])))
        for one in data["requests"]
    ]
    damaged = [
        f"Damaged, and of no more use: {path}. Make that request anew, and remove the file." for path in data["damaged"]
    ]
    return Answer(data, "\n".join([table(("KEY", "PACK", "MADE"), rows), *damaged]))


def _load(arguments: Any) -> Answer:
    answer = read_object() if arguments.request == "-" else {"text": _read(arguments.file)}
    data = ask_server(arguments.asked, "POST", "/answers", answer, field="key")
    key = data["key"]
    limits = ", ".join(f"{one['name']} {one['limit']}" for one in key["counters"])
    return Answer(data, f"The key {key['key_number']} is active. Licenses: {limits}")


def _read(path: Path | None) -> str:
    if path is None:
        raise UsageError("the answer file is needed", hint="See: licctl load --help")
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise LicensingError("bad_answer", f"{path}: {error.strerror}", hint="Name the answer file") from error
    return data.decode("utf-8-sig", errors="replace")

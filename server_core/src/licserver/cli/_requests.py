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

from licserver.cli._output import Answer, UsageError, printable, read_object
from licserver.cli._server import ask_server
from licserver.cli._tables import table
from licserver.errors import LicensingError
from licserver.files import write_atomically

_EARLIER = (
    "It is the one that waits since {made}, with the PIN or password that was given then; if that was refused, give "
    "the right one with --anew."
)


def add_request_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add them to those of ``licctl``."""
    waiting = commands.add_parser("requests", help="requests that wait for their answers")
    waiting.set_defaults(carry_out=_requests)
    load = commands.add_parser("load", help="load the center's answer to a request, for a key or a pack")
    load.add_argument("file", type=Path, metavar="FILE", nargs="?", help="the answer file; - for standard input")
    load.add_argument(
        "--phone-answer", metavar="KEY_NUMBER", help="the answer is told by telephone: asks for its blocks"
    )
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
    waiting = {one["request_id"] for one in _waiting(arguments)["requests"]}
    data = ask_server(arguments.asked, "POST", "/requests", content, field="request")
    request = data["request"]
    if request is None:
        return Answer({"changed": False, **data}, "There is nothing to ask for: it is active already.")
    if arguments.output is None and arguments.request == "-":
        return Answer(data, request["text"])
    path = Path(arguments.output or ".")
    path = path / request["file_name"] if path.is_dir() else path
    write_atomically(path, request["text"].encode(), mode=0o644)
    is_new = request["request_id"] not in waiting
    earlier = "" if is_new else f"\n{_EARLIER.format(made=_moment(request['made_at']))}"
    told = f"The request lies in {path}.\n{_way(request['send_to'])}{earlier}"
    return Answer({**data, "file": str(path), "new": is_new}, told)


def _waiting(arguments: Any) -> Any:
    return ask_server(arguments.asked, "GET", "/requests", field="requests")


def _moment(at: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))


def _way(send_to: Mapping[str, str | None]) -> str:
    mail = f", or mail it to {send_to['mail']}" if send_to["mail"] else ""
    return f"Carry it to {send_to['url']}{mail}, and load the answer here: licctl load FILE"


def _requests(arguments: Any) -> Answer:
    data = _waiting(arguments)
    rows = [
        (
            one["key_number"],
            one["pack"] or "",
            _moment(one["made_at"]),
            one["phone"]["code"] if one["phone"] else "",
        )
        for one in data["requests"]
    ]
    damaged = [
        f"Damaged, and of no more use: {path}. Make that request anew, and remove the file." for path in data["damaged"]
    ]
    return Answer(data, "\n".join([table(("KEY", "PACK", "MADE", "PHONE CODE"), rows), *damaged]))


def call_desk(arguments: Any, order: Mapping[str, Any]) -> Answer:
    """Have the server make a request, and show the code to be told by telephone; on a terminal, ask for the answer."""
    data = ask_server(arguments.asked, "POST", "/requests", order, field="request")
    request = data["request"]
    if request is None:
        return Answer({"changed": False, **data}, "There is nothing to ask for: it is active already.")
    number, phone = request["key_number"], request["phone"]
    if phone is None:
        raise LicensingError(
            "no_ticket",
            f"the vendor's kit has no ticket for the key {number}: it cannot be activated by telephone",
            hint="Ask the vendor for a kit with a ticket for this key, or carry a request file: licctl key request",
        )
    call = f"Call {phone['number']}" if phone["number"] else "Call the vendor"
    told = f"{call}, and say\n  the key number: {number}\n  the PIN\n  the request code: {phone['code']}"
    later = f"Type the answer on this computer: licctl load --phone-answer {number}"
    if arguments.json or not sys.stdin.isatty():
        return Answer(data, f"{told}\n{later}")
    print(printable(told), flush=True)
    while blocks := input("Answer (three blocks; empty: later): ").strip():
        try:
            return _load_answer(arguments, {"key_number": number, "blocks": blocks})
        except LicensingError as error:
            if error.code not in ("bad_block", "bad_code"):
                raise
            print(printable(str(error)), flush=True)
    return Answer(data, later)


def _load(arguments: Any) -> Answer:
    match arguments.file, arguments.phone_answer, arguments.request:
        case Path(), None, None:
            return _load_answer(arguments, {"text": _read(arguments.file)})
        case None, str(number), None:
            blocks = input("Answer (three blocks): ") if sys.stdin.isatty() else sys.stdin.read()
            return _load_answer(arguments, {"key_number": number, "blocks": blocks})
        case None, None, "-":
            return _load_answer(arguments, read_object())
    raise UsageError("one of FILE, --phone-answer and --request is needed", hint="See: licctl load --help")


def _load_answer(arguments: Any, answer: Mapping[str, Any]) -> Answer:
    data = ask_server(arguments.asked, "POST", "/answers", answer, field="key")
    key = data["key"]
    limits = ", ".join(f"{one['name']} {one['limit']}" for one in key["counters"])
    return Answer(data, f"The key {key['key_number']} is active. Licenses: {limits}")


def _read(path: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise LicensingError("bad_answer", f"{path}: {error.strerror}", hint="Name the answer file") from error
    return data.decode("utf-8-sig", errors="replace")

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl pack``: license packs. Standard library only, so that a command starts fast."""

import argparse
from typing import Any

from licserver.cli._output import Answer, UsageError, read_object, read_secret
from licserver.cli._requests import add_request_options, make_request
from licserver.cli._server import ask_server


def add_pack_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add them to those of ``licctl``."""
    pack = commands.add_parser("pack", help="license packs").add_subparsers(required=True, metavar="PACK_COMMAND")
    activate = pack.add_parser("activate", help="raise the limits of a key online; asks for the pack's password")
    activate.add_argument("--center-url", help="in place of the center's address in the vendor's kit")
    activate.set_defaults(carry_out=_activate)
    request = pack.add_parser("request", help="make a file that asks the center for a pack; asks for its password")
    add_request_options(request)
    request.set_defaults(carry_out=_request, center_url=None)
    for parser in (activate, request):
        parser.add_argument("--key-number", help="the key whose limits it raises")
        parser.add_argument("--pack", help="the id of the pack")
        parser.add_argument("--request", choices=["-"], help="read all of it as one JSON object from standard input")


def _activate(arguments: Any) -> Answer:
    order = read_object() if arguments.request == "-" else _ask_for_order(arguments)
    data = ask_server(arguments.asked, "POST", "/packs", order, field="key")
    key = data["key"]
    limits = ", ".join(f"{one['name']} {one['limit']}" for one in key["counters"])
    done = "The pack is active" if data["changed"] else "The pack was active already"
    return Answer(data, f"{done}. Licenses of the key {key['key_number']}: {limits}")


def _request(arguments: Any) -> Answer:
    return make_request(arguments, read_object() if arguments.request == "-" else _ask_for_order(arguments))


def _ask_for_order(arguments: Any) -> dict[str, Any]:
    if not arguments.key_number or not arguments.pack:
        raise UsageError("--key-number and --pack are needed", hint="See: licctl pack activate --help")
    return {
        "key_number": arguments.key_number,
        "pack": arguments.pack,
        "password": read_secret("Password of the pack: "),
        "center_url": arguments.center_url,
    }

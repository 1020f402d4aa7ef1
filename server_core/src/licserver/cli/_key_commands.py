# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl key``: the protection keys of the server. Standard library only, so that a command starts fast."""

import argparse
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from licserver.cli._hardware_key_commands import add_hardware_key_commands
from licserver.cli._output import EXIT_NO, Answer, UsageError, read_kit_file, read_object, read_secret
from licserver.cli._requests import add_request_options, call_desk, make_request
from licserver.cli._server import ask_server
from licserver.cli._tables import table
from licserver.days import in_days


def add_key_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add them to those of ``licctl``."""
    key = commands.add_parser("key", help="protection keys").add_subparsers(required=True, metavar="KEY_COMMAND")
    add_hardware_key_commands(commands, key)
    key.add_parser("list", help="every attached key").set_defaults(carry_out=_key_list)
    activate = key.add_parser("activate", help="activate a software key online or by telephone; asks for the PIN")
    activate.add_argument("--center-url", help="in place of the center's address in the kit")
    activate.add_argument("--phone", action="store_true", help="by telephone: shows the code to be told to the vendor")
    activate.set_defaults(carry_out=_key_activate)
    request = key.add_parser("request", help="make a file that asks the center for a key; asks for the PIN")
    add_request_options(request)
    request.set_defaults(carry_out=_key_request, center_url=None)
    for parser in (activate, request):
        parser.add_argument("--key-number", help="the registration number")
        parser.add_argument("--kit", type=Path, help="the vendor's kit, delivered with the product")
        parser.add_argument("--company", default="", help="the name of the company")
        parser.add_argument("--reactivate", action="store_true", help="spend another PIN on a key that stopped working")
        parser.add_argument("--request", choices=["-"], help="read all of it as one JSON object from standard input")
    options = key.add_parser("set", help="set a key's access code, or whether it is used")
    options.add_argument("key_number", metavar="KEY_NUMBER", nargs="?")
    options.add_argument("--use", choices=["yes", "no"], help="no: it stays attached but does not serve")
    code = options.add_mutually_exclusive_group()
    code.add_argument("--access-code", choices=["-"], help="read the access code from standard input, or ask for it")
    code.add_argument("--no-access-code", action="store_true", help="clear the access code")
    options.add_argument(
        "--request", choices=["-"], help="read access_code and use as one JSON object from standard input"
    )
    options.add_argument("--check", action="store_true", help="change nothing, and tell whether something would change")
    options.set_defaults(carry_out=_key_set)
    verify = key.add_parser("verify", help="today's facts of the computer beside those that keys are bound to")
    verify.add_argument("key_numbers", metavar="KEY_NUMBER", nargs="*", help="otherwise every key")
    verify.set_defaults(carry_out=_key_verify)
    remove = key.add_parser("remove", help="take a key away; a copy of its file is left")
    remove.add_argument("key_number", metavar="KEY_NUMBER")
    remove.add_argument("--purge", action="store_true", help="leave no copy: only another PIN brings the key back")
    remove.add_argument("--check", action="store_true", help="remove nothing, and tell whether there is such a key")
    remove.set_defaults(carry_out=_key_remove)


def _key_list(arguments: Any) -> Answer:
    keys = ask_server(arguments.asked, "GET", "/info", field="server")["keys"]
    return Answer(
        {"keys": keys},
        table(("KEY", "KIND", "PRODUCT", "STATE", "LICENSES", "EXPIRES", "PROBLEM"), map(_key_row, keys)),
    )


def _key_row(key: Mapping[str, Any]) -> tuple[str, ...]:
    counters = ", ".join(f"{one['name']} {one['used']}/{one['limit']}" for one in key.get("counters", []))
    problem = key["problem"] or "; ".join(key["warnings"])
    return key["key_number"], key["kind"], key.get("product", ""), key["state"], counters, expiry(key), problem


def expiry(key: Mapping[str, Any]) -> str:
    """When a key expires, and how many days are left; empty for one that never does."""
    if key.get("expires_at") is None:
        return ""
    return f"{time.strftime('%Y-%m-%d', time.gmtime(key['expires_at']))}, {in_days(key['days_left'])} left"


def _key_verify(arguments: Any) -> Answer:
    query = urlencode([("key_number", number) for number in arguments.key_numbers])
    data = ask_server(arguments.asked, "GET", f"/keys/verification?{query}", field="keys")
    lines = [line for key in data["keys"] for line in _verified_lines(key)]
    whole = all(key["works"] for key in data["keys"])
    return Answer(data, "\n".join(lines) or "No key is attached.", 0 if whole else EXIT_NO)


def _verified_lines(key: Mapping[str, Any]) -> Iterator[str]:
    yield f"{key['key_number']}: {'works' if key['works'] else key['problem']}"
    for fact in key["facts"]:
        problem = f" ({fact['problem']})" if fact["problem"] else ""
        yield f"  {fact['name']}, by {fact['source']}: {fact['state']}{problem}"
    yield from (f"  Warning: {warning}" for warning in key["warnings"])


def _key_activate(arguments: Any) -> Answer:
    order = _order(arguments)
    if arguments.phone:
        return call_desk(arguments, order)
    data = ask_server(arguments.asked, "POST", "/activations", order, field="key")
    number = data["key"]["key_number"]
    done = f"The key {number} is active." if data["changed"] else f"The key {number} was active already."
    return Answer(data, done)


def _key_request(arguments: Any) -> Answer:
    return make_request(arguments, _order(arguments))


def _order(arguments: Any) -> dict[str, Any]:
    """What is ordered; of a kit's tickets the server is given the one of the key only."""
    order = read_object() if arguments.request == "-" else _ask_for_order(arguments)
    kit = order.get("kit")
    if isinstance(kit, dict) and isinstance(kit.get("tickets"), dict):
        number = order.get("key_number")
        order["kit"] = {**kit, "tickets": {name: one for name, one in kit["tickets"].items() if name == number}}
    return order


def _ask_for_order(arguments: Any) -> dict[str, Any]:
    if not arguments.key_number or not arguments.kit:
        raise UsageError("--key-number and --kit are needed", hint="See: licctl key activate --help")
    kit = read_kit_file(arguments.kit)
    return {
        "key_number": arguments.key_number,
        "pin": read_secret("PIN: "),
        "kit": kit,
        "center_url": arguments.center_url,
        "reactivate": arguments.reactivate,
        "company": {"name": arguments.company},
    }


def _key_set(arguments: Any) -> Answer:
    wanted = read_object() if arguments.request == "-" else _wanted_options(arguments)
    number = wanted.pop("key_number", arguments.key_number)
    if not wanted or not isinstance(number, str):
        raise UsageError("a key's number and something to set are needed", hint="See: licctl key set --help")
    path = f"/keys/{quote(number, safe='')}{'?check=true' if arguments.check else ''}"
    data = ask_server(arguments.asked, "PATCH", path, wanted, field="key")
    changed = "It would be changed." if arguments.check else "Changed."
    return Answer(data, changed if data["changed"] else "It was so already.")


def _wanted_options(arguments: Any) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if arguments.use is not None:
        wanted["use"] = arguments.use == "yes"
    if arguments.access_code == "-":
        wanted["access_code"] = read_secret("Access code: ")
    elif arguments.no_access_code:
        wanted["access_code"] = ""
    return wanted


def _key_remove(arguments: Any) -> Answer:
    query = urlencode({"purge": str(arguments.purge).lower(), "check": str(arguments.check).lower()})
    path = f"/keys/{quote(arguments.key_number, safe='')}?{query}"
    data = ask_server(arguments.asked, "DELETE", path, field="copy")
    number = data["key_number"]
    if not data["changed"]:
        return Answer(data, f"There is no key {number}.")
    if arguments.check:
        return Answer(data, f"The key {number} would be removed.")
    copy = "No copy of it is left." if data["copy"] is None else f"A copy of its file lies in {data['copy']}."
    return Answer(data, f"The key {number} is removed. {copy}")

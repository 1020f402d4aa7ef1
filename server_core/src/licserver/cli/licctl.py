# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl``: look at and operate the license server of this computer. docs/specification.md, section 8."""

import getpass
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from licserver import __version__
from licserver.cli._output import Answer, Parser, UsageError, add_json_option, run
from licserver.cli._server import ServerNotRunningError, ask_server
from licserver.cli._tables import table
from licserver.errors import LicensingError
from licserver.settings import read_settings
from licserver.system import this_system


def main() -> None:
    """The entry point of the command."""
    sys.exit(run(_licctl, sys.argv[1:]))


def _licctl(argv: Sequence[str]) -> Answer:
    arguments = _parser().parse_args(argv)
    answer: Answer = arguments.carry_out(arguments)
    return answer


def _info(arguments: Any) -> Answer:
    data: dict[str, Any] = {
        "installed_version": __version__,
        "running": False,
        "problem": None,
        "server": None,
        "keys": [],
        "connections": 0,
    }
    try:
        data |= ask_server(arguments.state, "GET", "/info", field="server")
        data["running"] = True
    except ServerNotRunningError as error:
        data["problem"] = error.message
    try:
        fingerprint = read_settings(arguments.ini).fingerprint
    except LicensingError as error:
        fingerprint = None
        data["problem"] = str(error)
    if data["running"]:
        started_with = data["server"].pop("settings", None)
        data["server"]["restart_needed"] = fingerprint not in (None, started_with)
    return Answer(data, _info_text(data))


def _info_text(data: Mapping[str, Any]) -> str:
    problem = [f"Problem:     {data['problem']}"] if data["problem"] else []
    if not data["running"]:
        return "\n".join([f"Installed:   {data['installed_version']}", "Running:     no", *problem])
    server = data["server"]
    reach = "this computer only" if server["local"] else "the network"
    host = server["addresses"][0].rpartition(":")[0]
    host = server["name"] if host in ("0.0.0.0", "[::]") else host
    return "\n".join(
        [
            f"Server:      {server['name']}, version {server['version']}",
            f"Licenses:    {', '.join(server['addresses'])}, for {reach}",
            f"Web page:    http://{host}:{server['web_port']}/",
            *(
                ["Settings:    the ini says something else by now; restart the server"]
                if server.get("restart_needed")
                else []
            ),
            f"Keys:        {len(data['keys'])}",
            f"Connections: {data['connections']}",
            *problem,
        ]
    )


def _connections(arguments: Any) -> Answer:
    data = ask_server(arguments.state, "GET", "/connections", field="connections")
    rows = [
        (one["type"], one["user"], one["computer"], one["product"], one["key_number"], one["state"], one["seconds"])
        for one in data["connections"]
    ]
    return Answer(data, table(("TYPE", "USER", "COMPUTER", "PROGRAM", "KEY", "STATE", "SECONDS"), rows))


def _key_list(arguments: Any) -> Answer:
    keys = ask_server(arguments.state, "GET", "/info", field="server")["keys"]
    return Answer({"keys": keys}, table(("KEY", "PRODUCT", "STATE", "LICENSES", "PROBLEM"), map(_key_row, keys)))


def _key_row(key: Mapping[str, Any]) -> tuple[str, ...]:
    counters = ", ".join(f"{one['name']} {one['used']}/{one['limit']}" for one in key.get("counters", []))
    return key["key_number"], key.get("product", ""), key["state"], counters, key["problem"] or ""


def _key_activate(arguments: Any) -> Answer:
    order = _read_order() if arguments.request == "-" else _ask_for_order(arguments)
    data = ask_server(arguments.state, "POST", "/activations", order, field="key")
    number = data["key"]["key_number"]
    done = f"The key {number} is active." if data["changed"] else f"The key {number} was active already."
    return Answer(data, done)


def _read_order() -> Any:
    try:
        return json.load(sys.stdin)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"standard input holds no JSON: {error}", hint="Give one JSON object") from error


def _ask_for_order(arguments: Any) -> dict[str, Any]:
    if not arguments.key_number or not arguments.kit:
        raise UsageError("--key-number and --kit are needed", hint="See: licctl key activate --help")
    try:
        kit = json.loads(arguments.kit.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        hint = "Name the kit delivered with the product"
        raise LicensingError("bad_kit", f"{arguments.kit}: {error}", hint=hint) from error
    return {
        "key_number": arguments.key_number,
        "pin": getpass.getpass("PIN: "),
        "kit": kit,
        "center_url": arguments.center_url,
        "reactivate": arguments.reactivate,
        "company": {"name": arguments.company},
    }


def _key_set(arguments: Any) -> Answer:
    wanted: dict[str, Any] = {}
    if arguments.use is not None:
        wanted["use"] = arguments.use == "yes"
    if arguments.access_code == "-":
        wanted["access_code"] = sys.stdin.readline().rstrip("\r\n")
    elif arguments.no_access_code:
        wanted["access_code"] = ""
    if not wanted:
        raise UsageError("nothing to set", hint="See: licctl key set --help")
    data = ask_server(arguments.state, "PATCH", f"/keys/{arguments.key_number}", wanted, field="key")
    return Answer(data, "Changed." if data["changed"] else "It was so already.")


def _parser() -> Parser:
    parser = Parser(prog="licctl", description="Look at and operate the license server of this computer.")
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument(
        "--ini", type=Path, default=this_system().ini_path, help="the server's ini (default: %(default)s)"
    )
    parser.add_argument("--state", type=Path, default=this_system().state_path, help="its state (default: %(default)s)")
    add_json_option(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    info = commands.add_parser("info", help="what the server is and whether it runs")
    info.set_defaults(carry_out=_info)
    connections = commands.add_parser("connections", help="every license in use")
    connections.set_defaults(carry_out=_connections)

    key = commands.add_parser("key", help="protection keys").add_subparsers(required=True, metavar="KEY_COMMAND")
    key.add_parser("list", help="every attached key").set_defaults(carry_out=_key_list)
    activate = key.add_parser("activate", help="activate a software key; asks for the PIN")
    activate.add_argument("--key-number", help="the registration number")
    activate.add_argument("--kit", type=Path, help="the vendor's kit, delivered with the product")
    activate.add_argument("--company", default="", help="the name of the company")
    activate.add_argument("--center-url", help="in place of the center's address in the kit")
    activate.add_argument("--reactivate", action="store_true", help="spend another PIN on a key that stopped working")
    activate.add_argument("--request", choices=["-"], help="read all of it as one JSON object from standard input")
    activate.set_defaults(carry_out=_key_activate)
    options = key.add_parser("set", help="set a key's access code, or whether it is used")
    options.add_argument("key_number", metavar="KEY_NUMBER")
    options.add_argument("--use", choices=["yes", "no"], help="no: it stays attached but does not serve")
    code = options.add_mutually_exclusive_group()
    code.add_argument("--access-code", choices=["-"], help="read the access code from standard input")
    code.add_argument("--no-access-code", action="store_true", help="clear the access code")
    options.set_defaults(carry_out=_key_set)
    return parser


if __name__ == "__main__":
    main()

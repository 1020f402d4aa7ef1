# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl connections`` and ``licctl connection release``: who holds licenses, and who is to hold them no more.

Standard library only, so that a command starts fast.
"""

import argparse
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from licserver.cli._output import Answer, UsageError, read_object
from licserver.cli._server import ask_server
from licserver.cli._tables import table

_FILTERS = ("user", "computer", "product", "key_number")
_HEAD = ("TYPE", "USER", "COMPUTER", "PROGRAM", "KEY", "STATE", "SECONDS", "CONNECTION")


def add_connection_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add both commands to those of ``licctl``."""
    listing = commands.add_parser("connections", help="every license in use")
    _add_filters(listing)
    listing.set_defaults(carry_out=_connections)
    one = commands.add_parser("connection", help="one license in use, or some of them")
    verbs = one.add_subparsers(required=True, metavar="CONNECTION_COMMAND")
    release = verbs.add_parser("release", help="disconnect: by name, by what connections have in common, or all")
    release.add_argument("leases", metavar="CONNECTION", nargs="*", help="as `licctl connections` names it")
    release.add_argument("--all", action="store_true", help="everybody")
    release.add_argument("--check", action="store_true", help="disconnect nobody, and tell who would be")
    _add_filters(release)
    release.set_defaults(carry_out=_release)


def connection_table(connections: Iterable[Mapping[str, Any]]) -> str:
    """Connections for people."""
    names = ("type", "user", "computer", "product", "key_number", "state", "seconds", "lease")
    return table(_HEAD, [[one[name] for name in names] for one in connections])


def _add_filters(parser: argparse.ArgumentParser) -> None:
    for name in _FILTERS:
        option = "--key" if name == "key_number" else f"--{name}"
        parser.add_argument(option, dest=name, help=f"only those of this {name.replace('_', ' ')}")
    only = parser.add_mutually_exclusive_group()
    for state in ("active", "blocked"):  # --state is the folder of the server
        only.add_argument(f"--{state}", dest="only", action="store_const", const=state, help=f"only those {state} now")
    parser.add_argument("--request", choices=["-"], help="read whom is meant as one JSON object from standard input")


def _filter(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.request:
        return read_object()
    found = {**{name: getattr(arguments, name) for name in _FILTERS}, "state": arguments.only}
    return {name: value for name, value in found.items() if value is not None}


def _connections(arguments: argparse.Namespace) -> Answer:
    query = urlencode(_filter(arguments))
    path = f"/connections?{query}" if query else "/connections"
    data = ask_server(arguments.asked, "GET", path, field="connections")
    return Answer(data, connection_table(data["connections"]))


def _release(arguments: argparse.Namespace) -> Answer:
    filtered = _filter(arguments)
    if [bool(arguments.leases), bool(arguments.request or filtered), arguments.all].count(True) != 1:
        raise UsageError(
            "say whom to disconnect: connections by name, a filter such as --user, or --all; one of the three",
            hint="`licctl connections` lists them",
        )
    order = {"leases": arguments.leases} if arguments.leases else {"all": True} if arguments.all else filtered
    path = f"/connections/release{'?check=true' if arguments.check else ''}"
    data = ask_server(arguments.asked, "POST", path, order, field="released")
    if not data["changed"]:
        return Answer(data, "Nobody to disconnect: there is no such connection.")
    title = "Would be disconnected" if arguments.check else "Disconnected"
    return Answer(data, f"{title}: {len(data['connections'])}\n{connection_table(data['connections'])}")

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl token``: tokens with which programs use the JSON API. Standard library only: a command starts fast."""

import argparse
import time
from collections.abc import Mapping
from typing import Any

from licserver.cli._output import Answer
from licserver.cli._server import ask_server
from licserver.cli._tables import table


def add_token_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add them to those of ``licctl``."""
    token = commands.add_parser("token", help="tokens of programs that use the server's API")
    verbs = token.add_subparsers(required=True, metavar="TOKEN_COMMAND")
    add = verbs.add_parser("add", help="make one; it is shown this once")
    add.add_argument("name", metavar="NAME", help="who uses it: letters, digits, dots, hyphens, underscores")
    add.add_argument("--scope", choices=["read", "operate", "admin"], default="read", help="default: %(default)s")
    add.add_argument("--days", type=int, metavar="N", help="for how long it is good (default: until it is removed)")
    add.set_defaults(carry_out=_add)
    verbs.add_parser("list", help="which there are").set_defaults(carry_out=_list)
    remove = verbs.add_parser("remove", help="take one away")
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(carry_out=_remove)


def _add(arguments: Any) -> Answer:
    order = {"name": arguments.name, "scope": arguments.scope, "days": arguments.days}
    data = ask_server(arguments.asked, "POST", "/tokens", order, field="token")
    return Answer(data, f"{data['token']}\n\nIt is shown this once. Send it as: Authorization: Bearer …")


def _list(arguments: Any) -> Answer:
    data = ask_server(arguments.asked, "GET", "/tokens", field="tokens")
    rows = [(one["name"], one["scope"], _day(one["made_at"]), _end(one)) for one in data["tokens"]]
    return Answer(data, table(("Token", "Scope", "Made", "Good until"), rows) if rows else "There are no tokens.")


def _remove(arguments: Any) -> Answer:
    data = ask_server(arguments.asked, "DELETE", f"/tokens/{arguments.name}", field="changed")
    done = "opens nothing any more" if data["changed"] else "is not there"
    return Answer(data, f"The token {arguments.name} {done}.")


def _end(token: Mapping[str, Any]) -> str:
    return "" if token["expires_at"] is None else _day(token["expires_at"])


def _day(seconds: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))

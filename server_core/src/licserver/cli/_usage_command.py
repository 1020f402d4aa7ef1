# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl usage``: how many licenses of each product are in use, and were over the last day."""

import argparse
from typing import Any

from licserver.cli._output import Answer
from licserver.cli._server import ask_server
from licserver.cli._tables import table

_HEAD = ("PRODUCT", "IN USE", "MOST IN A DAY", "LICENSES")


def add_usage_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to those of ``licctl``."""
    usage = commands.add_parser("usage", help="how many licenses are in use, and were over the last day")
    usage.set_defaults(carry_out=_usage)


def _usage(arguments: argparse.Namespace) -> Answer:
    data = ask_server(arguments.asked, "GET", "/usage", field="usage")
    rows = [
        (one["product_name"], one["used"], max(slot["most"] for slot in one["last_day"]), one["total"])
        for one in data["usage"]
    ]
    return Answer(data, table(_HEAD, rows) if rows else "No key serves now.")

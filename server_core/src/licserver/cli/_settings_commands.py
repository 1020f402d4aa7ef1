# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl settings``: what the server's ini says, and to change it. Standard library only: a command starts fast."""

import argparse
from collections.abc import Mapping
from typing import Any

from licserver.cli._output import Answer, read_secret
from licserver.cli._server import ask_server
from licserver.cli._tables import table

_TEXTS = {
    "bind_address": ("ADDRESS", "the IP address to listen on; empty: all"),
    "tls_certificate": ("PATH", "a PEM file; empty, as the next: the server makes a certificate itself"),
    "tls_key": ("PATH", "its private key"),
    "language": ("ru|en", "of the web page for whoever has chosen none; empty: that of his browser"),
}
_NUMBERS = {
    "port": "TCP port for licenses",
    "web_port": "TCP port of the web page",
    "idle_minutes": "for how long a license stays with a silent holder",
}
_FLAGS = {"local": "only programs on its computer reach it", "tls": "both ports speak TLS and nothing else"}


def add_settings_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add them to those of ``licctl``."""
    settings = commands.add_parser("settings", help="what the server's ini says, and to change it")
    verbs = settings.add_subparsers(required=True, metavar="SETTINGS_COMMAND")
    verbs.add_parser("show", help="what the ini says").set_defaults(carry_out=_show)
    change = verbs.add_parser("change", help="write some into the ini; what can be is in force at once")
    for name, help_text in _NUMBERS.items():
        change.add_argument(_option(name), type=int, metavar="N", help=help_text)
    for name, help_text in _FLAGS.items():
        change.add_argument(_option(name), action=argparse.BooleanOptionalAction, help=help_text)
    for name, (metavar, help_text) in _TEXTS.items():
        change.add_argument(_option(name), metavar=metavar, help=help_text)
    change.add_argument("--names", metavar="NAME,…", help="by which it may be asked too; empty: none")
    change.add_argument("--web-user", metavar="NAME", help="asks for the password; empty: takes both away")
    change.add_argument("--check", action="store_true", help="only tell what would change")
    change.set_defaults(carry_out=_change)


def _show(arguments: Any) -> Answer:
    data = ask_server(arguments.asked, "GET", "/settings", field="settings")
    rows = [(name, _said(value)) for name, value in data["settings"].items()]
    return Answer(data, "\n".join([table(("Setting", "Value"), rows), *_waiting(data)]))


def _change(arguments: Any) -> Answer:
    wanted = {name: getattr(arguments, name) for name in (*_NUMBERS, *_FLAGS, *_TEXTS)}
    if arguments.names is not None:
        wanted["names"] = [name.strip() for name in arguments.names.split(",")] if arguments.names else []
    if arguments.web_user is not None:
        wanted["user"] = arguments.web_user
        wanted["password"] = read_secret("Password for the web page: ") if arguments.web_user else None
    path = f"/settings{'?check=true' if arguments.check else ''}"
    data = ask_server(arguments.asked, "PATCH", path, wanted, field="settings")
    if not data["changed"]:
        return Answer(data, "\n".join(["The ini says so already.", *_waiting(data)]))
    done = (
        f"{'Would be in force' if arguments.check else 'In force'} at once: {', '.join(data['applied']) or 'nothing'}."
    )
    return Answer(data, "\n".join([done, *_waiting(data)]))


def _waiting(data: Mapping[str, Any]) -> list[str]:
    return [f"A restart is needed for: {', '.join(data['restart_needed'])}."] if data["restart_needed"] else []


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)

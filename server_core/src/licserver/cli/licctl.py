# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl``: look at and operate a license server, of this computer or another. docs/specification.md, section 8."""

import contextlib
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from licserver import __version__
from licserver.cli._client_commands import add_client_commands
from licserver.cli._connection_commands import add_connection_commands
from licserver.cli._distribution_commands import add_distribution_commands
from licserver.cli._elsewhere import add_server_options, server_of
from licserver.cli._event_commands import add_event_commands
from licserver.cli._key_commands import add_key_commands, expiry
from licserver.cli._menu_command import add_menu_command
from licserver.cli._output import Answer, Parser, add_json_option, run
from licserver.cli._pack_commands import add_pack_commands
from licserver.cli._requests import add_request_commands
from licserver.cli._server import ServerNotRunningError, ask_server
from licserver.cli._settings_commands import add_settings_commands
from licserver.cli._support_command import add_support_command
from licserver.cli._token_commands import add_token_commands
from licserver.cli._usage_command import add_usage_command
from licserver.errors import LicensingError
from licserver.settings import read_settings
from licserver.system import this_system

RESTART_SECONDS = 30
ASK_AGAIN_SECONDS = 2
"""systemd keeps a port open that the ini named before: whoever asks there gets no answer."""


def main() -> None:
    """The entry point of the command."""
    sys.exit(run(_licctl, sys.argv[1:]))


def _licctl(argv: Sequence[str]) -> Answer:
    arguments = _parser().parse_args(argv)
    arguments.asked = server_of(arguments)
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
        "alarms": [],
    }
    try:
        data |= ask_server(arguments.asked, "GET", "/info", field="server")
        data["running"] = True
        del data["server"]["run"]  # for who waits for a restart
    except ServerNotRunningError as error:
        data["problem"] = error.message
    if arguments.server is not None:  # the ini of this computer says nothing of that one
        del data["server"]["settings"], data["server"]["fixed_settings"]
        data["server"] |= {"restart_needed": None, "reload_needed": None}
        return Answer(data, _info_text(data))
    try:
        wanted = read_settings(arguments.ini)
    except LicensingError as error:
        wanted = None
        data["problem"] = str(error)
    if data["running"]:
        server = data["server"]
        running, fixed = server.pop("settings", None), server.pop("fixed_settings", None)
        server["restart_needed"] = wanted is not None and wanted.fixed_fingerprint != fixed
        server["reload_needed"] = wanted is not None and wanted.fingerprint != running and not server["restart_needed"]
    return Answer(data, _info_text(data))


def _reload(arguments: Any) -> Answer:
    data = ask_server(arguments.asked, "POST", "/reload", {}, field="applied")
    lines = [f"Applied: {', '.join(data['applied'])}." if data["applied"] else "Nothing was to be applied."]
    if data["restart_needed"]:
        lines.append(f"A restart is needed for: {', '.join(data['restart_needed'])}.")
    return Answer(data, "\n".join(lines))


def _restart(arguments: Any) -> Answer:
    before = ask_server(arguments.asked, "GET", "/info", field="server")["server"]["run"]
    data = ask_server(arguments.asked, "POST", "/restart", {}, field="server")
    deadline = time.monotonic() + RESTART_SECONDS
    while time.monotonic() < deadline:
        time.sleep(0.1)  # asked again until the deadline
        with contextlib.suppress(LicensingError):
            now = ask_server(arguments.asked, "GET", "/info", field="server", seconds=ASK_AGAIN_SECONDS)
            if now["server"]["run"] != before:
                return Answer(data, "The server was restarted and serves.")
    raise LicensingError(
        "does_not_serve",
        f"the server was restarted and has not answered for {RESTART_SECONDS} seconds",
        hint="Look into its log; with another WebPort or TLS it is to be asked there",
    )


def _info_text(data: Mapping[str, Any]) -> str:
    problem = [f"Problem:     {data['problem']}"] if data["problem"] else []
    if not data["running"]:
        return "\n".join([f"Installed:   {data['installed_version']}", "Running:     no", *problem])
    server = data["server"]
    reach = "this computer only" if server["local"] else "the network"
    host = server["addresses"][0].rpartition(":")[0]
    host = server["name"] if host in ("0.0.0.0", "[::]") else host
    tls = server.get("tls")
    return "\n".join(
        [
            f"Server:      {server['name']}, version {server['version']}",
            f"Licenses:    {', '.join(server['addresses'])}, for {reach}",
            f"Web page:    {'https' if tls else 'http'}://{host}:{server['web_port']}/",
            *([f"Certificate: sha256:{tls['certificate_sha256']}"] if tls else []),
            *(
                f"Settings:    the ini says something else by now; {remedy} the server"
                for remedy, needed in (("restart", "restart_needed"), ("reload", "reload_needed"))
                if server.get(needed)
            ),
            f"Keys:        {len(data['keys'])}",
            f"Connections: {data['connections']}",
            *(f"Expires:     {key['key_number']} on {expiry(key)}" for key in data["keys"] if expiry(key)),
            *(f"Alarm:       {alarm['message']}" for alarm in data["alarms"]),
            *problem,
        ]
    )


def _parser() -> Parser:
    parser = Parser(
        prog="licctl", description="Operate the license server of this computer or of another, and find it."
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument(
        "--ini", type=Path, default=this_system().ini_path, help="the server's ini (default: %(default)s)"
    )
    parser.add_argument("--state", type=Path, default=this_system().state_path, help="its state (default: %(default)s)")
    add_json_option(parser)
    add_server_options(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")

    info = commands.add_parser("info", help="what the server is and whether it runs")
    info.set_defaults(carry_out=_info)
    commands.add_parser("reload", help="have the server take over what its ini says").set_defaults(carry_out=_reload)
    commands.add_parser("restart", help="restart the server; licenses stay").set_defaults(carry_out=_restart)
    add_usage_command(commands)
    add_connection_commands(commands)
    add_event_commands(commands)
    add_key_commands(commands)
    add_client_commands(commands)
    add_pack_commands(commands)
    add_request_commands(commands)
    add_settings_commands(commands)
    add_token_commands(commands)
    add_support_command(commands)
    add_distribution_commands(commands)
    add_menu_command(commands)
    return parser


if __name__ == "__main__":
    main()

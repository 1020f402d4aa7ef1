# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licserver``: run the license server, or check its ini."""

import gc
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from licserver import __version__
from licserver.cli._output import Answer, Parser, add_json_option, run
from licserver.service.journald import log_handler
from licserver.service.recent_log import RECENT_LOG
from licserver.settings import read_settings
from licserver.system import this_system


def main() -> None:
    """The entry point of the command."""
    sys.exit(run(_licserver, sys.argv[1:]))


def _licserver(argv: Sequence[str]) -> Answer:
    arguments = _parser().parse_args(argv)
    if arguments.command == "check":
        read_settings(arguments.ini)
        return Answer({"ini": str(arguments.ini), "valid": True}, f"{arguments.ini} is valid")
    logging.basicConfig(level=logging.INFO, handlers=[log_handler(), RECENT_LOG])
    for chatty in ("httpx", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    gc.disable()  # until the host is ready
    from licserver.server.run import run_server  # the whole server; --help and check do without
    from licserver.service import ProcessHost

    run_server(arguments.ini, arguments.state, ProcessHost())
    return Answer({"stopped": True}, "")


def _parser() -> Parser:
    parser = Parser(prog="licserver", description="The floating license server.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_text in (("run", "serve until stopped"), ("check", "check an ini and say what is wrong with it")):
        command = commands.add_parser(name, help=help_text, description=help_text)
        add_json_option(command)
        command.add_argument("--ini", type=Path, default=this_system().ini_path, help="default: %(default)s")
        command.add_argument("--state", type=Path, default=this_system().state_path, help="default: %(default)s")
    return parser


if __name__ == "__main__":
    main()

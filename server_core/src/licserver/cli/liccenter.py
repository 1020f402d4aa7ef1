# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``liccenter``: make an activation center, fill it, and let it answer. docs/specification.md, sections 2 and 5."""

import argparse
import ipaddress
import sys
from collections.abc import Sequence
from pathlib import Path

from licserver.cli import _sales_options
from licserver.cli._output import Answer, Parser, UsageError, add_json_option, run

DEFAULT_DIRECTORY = Path("/var/lib/protect-center")


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command; the exit code."""
    return run(_command, sys.argv[1:] if argv is None else argv)


def _command(argv: Sequence[str]) -> Answer:
    options = _parser().parse_args(argv)
    if options.command == "init":
        _check_init(options)
    from licserver.cli import _center_commands  # heavy: not needed for --help or a wrong command line

    return _center_commands.COMMANDS[options.command](options)


def _check_init(options: argparse.Namespace) -> None:
    hint = "See: liccenter init --help"
    for first, second in (("tls_cert", "tls_key"), ("name", "url"), ("token", "token_module")):
        if (getattr(options, first) is None) != (getattr(options, second) is None):
            words = " and ".join("--" + option.replace("_", "-") for option in (first, second))
            raise UsageError(f"{words} go together", hint=hint)
    further = (options.mail, options.phone, options.tls_cert, options.database)
    if options.name is None and any(option is not None for option in further):
        raise UsageError("settings are given as a whole, with --name and --url", hint=hint)


def _parser() -> Parser:
    parser = Parser(prog="liccenter", description="The vendor's activation center.")
    parser.add_argument("--dir", type=Path, default=DEFAULT_DIRECTORY, help="the center's directory (%(default)s)")
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="holds the passphrase of the vendor's signing key, or the PIN of its token; for its owner only",
    )
    add_json_option(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    init = commands.add_parser(
        "init", help="make a center, or give an existing one new settings and the tables of this release"
    )
    init.add_argument("--name", help="the vendor's name, as licenses carry it")
    init.add_argument("--url", help="where license servers reach the center: https://host:port")
    init.add_argument("--mail", help="where customers write for help")
    init.add_argument("--phone", help="where customers call for help")
    init.add_argument("--tls-cert", type=Path, help="own TLS certificate chain (PEM) in place of a generated one")
    init.add_argument("--tls-key", type=Path, help="its private key (PEM)")
    init.add_argument("--database", help="SQLAlchemy URL without a password (a SQLite file in --dir)")
    _add_token(init)
    init.set_defaults(command="init")

    answer = commands.add_parser("answer", help="answer a request that came as a file, by mail for instance")
    answer.add_argument("file", type=Path, metavar="FILE", help="the request file; - for standard input")
    answer.add_argument("--output", type=Path, help="write the answer there")
    answer.set_defaults(command="answer")

    kit = commands.add_parser("kit", help="the file to deliver with the vendor's products")
    kit.add_argument("--output", type=Path, help="write it there")
    kit.add_argument(
        "--phone-keys",
        nargs="+",
        metavar="KEY_NUMBER",
        default=[],
        help="with a ticket for each of these keys, so that it can be activated by telephone; all: for every key",
    )
    kit.set_defaults(command="kit")

    phone = commands.add_parser("phone", help="answer a call: asks for the PIN and the request code")
    phone.add_argument("key_number", metavar="KEY_NUMBER")
    phone.add_argument("--company", default="", help="the name of the company that calls")
    phone.set_defaults(command="phone")

    serve = commands.add_parser("serve", help="answer requests over HTTPS")
    serve.add_argument("--host", default="0.0.0.0", help="IP address to listen on (%(default)s: every interface)")
    serve.add_argument("--port", type=_port, help="TCP port (the one of the center's address)")
    serve.add_argument(
        "--proxy",
        action="append",
        type=_network,
        default=[],
        metavar="ADDRESS",
        help="a proxy that says whom it asks for; may be given again",
    )
    serve.add_argument(
        "--requests-per-minute", type=_count, default=600, metavar="N", help="of one address; 0: no limit (%(default)s)"
    )
    serve.set_defaults(command="serve")

    _sales_options.add_sales(commands)

    vendor = commands.add_parser("vendor-key", help="how the vendor's signing key is kept")
    vendor_key = vendor.add_subparsers(required=True, metavar="COMMAND")
    vendor_key.add_parser("show", help="open, under a passphrase or on a token").set_defaults(command="vendor-key show")
    encrypt = vendor_key.add_parser("encrypt", help="put it under a passphrase, or under another one")
    encrypt.add_argument("--new-passphrase-file", type=Path, metavar="FILE", help="holds it; otherwise it is asked for")
    encrypt.set_defaults(command="vendor-key encrypt")
    to_token = vendor_key.add_parser("to-token", help="put it on a PKCS#11 token, which it never leaves again")
    _add_token(to_token, required=True)
    to_token.add_argument(
        "--token-pin-file", type=Path, metavar="FILE", help="holds the PIN; otherwise it is asked for"
    )
    to_token.set_defaults(command="vendor-key to-token")

    staff = commands.add_parser("staff", help="who may sign in to the center's pages")
    members = staff.add_subparsers(required=True, metavar="COMMAND")
    add = members.add_parser("add", help="let somebody sign in, or give him another password and role")
    add.add_argument("name")
    add.add_argument(
        "--role", required=True, choices=("desk", "vendor"), help="desk: answers calls; vendor: issues keys too"
    )
    add.set_defaults(command="staff add")
    members.add_parser("list", help="everybody who may sign in").set_defaults(command="staff list")
    remove = members.add_parser("remove", help="take somebody's access away, at once")
    remove.add_argument("name")
    remove.set_defaults(command="staff remove")
    return parser


def _add_token(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    parser.add_argument("--token", required=required, metavar="LABEL", help="the label of the token")
    parser.add_argument("--token-module", required=required, metavar="FILE", help="its PKCS#11 library, a whole path")
    parser.add_argument("--token-key", default="vendor", metavar="LABEL", help="the label of the key (%(default)s)")


def _network(text: str) -> str:
    return str(ipaddress.ip_network(text))


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise ValueError
    return count


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError
    return port


if __name__ == "__main__":
    sys.exit(main())

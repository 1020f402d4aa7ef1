# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl --server HOST``: the server of another computer, asked over its web port with its user and password, or with
a token.

It is known by its TLS certificate, as clients know it (docs/protocol.md, "TLS"), before it is told anything. Standard
library only, so that a command starts fast.
"""

import argparse
import base64
import http.client
import os
import re
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from licserver.cli._output import UsageError, read_secret
from licserver.cli._server import ForeignCertificateError, Server, open_connection
from licserver.errors import LicensingError
from licserver.ini_text import (
    DEFAULT_WEB_PORT,
    IniError,
    IniText,
    check_client_ini,
    parse_server_address,
    parse_tls_pins,
)
from licserver.system import this_system

CONNECT_SECONDS = 10.0
PASSWORD_FILE = "LICCTL_PASSWORD_FILE"
"""The variable of the environment that names a file with the password."""
TOKEN_FILE = "LICCTL_TOKEN_FILE"
"""The same for a token."""
_TOKEN = re.compile(r"[!-~]{1,200}")
_BAD_FILES = {"password": "bad_password_file", "token": "bad_token_file"}
"""What is said of a file that cannot be read."""
_HERE_ONLY = {"server", "retry", "check", "license", "doctor", "distribution", "menu"}
"""Commands that are about this computer, whatever server there is."""


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """The options that name the server of another computer."""
    elsewhere = parser.add_argument_group("the server of another computer")
    elsewhere.add_argument(
        "--server", type=_address, metavar="HOST[:WEBPORT]", help="ask that one in place of the server of this computer"
    )
    who = elsewhere.add_mutually_exclusive_group()
    who.add_argument(
        "--user",
        dest="server_user",  # some commands have a --user of their own
        metavar="NAME",
        help=f"as its ini has it; asks for the password, or reads it from the file that {PASSWORD_FILE} names",
    )
    who.add_argument(
        "--token",
        dest="with_token",  # there is a command of that name
        action="store_true",
        help=f"with a token of that server; asks for it, or reads it from the file that {TOKEN_FILE} names",
    )
    known_by = elsewhere.add_mutually_exclusive_group()
    known_by.add_argument(
        "--tls-pin",
        dest="tls_pins",
        type=_pin,
        action="append",
        metavar="SHA256",
        help="of the certificate that it must show; otherwise tls_pins in client.ini; may be repeated",
    )
    known_by.add_argument(
        "--without-tls",
        action="store_true",
        help="it speaks no TLS: whoever listens in the network reads PIN and password",
    )


def server_of(arguments: Any) -> Server | Path:
    """The server that a command line names; the path of its state where that is the one of this computer.

    :raises LicensingError: it is not said how to know it, or the password or the token cannot be read.
    """
    if arguments.server is None:
        if arguments.server_user or arguments.with_token or arguments.tls_pins or arguments.without_tls:
            raise UsageError(
                "--user, --token, --tls-pin and --without-tls are about another server", hint="Name it with --server"
            )
        state: Path = arguments.state
        return state
    if arguments.command in _HERE_ONLY:
        raise UsageError(f"licctl {arguments.command} is about this computer", hint="Leave --server out")
    host, port = arguments.server
    pins = None if arguments.without_tls else arguments.tls_pins or _known_pins()
    if pins is not None and not pins:
        raise UsageError(
            f"it is not said by which certificate {host} is known",
            hint="Name it with --tls-pin (`licctl info` tells it there), or in client.ini; a server without TLS needs "
            "--without-tls, and then PIN, password and token cross the network readable",
        )
    return AnotherComputer(host, port, pins, _authorization(arguments, host))


@dataclass(frozen=True)
class AnotherComputer:
    """The server of another computer.

    :ivar pins: SHA-256 of the certificates by which it is known, in hexadecimal; ``None`` without TLS.
    :ivar authorization: user and password (RFC 7617) or a token (RFC 6750) as HTTP has them; ``None``: nobody in
        particular asks.
    """

    host: str
    port: int
    pins: Collection[str] | None
    authorization: str | None

    def connect(self, seconds: float) -> tuple[http.client.HTTPConnection, dict[str, str]]:
        """See :class:`licserver.cli._server.Server`."""
        try:
            connection = open_connection(
                self.host, self.port, self.pins, seconds=min(CONNECT_SECONDS, seconds), answer_seconds=seconds
            )
        except ForeignCertificateError as error:
            raise LicensingError(
                "unknown_certificate",
                f"{self.host} port {self.port} shows the certificate sha256:{error.sha256}, which was not expected",
                hint="Compare it with what `licctl info` says on that server",
            ) from error
        except OSError as error:
            raise self.failed(error) from error
        return connection, {} if self.authorization is None else {"Authorization": self.authorization}

    def failed(self, error: Exception) -> LicensingError:
        """See :class:`licserver.cli._server.Server`."""
        hint = "Check the address, that the server runs and is open to the network (Local=0), and the firewall"
        if isinstance(error, ssl.SSLError):
            hint = "Most likely it speaks no TLS there: set TLS=1 in its ini, or say --without-tls"
        elif self.pins is None and isinstance(error, http.client.HTTPException | ConnectionError | ValueError):
            hint += "; if it speaks TLS, name its certificate with --tls-pin"
        return LicensingError("server_unreachable", f"{self.host} port {self.port} does not answer: {error}", hint=hint)

    def refused(self, status: int) -> LicensingError | None:
        """See :class:`licserver.cli._server.Server`."""
        if status != http.client.UNAUTHORIZED:
            return None
        if self.authorization is not None and self.authorization.startswith("Bearer"):
            hint = "It may have expired, or been removed: `licctl token list` on that server"
            return LicensingError("unauthorized", f"{self.host} takes no such token", hint=hint)
        said = "asks for its user and password" if self.authorization is None else "takes no such user and password"
        return LicensingError(
            "unauthorized",
            f"{self.host} {said}",
            hint="Name the user with --user. They are those in its ini; where it has none, a token (--token) is needed "
            "for whatever changes something",
        )


def _address(text: str) -> tuple[str, int]:
    try:
        host, port = parse_server_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return host, port if text.endswith(f":{port}") else DEFAULT_WEB_PORT


def _pin(text: str) -> str:
    try:
        (pin,) = parse_tls_pins(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return pin


def _known_pins() -> list[str]:
    """The certificates by which this computer knows its servers."""
    path = this_system().client_ini_path
    try:
        return check_client_ini(IniText.parse(path.read_bytes()))["tls_pins"]
    except FileNotFoundError:
        return []
    except (OSError, IniError) as error:
        problem = error.strerror if isinstance(error, OSError) else error
        raise LicensingError(
            "bad_client_ini", f"{path}: {problem}", hint="Correct the file, or say --tls-pin"
        ) from error


def _authorization(arguments: Any, host: str) -> str | None:
    if arguments.with_token:
        token = _secret(TOKEN_FILE, "token", f"Token on {host}: ").strip()
        if not _TOKEN.fullmatch(token):
            raise UsageError("this is no token", hint="`licctl token add` on that server makes one, and shows it once")
        return f"Bearer {token}"
    user = arguments.server_user
    if user is None:
        return None
    if ":" in user:
        raise UsageError(f"{user!r} is no user: a colon has no place in it", hint="Name the user as the ini has it")
    password = _secret(PASSWORD_FILE, "password", f"Password of {user} on {host}: ")
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _secret(variable: str, what: str, prompt: str) -> str:
    named = os.environ.get(variable)
    try:
        if named is None:
            return read_secret(prompt)
        return Path(named).read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        hint = f"{variable} names the file with the {what}"
        raise LicensingError(_BAD_FILES[what], f"{named}: {problem}", hint=hint) from error

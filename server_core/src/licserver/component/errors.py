# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the protected product is told when it gets no license."""

from collections.abc import Sequence
from pathlib import Path

from licserver.errors import LicensingError


class ComponentError(LicensingError):
    """The product may not run, or not for much longer."""


class ClientSettingsError(ComponentError):
    """A ``client.ini`` that cannot be used: the message names the file, the line, the key and the value."""

    def __init__(self, path: Path, problem: object) -> None:
        super().__init__("bad_client_ini", f"{path}: {problem}", hint="Correct the file")


class ServerNotFoundError(ComponentError):
    """No license server answered.

    :ivar attempts: one line for each place that was tried: where, and what went wrong.
    """

    def __init__(self, attempts: Sequence[str]) -> None:
        super().__init__(
            "server_not_found",
            "no license server was found: " + "; ".join(attempts),
            hint="`licctl doctor` looks for the cause; `licctl server set ADDRESS` sets where to look",
        )
        self.attempts = tuple(attempts)


class LicenseDeniedError(ComponentError):
    """The server gave no license; ``code`` is the server's (docs/protocol.md, "Error codes")."""


class UntrustedServerError(ComponentError):
    """The server could not prove that it may lend this license."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            "untrusted_server",
            f"the license cannot be believed: {problem}",
            hint="Check the clocks; if they are right, tell the administrator: this server may be a fake",
        )


class UnknownCertificateError(UntrustedServerError):
    """The server's certificate is none of those by which it may be known.

    :ivar seen: the SHA-256 of the one that it showed, in hexadecimal.
    """

    def __init__(self, where: str, seen: str) -> None:
        super().__init__(f"{where} shows the certificate {seen}, and tls_pins in client.ini does not name it")
        self.code = "unknown_certificate"
        self.hint = (
            "Compare it with what `licctl info` says on the server: if that is the same, the certificate was replaced, "
            "and tls_pins must name it; if not, somebody else answers in the server's place"
        )
        self.seen = seen


class ConnectionLostError(ComponentError):
    """The connection to the server broke, or it does not answer.

    :ivar problem: the same without the server.
    """

    def __init__(self, where: str, problem: object) -> None:
        super().__init__(
            "connection_lost", f"{where}: {problem}", hint="The license is kept while its time lasts; try again"
        )
        self.problem = problem


class NoTlsError(ConnectionLostError):
    """Somebody answers there, and does not speak TLS."""

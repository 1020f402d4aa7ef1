# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said on TCP 15200 and UDP 15200, without I/O, for server and client alike. docs/protocol.md."""

from licserver.errors import LicensingError


class WireError(LicensingError):
    """A message that breaks the conversation.

    :ivar fatal: nothing more can be understood on this connection.
    """

    def __init__(self, code: str, message: str, *, request: int = 0, fatal: bool = False) -> None:
        super().__init__(code, message)
        self.request = request
        self.fatal = fatal

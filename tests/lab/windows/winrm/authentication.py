# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may speak: HTTP authentication of one connection, by Basic or NTLM, and the encryption that NTLM gives messages.

MS-WSMV 2.2.9.1 has the encrypted form of a message.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from email.message import Message

import spnego
from spnego.exceptions import SpnegoError

SEALED_TYPE = "application/HTTP-SPNEGO-session-encrypted"
PLAIN_TYPE = "application/soap+xml;charset=UTF-8"
BOUNDARY = b"--Encrypted Boundary"


class MessageError(Exception):
    """An encrypted message that cannot be read."""


@dataclass(frozen=True)
class Verdict:
    """Whether a request is let through, and the value of the header `WWW-Authenticate` that goes with the answer."""

    accepted: bool
    challenge: str | None = None


class Connection:
    """What is known of the client at the other end of one connection.

    NTLM authenticates the connection, so that later requests come without credentials; Basic authenticates one request.
    pyspnego takes the accounts from the file that the variable NTLM_USER_FILE names.
    """

    def __init__(self, user: str, password: str) -> None:
        self._expected = f"{user}:{password}".encode()
        self._context: spnego.ContextProxy | None = None
        self._authenticated = False

    def authenticate(self, headers: Message, *, basic: bool) -> Verdict:
        kind, _, value = headers.get("Authorization", "").partition(" ")
        try:
            credentials = base64.b64decode(value, validate=True)
        except binascii.Error:
            return Verdict(False)
        if kind == "Basic" and basic:
            return Verdict(hmac.compare_digest(credentials, self._expected))
        if kind in ("Negotiate", "NTLM"):
            return self._negotiate(kind, credentials)
        return Verdict(self._authenticated and not kind)

    def open(self, body: bytes) -> bytes:
        """The message in an encrypted request.

        Raises `MessageError` when it cannot be read.
        """
        if self._context is None:
            raise MessageError("the connection has no keys: an encrypted message came before NTLM authentication")
        try:
            _, _, rest = body.split(BOUNDARY + b"\r\n", 2)
            _, _, data = rest.partition(b"octet-stream\r\n")
            data = data[: data.rindex(BOUNDARY)]
            (length,) = struct.unpack("<i", data[:4])
            return self._context.unwrap_winrm(data[4 : 4 + length], data[4 + length :])
        except (ValueError, struct.error, SpnegoError) as error:
            raise MessageError(f"an encrypted message cannot be read: {error}") from error

    def seal(self, message: bytes) -> bytes:
        """The encrypted form of an answer; `open` succeeded before on this connection."""
        assert self._context is not None
        wrapped = self._context.wrap_winrm(message)
        length = len(message) + wrapped.padding_length
        return b"".join(
            (
                BOUNDARY,
                f"\r\n\tContent-Type: {SEALED_TYPE}\r\n".encode(),
                f"\tOriginalContent: type={PLAIN_TYPE};Length={length}\r\n".encode(),
                BOUNDARY,
                b"\r\n\tContent-Type: application/octet-stream\r\n",
                struct.pack("<i", len(wrapped.header)),
                wrapped.header,
                wrapped.data,
                BOUNDARY,
                b"--\r\n",
            )
        )

    def _negotiate(self, kind: str, token: bytes) -> Verdict:
        if self._context is None or self._context.complete:
            self._authenticated = False
            raw = token.startswith(b"NTLMSSP\0")  # pywinrm speaks NTLM, pypsrp wraps it in SPNEGO
            options = spnego.NegotiateOptions.use_ntlm if raw else spnego.NegotiateOptions.use_negotiate
            self._context = spnego.server(protocol="ntlm" if raw else "negotiate", options=options)
        try:
            answer = self._context.step(token)
        except SpnegoError:
            self._context = None
            return Verdict(False)
        self._authenticated = self._context.complete
        return Verdict(self._authenticated, f"{kind} {base64.b64encode(answer).decode()}" if answer else None)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the commands on this computer reach the running server: a small file with its address and a token.

``control.json`` lies in the state folder, readable by the server's own user and the administrator only. It is written
at every start, with a new token, and removed at a stop. After a crash it stays, and another program may listen where it
points to: so a command asks for a proof that the token is known there before it says anything that is secret.
docs/architecture.md, "The control file". Standard library only: the command line reads it and must start fast.
"""

import hmac
import json
from pathlib import Path

FILE_NAME = "control.json"
_LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}


def control_path(state: Path) -> Path:
    """Where the file lies."""
    return state / FILE_NAME


def control_text(*, listen_address: str, port: int, token: str, pin: str | None = None) -> bytes:
    """The content of the file of a server that listens on an address; on all of them, it is reached by loopback.

    :param pin: SHA-256 of the certificate with which it speaks TLS, in hexadecimal; ``None`` without TLS.
    """
    host = _LOOPBACK.get(listen_address, listen_address)
    return json.dumps({"host": host, "port": port, "token": token, "certificate_sha256": pin}).encode()


def control_proof(token: str, nonce: str) -> str:
    """What only a server that knows the token can answer to a fresh nonce: HMAC-SHA256 (RFC 2104) in hexadecimal."""
    return hmac.new(token.encode(), f"protect control {nonce}".encode(), "sha256").hexdigest()

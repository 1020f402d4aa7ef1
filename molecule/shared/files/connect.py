# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connects to the license server at HOST, greets it and leaves, again and again for SECONDS.

Fails when it is refused. Whom a server had taken in when it was killed hears of it, and comes again.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import time

PATIENCE_SECONDS = 20


def main() -> None:
    host, seconds = sys.argv[1], float(sys.argv[2])
    answered, end = 0, time.monotonic() + seconds
    while time.monotonic() < end or not answered:
        reset = contextlib.suppress(ConnectionResetError, BrokenPipeError)
        with socket.create_connection((host, 15200), timeout=PATIENCE_SECONDS) as connection, reset:
            connection.sendall(b'{"type":"hello","id":1,"versions":[1]}\n')
            if b'"welcome"' in connection.recv(4096):
                answered += 1
    print(answered)


if __name__ == "__main__":
    main()

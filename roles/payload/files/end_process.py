# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends the process whose number is the argument, and waits until it has ended; one that is gone already is no error."""

from __future__ import annotations

import os
import select
import signal
import sys

PATIENCE_SECONDS = 20


def main() -> None:
    number = int(sys.argv[1])
    try:
        process = os.pidfd_open(number)
        signal.pidfd_send_signal(process, signal.SIGTERM)
    except ProcessLookupError:
        return
    if not any(select.select([process], [], [], PATIENCE_SECONDS)):
        sys.exit(f"process {number} did not end within {PATIENCE_SECONDS} seconds: end it by hand")


if __name__ == "__main__":
    main()

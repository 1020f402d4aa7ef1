# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets that systemd keeps open while a service is started again: the protocol of sd_listen_fds(3)."""

import os
import socket
import sys

_FIRST_DESCRIPTOR = 3


def passed_sockets() -> list[socket.socket]:
    """The sockets that were passed to this very process. They are its own from now on; a second call finds none.

    :raises OSError: the service manager passed something else than sockets.
    """
    process, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if sys.platform == "win32" or process != str(os.getpid()) or not count.isdecimal():
        return []
    passed = [socket.socket(fileno=_FIRST_DESCRIPTOR + number) for number in range(int(count))]
    for one in passed:
        one.set_inheritable(False)
    return passed

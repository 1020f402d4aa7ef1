# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell systemd how a service is doing: the ``sd_notify`` protocol of units with ``Type=notify``."""

import os
import socket
import sys


def notify(state: str) -> None:
    """Send ``state`` (``READY=1``, ``STOPPING=1`` …) to the service manager; does nothing where none listens.

    :raises OSError: the service manager named a socket that cannot be written to.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if sys.platform == "win32" or not address:
        return
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(state.encode(), address)

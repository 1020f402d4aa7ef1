# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What asyncio's transports leave behind."""

import asyncio

_NOBODY = asyncio.Protocol()


def open_circle(closed: asyncio.BaseTransport, error: Exception | None) -> None:
    """Have a transport whose connection is lost, and its protocol, freed at once.

    On Windows a transport of asyncio keeps its protocol, and an error keeps the transport; elsewhere it keeps methods
    of its own, unless it is closed in good order (from Python 3.12 on). They would stay until somebody looks for
    garbage, which takes long after thousands of connections.

    :param error: that with which the connection was lost.
    """
    if error is not None:
        error.__traceback__ = None
    closed.set_protocol(_NOBODY)
    for own_method in ("_read_ready_cb", "_write_ready"):
        vars(closed).pop(own_method, None)

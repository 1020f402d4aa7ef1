# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the server that was installed serves."""

import time

from licserver.cli._server import ServerNotRunningError, ask_server
from licserver.distribution import DistributionError
from licserver.distribution.places import Places

_SECONDS = 60.0

Run = tuple[int, int]
"""What tells one run of a server from another: its process, and when it was started."""


def running(places: Places) -> Run | None:
    """The run of the server that serves now, if one does."""
    try:
        server = ask_server(places.state, "GET", "/info", field="server")["server"]
    except ServerNotRunningError:
        return None
    return server["process"], server["started_at"]


def await_another(places: Places, before: Run | None, *, hint: str) -> None:
    """Wait until another run of the server serves than before.

    :param hint: where it says why, if it does not.
    :raises DistributionError: it does not within a minute.
    """
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if running(places) not in (None, before):
            return
        time.sleep(0.1)  # asked again until the deadline
    raise DistributionError("does_not_serve", "the server was started and does not serve", hint=hint)

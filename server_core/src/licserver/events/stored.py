# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the log of events of a server that does not run. Standard library only."""

import sqlite3
from pathlib import Path

from licserver.errors import LicensingError
from licserver.events.history import History
from licserver.events.segments import Segments
from licserver.events.table import EventTable

LEDGER_NAME = "leases.sqlite"
LOCK_SECONDS = 2.0


class StoredEventsError(LicensingError):
    """The log cannot be read."""

    def __init__(self, path: Path, problem: object, *, hint: str) -> None:
        super().__init__("events_unreadable", f"the events in {path} cannot be read: {problem}", hint=hint)


def stored_history(state: Path, after: int = 0) -> History:
    """The events in a state folder; of those in the ledger itself only the ones after a number.

    :raises StoredEventsError: there are none, they may not be read, or a server has them open.
    """
    path = state / LEDGER_NAME
    try:
        if not path.exists():
            raise StoredEventsError(path, "no server has run here yet", hint="Check the name of the state folder")
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=LOCK_SECONDS)
        try:
            database.execute("pragma locking_mode = exclusive")  # as the server has it: no file of shared memory
            return EventTable(database).history(Segments(state), after)
        finally:
            database.close()
    except (sqlite3.Error, UnicodeDecodeError, OSError, TypeError) as error:
        hint = "Look at the state folder, as the administrator or the server's own user"
        if "locked" in str(error):
            hint = "A server has them open and gives no answer; look into its log"
        raise StoredEventsError(path, error, hint=hint) from error

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of events of a running server: gives each its time and hands it to the journal."""

import time
from collections.abc import Callable

from licserver.events import Event, FieldValue, Kind
from licserver.server.journal import Journal


class EventLog:
    """See :class:`licserver.events.EventSink`."""

    def __init__(self, journal: Journal, *, clock: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._clock = clock

    def note(self, kind: Kind, **fields: FieldValue) -> None:
        """See :class:`licserver.events.EventSink`."""
        self._journal.note_event(Event(int(self._clock()), kind, fields))

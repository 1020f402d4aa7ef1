# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of events of a running server: gives each its time, hands it to the journal, and tells the system's log."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping

from licserver.events import Event, FieldValue, Kind
from licserver.server.journal import Journal

_log = logging.getLogger(__name__)


class EventLog:
    """See :class:`licserver.events.EventSink`.

    :ivar denials: how many there were since the start, by their code.
    :ivar alarms: code and subject of each that has not ended.
    """

    def __init__(self, journal: Journal, *, clock: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._clock = clock
        self.denials: Counter[str] = Counter()
        self.alarms: set[tuple[str, str]] = set()

    def note(self, kind: Kind, **fields: FieldValue) -> None:
        """See :class:`licserver.events.EventSink`."""
        self._count(kind, fields)
        self._journal.note_event(Event(int(self._clock()), kind, fields))
        level = logging.WARNING if kind == "alarm" else logging.INFO
        if _log.isEnabledFor(level):
            said = ", ".join(f"{name} {value}" for name, value in fields.items() if value is not None)
            _log.log(level, "%s: %s", kind, said, extra={"fields": {"license_event": kind, **fields}})

    def _count(self, kind: Kind, fields: Mapping[str, FieldValue]) -> None:
        about = (str(fields.get("code")), str(fields.get("subject")))
        match kind:
            case "denied":
                self.denials[about[0]] += 1
            case "alarm":
                self.alarms.add(about)
            case "alarm_ended":
                self.alarms.discard(about)

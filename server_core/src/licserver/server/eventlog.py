# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of events of a running server: gives each its time, hands it to the journal, and tells the system's log."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict

from licserver.events import Event, FieldValue, Kind
from licserver.server.denials import Denials
from licserver.server.journal import Journal

_LEVELS: Mapping[tuple[Kind, FieldValue], int] = {
    ("alarm", None): logging.WARNING,
    ("granted", None): logging.DEBUG,  # thousands a minute; the log of events has them
    ("freed", "logout"): logging.DEBUG,
}

_log = logging.getLogger(__name__)


class EventLog:
    """See :class:`licserver.events.EventSink`. Of many denials it keeps some, and counts the others.

    :ivar denials: how many there were since the start, by their code.
    """

    def __init__(
        self, journal: Journal, *, clock: Callable[[], float] = time.time, limit: Denials | None = None
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._limit = limit or Denials()
        self.denials: Counter[str] = Counter()

    def note(self, kind: Kind, **fields: FieldValue) -> None:
        """See :class:`licserver.events.EventSink`."""
        if kind == "denied":
            self.denials[str(fields["code"])] += 1
            left_out = self._limit.admit(str(fields["address"]))
            if left_out is None:
                return
            if left_out:
                fields["left_out"] = left_out
        self._write(kind, fields)

    def sum_up(self) -> None:
        """Once in a while: note how many denials were left out."""
        left_out = self._limit.summary()
        if left_out is not None:
            self._write("denials_left_out", asdict(left_out))

    def _write(self, kind: Kind, fields: Mapping[str, FieldValue]) -> None:
        self._journal.note_event(Event(int(self._clock()), kind, fields))
        level = _LEVELS.get((kind, fields.get("by")), logging.INFO)
        if _log.isEnabledFor(level):
            said = ", ".join(f"{name} {_shown(value)}" for name, value in fields.items() if value is not None)
            _log.log(level, "%s: %s", kind, said, extra={"fields": {"license_event": kind, **fields}})


def _shown(value: FieldValue) -> str:
    text = str(value)
    return text if text.isprintable() else ascii(text)  # what a client sent begins no line of its own

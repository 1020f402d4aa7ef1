# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the server now, and since when. Pure. docs/specification.md, section 3 "Alarms"."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from licserver.events import EventSink


@dataclass
class _Alarm:
    message: str
    since: int


class Alarms:
    """The alarms of a server. Whoever watches something says at every look whether it is wrong."""

    def __init__(self, events: EventSink, *, clock: Callable[[], float]) -> None:
        self._events = events
        self._clock = clock
        self._alarms: dict[tuple[str, str], _Alarm] = {}

    def tell(self, code: str, message: str | None, subject: str = "") -> None:
        """Say how it is now: what is wrong, or ``None`` when nothing is. Each beginning and end is an event.

        :param code: the kind of alarm, a word for programs.
        :param subject: what it is about, where there can be several, such as a key number.
        """
        alarm = self._alarms.get((code, subject))
        if message is None:
            if alarm is not None:
                del self._alarms[code, subject]
                self._events.note("alarm_ended", code=code, subject=subject)
        elif alarm is None:
            self._alarms[code, subject] = _Alarm(message, int(self._clock()))
            self._events.note("alarm", code=code, subject=subject, message=message)
        else:
            alarm.message = message

    def tell_all(self, code: str, messages: Mapping[str, str]) -> None:
        """Say of which subjects something is wrong now, and what; of all others nothing is."""
        for subject in [subject for other, subject in self._alarms if other == code and subject not in messages]:
            self.tell(code, None, subject)
        for subject, message in messages.items():
            self.tell(code, message, subject)

    def now(self) -> list[dict[str, Any]]:
        """Every alarm, the oldest first."""
        found = [
            {"code": code, "subject": subject, "message": alarm.message, "since": alarm.since}
            for (code, subject), alarm in self._alarms.items()
        ]
        return sorted(found, key=lambda alarm: alarm["since"])

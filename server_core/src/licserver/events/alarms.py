# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the server now, and since when. Pure. docs/specification.md, section 3 "Alarms"."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from licserver.events import EventSink
from licserver.remarks import Remark


@dataclass
class _Alarm:
    remark: Remark
    since: int


class Alarms:
    """The alarms of a server. Whoever watches something says at every look whether it is wrong."""

    def __init__(self, events: EventSink, *, clock: Callable[[], float]) -> None:
        self._events = events
        self._clock = clock
        self._alarms: dict[tuple[str, str], _Alarm] = {}

    def tell(self, code: str, remark: Remark | None, subject: str = "") -> None:
        """Say how it is now: what is wrong, or ``None`` when nothing is. Each beginning and end is an event.

        :param code: the kind of alarm, a word for programs.
        :param subject: what it is about, where there can be several, such as a key number.
        """
        alarm = self._alarms.get((code, subject))
        if remark is None:
            if alarm is not None:
                del self._alarms[code, subject]
                self._events.note("alarm_ended", code=code, subject=subject)
        elif alarm is None:
            self._alarms[code, subject] = _Alarm(remark, int(self._clock()))
            self._events.note("alarm", code=code, subject=subject, message=remark.text, **remark.fields())
        else:
            alarm.remark = remark

    def tell_all(self, code: str, remarks: Mapping[str, Remark]) -> None:
        """Say of which subjects something is wrong now, and what; of all others nothing is."""
        for subject in [subject for other, subject in self._alarms if other == code and subject not in remarks]:
            self.tell(code, None, subject)
        for subject, remark in remarks.items():
            self.tell(code, remark, subject)

    def now(self) -> list[dict[str, Any]]:
        """Every alarm, the oldest first."""
        found = [
            {
                "code": code,
                "subject": subject,
                "message": alarm.remark.text,
                "remark": alarm.remark.data(),
                "since": alarm.since,
            }
            for (code, subject), alarm in self._alarms.items()
        ]
        return sorted(found, key=lambda alarm: alarm["since"])

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches over a running server and raises alarms. docs/specification.md, section 3 "Alarms"."""

from collections.abc import Callable
from pathlib import Path

from licserver.days import DAY_SECONDS, days_left, in_days
from licserver.events.alarms import Alarms
from licserver.events.moments import Moment, jump
from licserver.kept_file import ASIDE, files_set_aside
from licserver.keys.keyring import AttachedKey
from licserver.remarks import Remark, remark
from licserver.server.announcement import Announcement
from licserver.server.configuration import Configuration
from licserver.server.journal import Journal
from licserver.server.rack import KeyRack

EXPIRY_DAYS = 30
"""A key or a certificate that ends within so many days is an alarm."""
JUMP_ALARM_SECONDS = 24 * 3600.0
"""How long a clock that jumped stays an alarm."""
BEHIND_SECONDS = 3600.0
"""A clock that is so far behind the latest time seen is an alarm where a key expires."""
FILES_SECONDS = 10.0
"""How often the state folder is looked through."""


class Watch:
    """Looks at the clock, the disk, the state folder, the keys and the certificate.

    :param folders: where damaged files are set aside.
    """

    def __init__(
        self,
        alarms: Alarms,
        journal: Journal,
        announcement: Announcement,
        folders: list[Path],
        keys: KeyRack,
        configuration: Configuration,
        *,
        moment: Callable[[], Moment],
    ) -> None:
        self._alarms = alarms
        self._journal = journal
        self._announcement = announcement
        self._folders = folders
        self._keys = keys
        self._configuration = configuration
        self._moment = moment
        self._before = journal.ledger.last_moment or moment()
        self._jumped_at: float | None = None
        self._files_looked_at: float | None = None

    def look(self) -> None:
        """Once in a while: see how everything is."""
        now = self._moment()
        self._look_at_clock(now)
        self._look_at_disk()
        date = self._journal.ledger.date()
        self._look_at_date(date, now.wall)
        self._look_at_keys(date)
        self._look_at_certificate(now.wall)
        if self._files_looked_at is None or now.running >= self._files_looked_at + FILES_SECONDS:
            self._files_looked_at = now.running
            self._look_at_files()

    def _look_at_clock(self, now: Moment) -> None:
        seconds, self._before = jump(self._before, now), now
        if seconds:
            self._alarms.tell("clock_jumped", None)  # another jump is another alarm
            way = "forward" if seconds > 0 else "back"
            text = f"the clock of the computer was set {way} by {{seconds}} seconds"
            self._alarms.tell("clock_jumped", remark(f"clock_set_{way}", text, seconds=round(abs(seconds))))
            self._jumped_at = now.running
        elif self._jumped_at is not None and now.running >= self._jumped_at + JUMP_ALARM_SECONDS:
            self._alarms.tell("clock_jumped", None)
            self._jumped_at = None

    def _look_at_disk(self) -> None:
        problem = self._journal.problem
        for code in ("disk_full", "ledger_failed"):
            self._alarms.tell(code, Remark.of(problem) if problem is not None and problem.code == code else None)

    def _look_at_date(self, date: float, clock: float) -> None:
        problem = None
        if self._keys.has_expiring and date - clock >= BEHIND_SECONDS:
            text = "the clock of the computer is {hours} h behind the latest time seen here, by which keys expire"
            problem = remark("clock_behind", text, hours=round((date - clock) / 3600))
        self._alarms.tell("clock_behind", problem)

    def _look_at_keys(self, date: float) -> None:
        expiring = {}
        for number, one in self._keys.attached.items():
            if one.license is not None and one.license.expires_at is not None:
                days = days_left(one.license.expires_at, date)
                if not days:
                    expiring[number] = Remark("key_expired", f"the key {number} has expired")
                elif days <= EXPIRY_DAYS:
                    text = f"the key {number} expires: {in_days(days)} left"
                    expiring[number] = Remark("key_expires", text, {"days": days})
        self._alarms.tell_all("key_expiring", expiring)
        found = self._keys.attached.items()
        self._alarms.tell_all("key_at_risk", {number: _at_risk(one) for number, one in found if one.warnings})

    def _look_at_certificate(self, now: float) -> None:
        certificate, problem = self._configuration.certificate, None
        if certificate is not None:
            days = (certificate.not_after - now) / DAY_SECONDS
            if days <= 0:
                problem = Remark("certificate_ended", "the certificate of both ports has ended")
            elif days <= EXPIRY_DAYS:
                text = "the certificate of both ports ends in {days} days: clients must know the next one before"
                problem = remark("certificate_ends", text, days=round(days))
        self._alarms.tell("certificate_expiring", problem)

    def _look_at_files(self) -> None:
        self._announcement.keep()
        found = [path for folder in self._folders for path in files_set_aside(folder)]
        self._alarms.tell_all("state_corrupt", {path.name: _set_aside(path) for path in found})


def _at_risk(key: AttachedKey) -> Remark:
    what = "; ".join(map(str, key.warnings))
    return Remark("key_at_risk", f"the key {key.key_number} is about to stop working: {what}")


def _set_aside(path: Path) -> Remark:
    text = "{name} was damaged and lies aside as {path}; remove that when it is of no more use"
    return remark("set_aside", text, name=path.name.partition(ASIDE)[0], path=str(path))

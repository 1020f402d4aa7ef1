# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server says of itself: the one source of the web page, the JSON API and the command line."""

import os
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from licserver import __version__
from licserver.days import days_left
from licserver.events.alarms import Alarms
from licserver.keys.keyring import AttachedKey
from licserver.remarks import remark
from licserver.seats.lease import Lease
from licserver.seats.pools import PoolName
from licserver.server.configuration import Configuration
from licserver.server.desk import Desk
from licserver.server.journal import Journal
from licserver.server.selection import EVERY, Filter


@dataclass(frozen=True)
class Reports:
    """Answers questions about a running server as plain data.

    :ivar run: another one after every restart, also in the same process.
    """

    desk: Desk
    configuration: Configuration
    journal: Journal
    alarms: Alarms
    started_at: int
    clock: Callable[[], float] = time.time
    run: str = field(default_factory=lambda: secrets.token_hex(8))

    def server(self) -> dict[str, Any]:
        """What it is and where it listens."""
        settings = self.configuration.settings
        return {
            "server_id": self.desk.sessions.server_id,
            "name": self.desk.name,
            "version": __version__,
            "addresses": [_joined(settings.listen_address or "0.0.0.0", settings.port)],
            "port": settings.port,
            "web_port": settings.web_port,
            "local": settings.local,
            "tls": self.configuration.tls(),
            "started_at": self.started_at,
            "process": os.getpid(),
            "run": self.run,
            "settings": settings.fingerprint,
            "fixed_settings": settings.fixed_fingerprint,
        }

    def keys(self) -> list[dict[str, Any]]:
        """Every attached key with its use."""
        stranded = self.desk.book.stranded()
        return [self._key(attached, stranded) for _, attached in sorted(self.desk.keys.attached.items())]

    def key(self, attached: AttachedKey) -> dict[str, Any]:
        """One key; of one whose file cannot be believed no more than its number."""
        return self._key(attached, self.desk.book.stranded())

    def _key(self, attached: AttachedKey, stranded: Counter[PoolName]) -> dict[str, Any]:
        license, number = attached.license, attached.key_number
        problem = attached.problem
        end = None if license is None else license.expires_at
        left = None if end is None else days_left(end, self.journal.ledger.date())
        if problem is None and end is not None and left == 0:
            problem = remark("expired_on", "it expired on {day}", day=_day(end))
        options = self.desk.keys.options_of(number)
        described: dict[str, Any] = {
            "key_number": number,
            "kind": attached.kind,
            "state": "broken" if problem else "active",
            "problem": None if problem is None else problem.text,
            "use": options.use,
            "access_code_set": bool(options.access_code),
            "warnings": [warning.text for warning in attached.warnings],
            "remarks": [one.data() for one in (problem, *attached.warnings) if one is not None],
        }
        if license is not None:
            described |= {
                "product": license.product,
                "product_name": license.product_name,
                "vendor": license.vendor,
                "activated_at": license.issued_at,
                "expires_at": license.expires_at,
                "days_left": left,
                "counters": [
                    {
                        "name": counter.name,
                        "type": counter.type,
                        "limit": counter.limit,
                        "used": self.desk.book.used(number, counter.name),
                        "stranded": stranded[number, counter.name],
                    }
                    for counter in license.counters
                ],
                "packs": [
                    {
                        "pack": pack.pack,
                        "licenses": {more.counter: more.licenses for more in pack.raises},
                        "activated_at": pack.activated_at,
                    }
                    for pack in license.packs
                ],
            }
        return described

    def connections(self, wanted: Filter = EVERY, most: int | None = None) -> list[dict[str, Any]]:
        """The licenses in use that are wanted, at most so many, longest first. May be called in any thread."""
        leases = list(self.desk.book.leases.values())  # in one step: the book goes on changing
        return [self._connection(lease) for lease in wanted.chosen(leases)[:most]]

    def _connection(self, lease: Lease) -> dict[str, Any]:
        return {
            "lease": lease.lease,
            "counter": lease.counter,
            "type": lease.counter_type,
            "user": lease.holder.user,
            "computer": lease.holder.computer,
            "product": lease.product,
            "session_number": lease.holder.session_number,
            "rdp_session": lease.holder.rdp_session,
            "key_number": lease.key_number,
            "state": lease.state,
            "since": lease.since,
            "seconds": max(0, int(self.clock()) - lease.since),
            "licenses": int(lease.seated),
        }


def _joined(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _day(seconds: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))

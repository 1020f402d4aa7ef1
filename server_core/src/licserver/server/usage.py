# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many licenses of each product were in use over the last day: the most in each half hour. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

SLOT_SECONDS = 1800
SLOTS = 48


class Slot(NamedTuple):
    """Half an hour.

    :ivar at: when it began, in seconds since 1970-01-01 UTC.
    :ivar most: the most licenses that were in use at once.
    :ivar total: how many there were then.
    """

    at: int
    most: int
    total: int


class Use(NamedTuple):
    """The use of a product now."""

    name: str
    used: int
    total: int


class Usage(msgspec.Struct):
    """The last day of a server, as it is kept on disk too.

    :ivar slots: of each product, those in which the server ran, the oldest first.
    """

    slots: dict[str, list[Slot]] = {}

    def note(self, now: float, uses: Mapping[str, Use]) -> bool:
        """Take in how it is now; whether that began another half hour."""
        at = int(now) // SLOT_SECONDS * SLOT_SECONDS
        began = all(not slots or slots[-1].at < at for slots in self.slots.values())
        for product, use in uses.items():
            slots = self.slots.setdefault(product, [])
            most = use.used
            if slots and slots[-1].at >= at:  # the same one, or a clock that was set back
                most = max(most, slots.pop().most)
            slots.append(Slot(at, most, use.total))
        oldest = at - (SLOTS - 1) * SLOT_SECONDS
        self.slots = {
            product: kept
            for product, slots in self.slots.items()
            if (kept := [slot for slot in slots if oldest <= slot.at <= at])
        }
        return began

    def last_day(self, product: str, now: float) -> list[Slot]:
        """Every half hour of the last day; those in which the server did not run, or had no such product, are empty."""
        end = int(now) // SLOT_SECONDS * SLOT_SECONDS
        known = {slot.at: slot for slot in self.slots.get(product, ())}
        begins = range(end - (SLOTS - 1) * SLOT_SECONDS, end + 1, SLOT_SECONDS)
        return [known.get(at, Slot(at, 0, 0)) for at in begins]


def told(usage: Usage, keys: Iterable[Mapping[str, Any]], now: float) -> list[dict[str, Any]]:
    """The use of every product that keys serve now, and how it was over the last day.

    :param keys: as :meth:`licserver.server.reports.Reports.keys` tells of them.
    """
    return [
        {
            "product": product,
            "product_name": use.name,
            "used": use.used,
            "total": use.total,
            "last_day": [slot._asdict() for slot in usage.last_day(product, now)],
        }
        for product, use in sorted(uses(keys).items(), key=lambda one: one[1].name)
    ]


def uses(keys: Iterable[Mapping[str, Any]]) -> dict[str, Use]:
    """The use of every product that keys serve now.

    :param keys: as :meth:`licserver.server.reports.Reports.keys` tells of them.
    """
    found: dict[str, Use] = {}
    for key in keys:
        if key["state"] == "active" and key["use"]:
            before = found.get(key["product"], Use(key["product_name"], 0, 0))
            used = sum(counter["used"] for counter in key["counters"])
            total = sum(counter["limit"] for counter in key["counters"])
            found[key["product"]] = Use(before.name, before.used + used, before.total + total)
    return found

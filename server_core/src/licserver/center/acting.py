# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who does something at the center, and when: what every change hands on to the history. No I/O.

docs/specification.md, section 5.
"""

from typing import Literal, NamedTuple

Way = Literal["staff", "shell", "api", "exchange"]
"""By a page of the staff, by ``liccenter``, by a license server that asks online, by the exchange page."""


class Actor(NamedTuple):
    """Whoever has something done.

    :ivar name: of the member of the staff; the operating system's of whoever runs ``liccenter``; the address of whoever
        asks and does not sign in. ``None``: not known.
    """

    way: Way
    name: str | None = None


class Act(NamedTuple):
    """Somebody does something.

    :ivar at: seconds since 1970-01-01 UTC.
    """

    at: int
    by: Actor

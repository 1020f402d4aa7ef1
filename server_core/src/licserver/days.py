# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a license still lasts, in days. docs/specification.md, section 5. Standard library only."""

DAY_SECONDS = 86400


def days_left(expires_at: int, now: float) -> int:
    """Days on which a key still serves, today among them: 0 from the moment on at which it has expired.

    :param expires_at: when it expires, and ``now``: what time it is, both in seconds since 1970-01-01 UTC.
    """
    return max(0, -int(-(expires_at - now) // DAY_SECONDS))


def in_days(days: int) -> str:
    """A number of days in words."""
    return "1 day" if days == 1 else f"{days} days"

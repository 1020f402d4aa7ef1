# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A refusal in words for people: what is wrong, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A refusal for people.

    :ivar to_do: empty where there is nothing to be done.
    :ivar said: the particulars, as programs and the log are told them; empty where ``what`` says them.
    """

    code: str
    what: str
    to_do: str
    said: str = ""

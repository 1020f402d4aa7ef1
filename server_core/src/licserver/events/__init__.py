# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events: what the server did and why, so that nobody has to guess later. docs/specification.md, section 3 "Events".

==================  ==================================================================================================
server_started      version
restart_requested   by whom
server_stopped
granted             lease, user, computer, product, counter, type, key_number, session_number, rdp_session, address
denied              code, reason, request (login, renew, logout), address, and what the request said of its sender;
                    of what the reason says, limit and holders, or key_number, as words of their own;
                    left_out: how many denials of the same address before this one were not written
denials_left_out    denials: how many were not written; addresses: of how many addresses; address: the one with most
blocked             the words of ``granted``: the ten minutes passed without a renewal
freed               the words of ``granted`` and by (logout, lapse)
released            the words of ``granted``, and by whom: freed by an administrator
moved               the words of ``granted``, and from_key: the key that carried it before; or it returned
stranded            the words of ``granted``, and from_key: that key carries it no more, and no other could
key_attached        key_number, product: a key came, or works again
key_lost            key_number, reason: a key is gone, or works no more; remark: the reason as a word, whose
                    particulars are further words
key_changed         key_number, changes (access_code, use, license); never an access code
settings_changed    names of the settings; never a secret value
alarm               code, subject, message; remark: the message as a word, whose particulars are further words
alarm_ended         code, subject
==================  ==================================================================================================

By whom: actor (user, token, local), actor_address, and token, its name. ``key_…`` and ``settings_changed`` say it too
where an administrator had it done.

Standard library only: the command line reads events and must start fast.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

FieldValue = str | int | float | None
Kind = Literal[
    "server_started",
    "restart_requested",
    "server_stopped",
    "granted",
    "denied",
    "denials_left_out",
    "blocked",
    "freed",
    "released",
    "moved",
    "stranded",
    "key_attached",
    "key_lost",
    "key_changed",
    "settings_changed",
    "alarm",
    "alarm_ended",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    :ivar at: when, in seconds since 1970-01-01 UTC.
    """

    at: int
    kind: Kind
    fields: Mapping[str, FieldValue]


class EventSink(Protocol):
    """Where events go."""

    def note(self, kind: Kind, **fields: FieldValue) -> None:
        """Have an event kept. It is on disk with the next batch of the journal."""


MOST_EVENTS = 1000
"""How many are told at once."""


@dataclass(frozen=True)
class Selection:
    """Which events are wanted.

    :ivar after: those after this number, the first ones that there are; ``None``: the newest.
    :ivar before: none with this number or a later one.
    :ivar since: none that is older, in seconds since 1970-01-01 UTC.
    :ivar until: none that is younger.
    :ivar text: only those one of whose values has this in it, without regard to case.
    :ivar kinds: only of these kinds; empty: of all.
    :ivar limit: at most so many.
    """

    after: int | None = None
    before: int | None = None
    since: int = 0
    until: int | None = None
    text: str = ""
    kinds: frozenset[str] = frozenset()
    limit: int = 100

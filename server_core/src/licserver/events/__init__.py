# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events: what the server did and why, so that nobody has to guess later. docs/specification.md, section 3 "Events".

==================  ==================================================================================================
server_started      version
server_stopped
granted             lease, user, computer, product, counter, type, key_number, session_number, rdp_session, address
denied              code, reason, request (login, renew, logout), address, and what the request said of its sender
blocked             the words of ``granted``: the ten minutes passed without a renewal
freed               the words of ``granted`` and by (logout, lapse)
released            the words of ``granted``: freed by an administrator
moved               the words of ``granted``, and from_key: the key that carried it before
key_attached        key_number, product
key_lost            key_number, reason
key_changed         key_number, and which options changed; never an access code
settings_changed    names of the settings; never a secret value
alarm               code, message
==================  ==================================================================================================

Standard library only: the command line reads events and must start fast.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

FieldValue = str | int | float | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    :ivar at: when, in seconds since 1970-01-01 UTC.
    """

    at: int
    kind: str
    fields: Mapping[str, FieldValue]


class EventSink(Protocol):
    """Where events go."""

    def note(self, kind: str, **fields: FieldValue) -> None:
        """Have an event kept. It is on disk with the next batch of the journal."""

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a license is not given, in words that the refused can act on.

Whoever could use licenses that are all taken is told who holds them: those are the people to ask. Nobody else is.
docs/security.md, "Limits, plainly".
"""

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from licserver.seats import SeatError
from licserver.seats.lease import Lease
from licserver.seats.pools import Shelf

NAMED_HOLDERS = 3
"""So many holders are named in a refusal."""
_LOOKED_AT = 100
"""So many leases are looked through to find those who hold most: a refusal must cost little however many there are."""


def no_key(product: str, counter: str | None) -> SeatError:
    """No key that serves this client has what it asks for."""
    return SeatError(
        "no_key",
        f"no protection key on this server serves {_wanted(product, counter)} for this client",
        hint="Activate a key for it here, or check the client's access code and server address",
    )


def no_free_license(product: str, counter: str | None, shelf: Shelf) -> SeatError:
    """Everything that could serve this client is taken: by whom."""
    holders = _holders(shelf)
    return SeatError(
        "no_free_license",
        f"all {shelf.limit} licenses for {_wanted(product, counter)} are in use by {_in_words(holders)}",
        hint="Wait until one is free, free one on the Connections page, or activate a license pack",
        details={"limit": str(shelf.limit), "holders": _in_brief(holders)},
    )


def other_counter(counter: str) -> SeatError:
    """One running instance holds one license."""
    return SeatError("other_counter", f"this instance holds a license of the counter {counter}", hint="Log out first")


def key_gone(lease: Lease) -> SeatError:
    """The key that the holder's grant names carries the lease no more."""
    if lease.seated:
        message = f"the key of this license serves it no more; the key {lease.key_number} carries it now"
        return SeatError("key_gone", message, hint="Log in again: the license is kept")
    message = f"the key {lease.key_number} serves this license no more, and no other key has a free one for it"
    return SeatError("key_gone", message, hint="Log in again; what is missing is said then")


def unknown_lease() -> SeatError:
    """A lease that ended, or a name that was made up."""
    return SeatError("unknown_lease", "this lease has ended or never was", hint="Log in again")


def _wanted(product: str, counter: str | None) -> str:
    return f"the product {product}" + (f" with the counter {counter}" if counter else "")


class _Holders(NamedTuple):
    """Those who hold most, and whether there are others."""

    named: Sequence[tuple[tuple[str, str], int]]
    has_others: bool


def _holders(shelf: Shelf) -> _Holders:
    leases = islice(shelf.leases.values(), _LOOKED_AT)
    counted = Counter((lease.holder.user, lease.holder.computer) for lease in leases)
    named = counted.most_common(NAMED_HOLDERS)
    return _Holders(named, sum(connections for _, connections in named) < len(shelf.leases))


def _in_brief(holders: _Holders) -> str:
    """In no language."""
    words = [
        f"{user} · {computer}" + (f" ×{connections}" if connections > 1 else "")
        for (user, computer), connections in holders.named
    ]
    return ", ".join([*words, "…"] if holders.has_others else words)


def _in_words(holders: _Holders) -> str:
    words = [
        f"{user} on {computer}" + (f" ({connections} connections)" if connections > 1 else "")
        for (user, computer), connections in holders.named
    ]
    if holders.has_others:
        words.append("others")
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)

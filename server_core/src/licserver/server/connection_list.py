# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of connections as people look through it: found by words, sorted by a column, page by page. Pure."""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlencode

import msgspec

from licserver.pages.queries import read_query
from licserver.seats.lease import Lease

PAGE_ROWS = 50

Column = Literal["type", "user", "computer", "program", "session", "rdp", "key", "state", "since", "licenses"]
_SORTED_BY: Mapping[Column, Callable[[Lease], Any]] = {
    "type": attrgetter("counter_type"),
    "user": lambda lease: lease.holder.user.casefold(),
    "computer": lambda lease: lease.holder.computer.casefold(),
    "program": attrgetter("product"),
    "session": attrgetter("holder.session_number"),
    "rdp": attrgetter("holder.rdp_session"),
    "key": attrgetter("key_number"),
    "state": attrgetter("state"),
    "since": attrgetter("since"),
    "licenses": attrgetter("seated"),
}


class Query(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which connections somebody looks at.

    :ivar text: a part of the name of a user, a computer, a product or a key.
    :ivar key: a whole key number.
    :ivar order: ``down``: from the end of the alphabet, or of time.
    """

    text: Annotated[str, msgspec.Meta(max_length=200)] = ""
    state: Literal["", "active", "blocked"] = ""
    key: Annotated[str, msgspec.Meta(max_length=64)] = ""
    sort: Column = "since"
    order: Literal["up", "down"] = "up"
    page: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Query":
        """What an address asks for; whatever makes no sense in it is passed over."""
        return read_query(cls, given)

    def address(self, **changes: Any) -> str:
        """What an address says to ask for this, with changes."""
        return urlencode(msgspec.to_builtins(msgspec.structs.replace(self, **changes)))

    def sorted_by(self, column: Column) -> str:
        """The address of the same connections by a column; the one they are sorted by already, the other way round."""
        turned = column == self.sort and self.order == "up"
        return self.address(sort=column, order="down" if turned else "up", page=1)


class Row(NamedTuple):
    """A connection as it is shown."""

    lease: str
    type: str
    user: str
    computer: str
    product: str
    session_number: int
    rdp_session: int
    key_number: str
    state: str
    since: int
    licenses: int


class Found(NamedTuple):
    """A page of connections.

    :ivar number: of this page, which is the last one where fewer were found than asked for.
    :ivar found: how many there are on all pages.
    :ivar total: how many connections there are at all.
    """

    rows: list[Row]
    number: int
    pages: int
    found: int
    total: int


def look_through(leases: Iterable[Lease], query: Query) -> Found:
    """The page of connections that is asked for."""
    everything = list(leases)
    found = _narrowed(everything, query)
    found.sort(key=_SORTED_BY[query.sort], reverse=query.order == "down")
    pages = max(1, -(-len(found) // PAGE_ROWS))
    number = min(query.page, pages)
    shown = found[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    return Found([_row(lease) for lease in shown], number, pages, len(found), len(everything))


def _narrowed(leases: list[Lease], query: Query) -> list[Lease]:
    found = leases.copy()
    if query.state:
        found = [lease for lease in found if lease.state == query.state]
    if query.key:
        found = [lease for lease in found if lease.key_number == query.key]
    if query.text:
        words = query.text.casefold()
        found = [lease for lease in found if any(words in name.casefold() for name in _names(lease))]
    return found


def _names(lease: Lease) -> tuple[str, ...]:
    return lease.holder.user, lease.holder.computer, lease.product, lease.key_number


def _row(lease: Lease) -> Row:
    holder = lease.holder
    return Row(
        lease.lease,
        lease.counter_type,
        holder.user,
        holder.computer,
        lease.product,
        holder.session_number,
        holder.rdp_session,
        lease.key_number,
        lease.state,
        lease.since,
        int(lease.seated),
    )

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The book's queue of lapses: it names every lease, and not for ever those that have ended."""

from licserver.seats.book import SeatBook, Wish
from licserver.seats.lapses import SPARE_LAPSES
from licserver.seats.lease import ACTIVE_SECONDS
from server_core.tests.helpers import PRODUCT, SESSIONS
from server_core.tests.seats.helpers import holder_of, license_of, offers_of


def test_many_logins_and_logouts_take_bounded_memory_and_no_lease_is_forgotten() -> None:
    book = SeatBook(idle_seconds=300)
    book.serve(offers_of(license_of("A", SESSIONS)))
    kept = book.login(Wish(PRODUCT, holder_of("anna")), now=0, clock=0)
    for number in range(3 * SPARE_LAPSES):
        lease = book.login(Wish(PRODUCT, holder_of(str(number))), now=0, clock=0)
        book.free(lease.lease, "logout", now=0)

    assert len(book._lapses) <= SPARE_LAPSES + 4
    assert list(book.lapse(ACTIVE_SECONDS)) == [kept]

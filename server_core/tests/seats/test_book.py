# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The book of seats: who gets a license, from which key, and until when."""

from typing import Any

import pytest

from licserver.documents import Counter, License
from licserver.seats import SeatError
from licserver.seats.book import SeatBook, Wish
from licserver.seats.lease import ACTIVE_SECONDS, Event, Lease
from licserver.seats.ledger import MOST_SECONDS
from server_core.tests.helpers import PRODUCT
from server_core.tests.seats.helpers import holder_of, lease_of, license_of, offers_of

IDLE = 300.0


def sessions(limit: int, name: str = "main") -> Counter:
    return Counter(name=name, type="session", limit=limit)


def book_of(*licenses: License) -> SeatBook:
    """A book with these keys, which have no access code."""
    book = SeatBook(idle_seconds=IDLE)
    book.serve(offers_of(*licenses))
    return book


def book_with(*limits: int) -> SeatBook:
    """A book whose keys A, B … have these many licenses."""
    return book_of(*(license_of(number, sessions(limit)) for number, limit in zip("ABCDEF", limits, strict=False)))


def wish_of(instance: str, *, counter: str | None = None, access: str | None = "", user: str = "anna") -> Wish:
    return Wish(PRODUCT, holder_of(instance, user=user), counter, access)


def login(book: SeatBook, instance: str, *, now: float = 0, clock: int = 7, **wish: Any) -> Lease:
    return book.login(wish_of(instance, **wish), now=now, clock=clock)


def refused(book: SeatBook, instance: str, **wish: Any) -> SeatError:
    with pytest.raises(SeatError) as error:
        login(book, instance, **wish)
    return error.value


class TestLogin:
    def test_a_lease_says_who_what_and_since_when(self) -> None:
        lease = login(book_with(1), "anna", now=100)

        assert (lease.key_number, lease.product, lease.counter, lease.counter_type) == ("A", PRODUCT, "main", "session")
        assert (lease.state, lease.state_ends, lease.since) == ("active", 700, 7)

    def test_every_lease_has_a_name_that_cannot_be_guessed(self) -> None:
        book = book_with(9)

        names = {login(book, str(number)).lease for number in range(9)}

        assert len(names) == 9
        assert len({name[-20:] for name in names}) == 9

    @pytest.mark.parametrize("clock", [-1, 0, 1_800_000_000, MOST_SECONDS])
    def test_no_name_looks_like_an_option_of_a_command(self, clock: int) -> None:
        book = book_with(99)

        names = [login(book, str(number), clock=clock).lease for number in range(99)]

        assert [name for name in names if name.startswith("-")] == []

    def test_names_of_one_time_lie_together(self) -> None:
        book = book_with(16)
        first = [login(book, f"first {number}", clock=1_800_000_000).lease for number in range(8)]
        later = [login(book, f"later {number}", clock=1_800_009_999).lease for number in range(8)]

        assert sorted(first + later) in (sorted(first) + sorted(later), sorted(later) + sorted(first))

    def test_the_same_instance_gets_the_same_lease_again(self) -> None:
        book = book_with(1)
        first = login(book, "anna", now=0)

        assert login(book, "anna", now=100) is first
        assert first.state_ends == 700

    def test_the_same_instance_gets_its_lease_again_also_when_all_are_taken(self) -> None:
        book = book_with(1)
        lease = login(book, "anna")

        assert login(book, "anna") is lease
        assert book.used("A", "main") == 1

    def test_an_instance_that_holds_a_license_gets_none_of_another_counter(self) -> None:
        book = book_of(license_of("A", sessions(1, "main"), sessions(1, "office")))
        login(book, "anna", counter="main")

        error = refused(book, "anna", counter="office")

        assert (error.code, error.message) == ("other_counter", "this instance holds a license of the counter main")

    @pytest.mark.parametrize("access", ["another", None])
    def test_an_instance_does_not_get_its_lease_again_with_another_access_code(self, access: str | None) -> None:
        book = book_with(1, 1)
        login(book, "anna")

        assert refused(book, "anna", access=access).code == "no_key"

    def test_when_all_are_taken_the_next_one_is_told_how_many_there_are(self) -> None:
        book = book_with(1, 2)
        for number in range(3):
            login(book, str(number))

        error = refused(book, "late")

        assert error.code == "no_free_license"
        assert "all 3 licenses for the product retail are in use by anna on pc1 (3 connections)" in error.message
        assert error.details == {"limit": "3", "holders": "anna · pc1 ×3"}

    def test_without_a_key_for_the_product_it_says_so(self) -> None:
        book = book_of(license_of("A", product="other"))

        assert refused(book, "anna").code == "no_key"

    @pytest.mark.parametrize("access", ["another", None])
    def test_a_key_with_another_access_code_is_no_key(self, access: str | None) -> None:
        assert refused(book_with(5), "anna", access=access).code == "no_key"

    def test_a_counter_can_be_asked_for(self) -> None:
        book = book_of(license_of("A", sessions(1, "main"), sessions(1, "office")))

        assert login(book, "1", counter="office").counter == "office"
        assert "with the counter office" in refused(book, "2", counter="office").message
        assert refused(book, "3", counter="warehouse").code == "no_key"


class TestWhichKeyServes:
    def test_the_fewest_free_first_so_that_large_keys_stay_whole(self) -> None:
        assert login(book_with(5, 2, 9), "anna").key_number == "B"

    def test_a_full_key_is_passed_over(self) -> None:
        book = book_with(2, 1)

        assert [login(book, str(number)).key_number for number in range(3)] == ["B", "A", "A"]

    def test_among_equals_the_smallest_number(self) -> None:
        book = book_of(*map(license_of, ("C", "A", "B")))

        assert login(book, "anna").key_number == "A"

    def test_the_one_that_costs_nothing_comes_before_all(self) -> None:
        users = license_of("A", Counter(name="users", type="user", limit=5))
        book = book_of(users)
        login(book, "first")
        book.serve(offers_of(users, license_of("B", sessions(1))))

        assert login(book, "second").key_number == "A"
        assert book.used("A", "users") == 1


class TestSharedSeats:
    @pytest.fixture
    def book(self) -> SeatBook:
        return book_of(license_of("A", Counter(name="users", type="user", limit=1)))

    def test_a_shared_license_is_free_when_the_last_one_ends(self, book: SeatBook) -> None:
        first, second = login(book, "1"), login(book, "2")

        book.free(first.lease, "logout", now=0)
        used = book.used("A", "users")
        book.free(second.lease, "logout", now=0)

        assert (used, book.used("A", "users")) == (1, 0)

    def test_a_shared_license_does_not_serve_somebody_else(self, book: SeatBook) -> None:
        login(book, "1")

        assert refused(book, "2", user="boris").code == "no_free_license"


class TestTime:
    def test_a_lease_lapses_after_ten_minutes_and_not_before(self) -> None:
        book = book_with(1)
        lease = login(book, "anna")

        assert list(book.lapse(599)) == []
        assert list(book.lapse(600)) == [lease]
        assert lease.state == "blocked"

    def test_a_blocked_license_is_given_to_nobody_else(self) -> None:
        book = book_with(1)
        login(book, "anna")
        list(book.lapse(600))

        assert refused(book, "boris").code == "no_free_license"

    def test_after_the_idle_time_it_is_free(self) -> None:
        book = book_with(1)
        lease = login(book, "anna")
        list(book.lapse(600))

        assert list(book.lapse(900)) == [lease]
        assert login(book, "boris", now=900).key_number == "A"

    def test_a_renewal_of_a_blocked_lease_makes_it_active(self) -> None:
        book = book_with(1)
        lease = login(book, "anna")
        list(book.lapse(600))

        book.renew(lease.lease, now=700)

        assert (lease.state, lease.state_ends) == ("active", 1300)
        assert list(book.lapse(1299)) == []

    def test_without_an_idle_time_a_lapsed_license_is_free_at_once(self) -> None:
        book = SeatBook(idle_seconds=0)
        book.serve(offers_of(license_of("A", sessions(1))))
        lease = login(book, "anna")

        assert [(one is lease, one.state) for one in book.lapse(600)] == [(True, "blocked"), (True, "freed")]
        assert lease.lease not in book.leases

    def test_what_ended_before_does_not_lapse(self) -> None:
        book = book_with(1)
        book.free(login(book, "anna").lease, "logout", now=0)

        assert list(book.lapse(10_000)) == []


@pytest.mark.parametrize("event", ["logout", "release"])
def test_an_ended_lease_is_unknown(event: Event) -> None:
    book = book_with(1)
    lease = login(book, "anna")
    book.free(lease.lease, event, now=0)

    with pytest.raises(SeatError, match="has ended or never was"):
        book.renew(lease.lease, now=0)
    with pytest.raises(SeatError, match="has ended or never was"):
        book.free(lease.lease, event, now=0)


class TestRestore:
    def test_an_active_lease_starts_its_ten_minutes_again(self) -> None:
        book = SeatBook(idle_seconds=IDLE)
        lease = lease_of("anna", key_number="A", state_ends=100)

        book.restore(lease, 99)
        book.serve(offers_of(license_of("A", sessions(1))))

        assert lease.state_ends == 699
        assert refused(book, "boris").code == "no_free_license"

    @pytest.mark.parametrize(("ends", "freed_at"), [(100, 99 + ACTIVE_SECONDS), (2000, 2000)])
    def test_a_blocked_lease_is_held_for_ten_minutes_at_least(self, ends: float, freed_at: float) -> None:
        book = book_with(1)
        lease = lease_of("anna", key_number="A", state_ends=ends)
        lease.state = "blocked"

        book.restore(lease, 99)

        assert list(book.lapse(freed_at - 1)) == []
        assert list(book.lapse(freed_at)) == [lease]
        assert book.leases == {}

    def test_a_restored_lease_waits_for_its_key(self) -> None:
        book = SeatBook(idle_seconds=IDLE)
        book.restore(lease_of("anna", key_number="A"), 0)
        book.serve(offers_of(license_of("A", sessions(1))))

        assert book.used("A", "main") == 1

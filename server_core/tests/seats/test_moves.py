# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The book of seats: what becomes of leases when keys come, go and change."""

import pytest

from licserver.documents import Counter
from licserver.seats import SeatError
from licserver.seats.book import Move, Offer, SeatBook, Wish
from licserver.seats.lease import Lease
from server_core.tests.helpers import PRODUCT
from server_core.tests.seats.helpers import holder_of, lease_of, license_of, offers_of

IDLE = 300.0


def sessions(limit: int, name: str = "main") -> Counter:
    return Counter(name=name, type="session", limit=limit)


USERS = Counter(name="users", type="user", limit=1)


def book_of(**keys: tuple[Counter, ...]) -> SeatBook:
    book = SeatBook(idle_seconds=IDLE)
    serve(book, **keys)
    return book


def serve(book: SeatBook, **keys: tuple[Counter, ...]) -> list[Move]:
    return book.serve(offers_of(*(license_of(number, *counters) for number, counters in keys.items())))


def login(
    book: SeatBook, instance: str, *, counter: str | None = None, clock: int = 0, access: str = "", user: str = "anna"
) -> Lease:
    return book.login(Wish(PRODUCT, holder_of(instance, user=user), counter, access), now=0, clock=clock)


def place(lease: Lease) -> tuple[str, str, bool]:
    return lease.key_number, lease.counter, lease.seated


def refusal(book: SeatBook, lease: Lease) -> str:
    with pytest.raises(SeatError) as error:
        book.renew(lease.lease, now=1)
    return f"{error.value.code}: {error.value}"


class TestLost:
    def test_a_lease_moves_to_a_key_that_can_carry_it(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")

        moves = serve(book, B=(sessions(1),))

        assert moves == [(lease, "A")]
        assert place(lease) == ("B", "main", True)
        assert (book.used("A", "main"), book.used("B", "main")) == (0, 1)

    def test_until_its_holder_was_told_it_is_not_renewed(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")
        serve(book, B=(sessions(1),))

        assert "key_gone: the key of this license serves it no more; the key B carries it now" in refusal(book, lease)
        assert login(book, "anna") is lease
        assert book.renew(lease.lease, now=1) is lease

    def test_it_moves_by_the_rule_by_which_licenses_are_given(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")

        serve(book, B=(sessions(5),), C=(sessions(2),), D=(sessions(2),))

        assert lease.key_number == "C"

    def test_without_a_free_license_elsewhere_it_is_counted_nowhere_and_not_renewed(self) -> None:
        book = book_of(A=(sessions(1),), B=(sessions(1),))
        first, second = login(book, "1"), login(book, "2")

        moves = serve(book, B=(sessions(1),))

        assert moves == [(first, "A")]
        assert [place(first), place(second)] == [("A", "main", False), ("B", "main", True)]
        assert "key_gone: the key A serves this license no more, and no other key has a free one" in refusal(
            book, first
        )
        assert book.stranded() == {("A", "main"): 1}

    def test_it_is_in_nobodys_way_and_lapses(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")
        serve(book)

        lapsed = [[one.state for one in book.lapse(now)] for now in (600, 900)]

        assert lapsed == [["blocked"], ["freed"]]
        assert (book.leases, book.stranded()) == ({}, {})
        assert lease.state == "freed"

    def test_its_holder_may_log_in_where_there_is_a_license_again(self) -> None:
        book = book_of(A=(sessions(1),), B=(sessions(1),))
        first, second = login(book, "1"), login(book, "2")
        serve(book, B=(sessions(1),))
        book.free(second.lease, "logout", now=0)

        assert login(book, "1") is first
        assert place(first) == ("B", "main", True)

    def test_its_holder_takes_no_license_too_many_by_giving_another_name_then(self) -> None:
        book = book_of(A=(USERS,), B=(USERS,))
        login(book, "1", user="anna"), login(book, "2", user="boris")
        serve(book, B=(USERS,))

        with pytest.raises(SeatError) as error:
            login(book, "1", user="boris")

        assert error.value.code == "no_free_license"
        assert book.used("B", "users") == 1

    def test_a_key_that_serves_another_product_now_carries_it_no_more(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")

        book.serve(offers_of(license_of("A", sessions(1), product="another")))

        assert (lease.seated, book.used("A", "main")) == (False, 0)

    def test_the_rest_stay_where_they_are(self) -> None:
        book = book_of(A=(sessions(1),), B=(sessions(1),))
        login(book, "1")
        stays = login(book, "2")

        serve(book, B=(sessions(5),))

        assert (place(stays), stays.told) == (("B", "main", True), True)

    def test_those_who_share_a_license_move_together(self) -> None:
        book = book_of(A=(USERS,))
        leases = [login(book, "1"), login(book, "2")]

        serve(book, B=(USERS,))

        assert [place(one) for one in leases] == [("B", "users", True)] * 2
        assert book.used("B", "users") == 1

    def test_a_blocked_lease_moves_too(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")
        list(book.lapse(600))

        serve(book, B=(sessions(1),))

        assert (place(lease), lease.state) == (("B", "main", True), "blocked")

    def test_a_lease_of_a_counter_that_was_asked_for_moves_to_none_but_that(self) -> None:
        book = book_of(A=(sessions(1, "office"),))
        lease = login(book, "anna", counter="office")

        serve(book, B=(sessions(9),))
        stranded = lease.seated
        serve(book, B=(sessions(9),), C=(sessions(1, "office"),))

        assert (stranded, place(lease)) == (False, ("C", "office", True))

    def test_the_first_come_are_the_first_served(self) -> None:
        book = book_of(A=(sessions(2),))
        late, early = login(book, "1", clock=20), login(book, "2", clock=10)

        serve(book, B=(sessions(1),))

        assert [early.seated, late.seated] == [True, False]


class TestReturned:
    def test_a_lease_finds_its_seat_as_if_nothing_was(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")
        serve(book)

        moves = serve(book, A=(sessions(1),))

        assert moves == [(lease, "A")]
        assert book.renew(lease.lease, now=1) is lease

    def test_what_has_moved_stays(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")
        serve(book, B=(sessions(1),))

        assert serve(book, A=(sessions(1),), B=(sessions(1),)) == []
        assert lease.key_number == "B"

    def test_any_new_key_that_can_carry_it_takes_in_who_lost_his_seat(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")
        serve(book)

        serve(book, Z=(sessions(1),))

        assert (place(lease), lease.told) == (("Z", "main", True), False)

    def test_moved_twice_it_is_still_to_be_told(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")
        for key in "BA":
            serve(book, **{key: (sessions(1),)})

        assert (place(lease), lease.told) == (("A", "main", True), False)


class TestChanged:
    def test_a_key_that_grew_has_more_free(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")

        assert serve(book, A=(sessions(2),)) == []
        assert login(book, "boris").key_number == "A"
        assert book.renew(lease.lease, now=1) is lease

    def test_a_key_that_shrank_keeps_those_who_came_first(self) -> None:
        book = book_of(A=(sessions(3),))
        leases = [login(book, str(number), clock=number) for number in range(3)]

        moves = serve(book, A=(sessions(1),), B=(sessions(1),))

        assert [place(one) for one in leases] == [("A", "main", True), ("B", "main", True), ("A", "main", False)]
        assert moves == [(leases[1], "A"), (leases[2], "A")]
        assert leases[0].told

    def test_who_lost_his_seat_does_not_push_out_who_has_one(self) -> None:
        book = book_of(A=(sessions(2),))
        first, second = login(book, "1", clock=1), login(book, "2", clock=2)
        serve(book)
        serve(book, A=(sessions(1),))
        book.free(first.lease, "logout", now=0)
        third = login(book, "3", clock=3)

        serve(book, A=(sessions(1), sessions(1, "other")))

        assert [third.counter, second.counter] == ["main", "other"]
        assert third.told

    def test_a_lease_whose_counter_is_gone_moves_within_its_key(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")

        serve(book, A=(sessions(1, "other"),))

        assert (place(lease), lease.told) == (("A", "other", True), False)

    def test_a_counter_of_another_type_is_another_counter(self) -> None:
        book = book_of(A=(sessions(2),))
        lease = login(book, "anna")

        serve(book, A=(Counter(name="main", type="user", limit=2),))

        assert (place(lease), lease.counter_type, lease.told) == (("A", "main", True), "user", False)

    def test_another_access_code_takes_the_key_from_its_holders(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")

        book.serve(
            {"A": Offer(license_of("A", sessions(1)), "code"), "B": Offer(license_of("B", sessions(1)), "other")}
        )

        assert place(lease) == ("A", "main", False)

    def test_after_the_access_code_changed_on_both_sides_the_holder_logs_in_again(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")
        book.serve({"A": Offer(license_of("A", sessions(1)), "code")})

        assert login(book, "anna", access="code") is lease
        assert (place(lease), lease.access) == (("A", "main", True), "code")

    def test_a_license_that_changed_in_nothing_that_counts_moves_nobody(self) -> None:
        book = book_of(A=(sessions(1),))
        lease = login(book, "anna")

        assert serve(book, A=(sessions(1), USERS)) == []
        assert lease.told


class TestRestored:
    def test_the_seated_find_their_seats_before_the_stranded(self) -> None:
        book = SeatBook(idle_seconds=IDLE)
        stranded, seated = lease_of("early", key_number="A"), lease_of("late", key_number="A")
        stranded.since, seated.since, stranded.seated = 1, 2, False
        for lease in (stranded, seated):
            book.restore(lease, 0)

        serve(book, A=(sessions(1),))

        assert (seated.seated, stranded.seated) == (True, False)

    def test_a_key_that_did_not_come_back_has_lost_its_holders(self) -> None:
        book = SeatBook(idle_seconds=IDLE)
        lease = lease_of("anna", key_number="A")
        book.restore(lease, 0)

        assert serve(book, B=(sessions(1),)) == [(lease, "A")]
        assert place(lease) == ("B", "main", True)

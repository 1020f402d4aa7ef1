# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The book of seats and its ledger against a small model, over random lives: never over the limit, never lost."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from licserver.documents import Counter, License
from licserver.seats import SeatError
from licserver.seats.book import SeatBook
from licserver.seats.counters import seat_of
from licserver.seats.holder import Holder
from licserver.seats.lease import ACTIVE_SECONDS, Event, Lease
from licserver.seats.ledger import Ledger
from server_core.tests.helpers import PRODUCT
from server_core.tests.seats.helpers import Monotonic, holder_of, license_of

IDLE = 300.0
LICENSES: Mapping[str, License] = {
    license.key_number: license
    for license in (
        license_of("A", Counter(name="main", type="session", limit=2)),
        license_of("B", Counter(name="main", type="session", limit=1), Counter(name="users", type="user", limit=1)),
        license_of("C", Counter(name="pcs", type="computer", limit=1), Counter(name="rdp", type="terminal", limit=1)),
    )
}
HOLDERS = [
    holder_of(f"{user}{computer}{rdp}", user=user, computer=computer, rdp_session=rdp)
    for user in ("anna", "boris")
    for computer in ("pc1", "pc2")
    for rdp in (0, 1)
]

holders = st.sampled_from(HOLDERS)
numbers = st.sampled_from(sorted(LICENSES))


class Model:
    """What must be true: who holds what, in which state and until when."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[str, str, str, float]] = {}  # by instance: key, counter, state, end

    def seats(self, key: str, counter: Counter) -> set[tuple[str, ...]]:
        mine = [instance for instance, held in self.held.items() if held[:2] == (key, counter.name)]
        return {seat_of(counter.type, holder) for holder in HOLDERS if holder.client_public in mine}

    def lapse(self, now: float) -> None:
        for instance, (key, counter, state, end) in list(self.held.items()):
            if end <= now and state == "active":
                self.held[instance] = (key, counter, "blocked", now + IDLE)
            elif end <= now:
                del self.held[instance]

    def could_serve(self, holder: Holder, counter: Counter, key: str) -> bool:
        seats = self.seats(key, counter)
        return seat_of(counter.type, holder) in seats or len(seats) < counter.limit


class BookMachine(RuleBasedStateMachine):
    """Drives a book as the server does: what was promised is committed before anything else happens."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name, "leases.sqlite")
        self.monotonic = Monotonic(1000.0)
        self.ledger = Ledger(self.path, monotonic=self.monotonic)
        self.book = SeatBook(idle_seconds=IDLE)
        self.model = Model()
        self.attached: set[str] = set()

    @rule(holder=holders, counter=st.sampled_from([None, "main", "users", "rdp"]), allowed=st.sets(numbers, min_size=1))
    def login(self, holder: Holder, counter: str | None, allowed: set[str]) -> None:
        serving = [
            (key, one)
            for key in allowed & self.attached
            for one in LICENSES[key].counters
            if counter in (None, one.name)
        ]
        held = self.model.held.get(holder.client_public)
        if held is not None:
            asks_for_another = counter not in (None, held[1])
            refusal = "no_key" if held[0] not in allowed else "other_counter" if asks_for_another else None
        elif serving:
            could = any(self.model.could_serve(holder, one, key) for key, one in serving)
            refusal = None if could else "no_free_license"
        else:
            refusal = "no_key"
        if refusal is not None:
            with pytest.raises(SeatError) as error:
                self.book.login(PRODUCT, counter, holder, allowed, now=self.ledger.now(), clock=0)
            assert error.value.code == refusal
            return
        lease = self.book.login(PRODUCT, counter, holder, allowed, now=self.ledger.now(), clock=0)
        if held is None:
            assert any((lease.key_number, lease.counter) == (key, one.name) for key, one in serving)
        else:
            assert held[:2] == (lease.key_number, lease.counter)
        self.keep(lease)

    @rule(holder=holders)
    def renew(self, holder: Holder) -> None:
        if holder.client_public in self.model.held:
            self.keep(self.book.renew(self.lease_of(holder).lease, now=self.ledger.now()))

    @rule(holder=holders, event=st.sampled_from(["logout", "release"]))
    def end(self, holder: Holder, event: Event) -> None:
        if holder.client_public in self.model.held:
            ended = self.book.free(self.lease_of(holder).lease, event, now=self.ledger.now())
            self.ledger.commit({ended.lease: None})
            del self.model.held[holder.client_public]

    @rule(seconds=st.sampled_from([1.0, 299.0, 300.0, 599.0, 600.0, 3600.0]))
    def wait(self, seconds: float) -> None:
        self.monotonic.seconds += seconds
        now = self.ledger.now()
        self.model.lapse(now)
        lapsed = {
            lease.lease: None if lease.state == "freed" else self.ledger.encode(lease) for lease in self.book.lapse(now)
        }
        self.ledger.commit(lapsed)

    @rule(key=numbers)
    def attach(self, key: str) -> None:
        self.attached.add(key)
        self.book.attach(LICENSES[key])

    @rule(key=numbers)
    def detach(self, key: str) -> None:
        self.attached.discard(key)
        self.book.detach(key)

    @rule(down=st.sampled_from([0.0, 10.0, 1e6]), unkept=st.sampled_from([0.0, 5.0]))
    def crash_and_start_again(self, down: float, unkept: float) -> None:
        kept = self.ledger.now()
        self.monotonic.seconds += unkept
        self.ledger.close()
        self.monotonic.seconds = down
        self.ledger = Ledger(self.path, monotonic=self.monotonic)
        assert self.ledger.now() <= kept
        self.book = SeatBook(idle_seconds=IDLE)
        for lease in self.ledger.leases():
            self.book.restore(lease, self.ledger.now())
        for key in self.attached:
            self.book.attach(LICENSES[key])
        for instance, (key, counter, state, end) in self.model.held.items():
            self.model.held[instance] = (
                (key, counter, state, self.ledger.now() + ACTIVE_SECONDS)
                if state == "active"
                else (key, counter, state, end)
            )

    @invariant()
    def nothing_is_lost_and_nothing_appears(self) -> None:
        assert self.model.held == {
            lease.holder.client_public: (lease.key_number, lease.counter, lease.state, lease.state_ends)
            for lease in self.book.leases.values()
        }

    @invariant()
    def no_key_gives_more_than_it_has(self) -> None:
        for key in self.attached:
            for counter in LICENSES[key].counters:
                used = self.book.used(key, counter.name)
                assert used == len(self.model.seats(key, counter)) <= counter.limit

    def lease_of(self, holder: Holder) -> Lease:
        lease = self.book.find(PRODUCT, holder.client_public)
        assert lease is not None
        return lease

    def keep(self, lease: Lease) -> None:
        self.ledger.commit({lease.lease: self.ledger.encode(lease)})
        self.model.held[lease.holder.client_public] = (
            lease.key_number,
            lease.counter,
            "active",
            self.ledger.now() + ACTIVE_SECONDS,
        )

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            self.ledger.close()
            self.folder.cleanup()


TestBook = BookMachine.TestCase
TestBook.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)

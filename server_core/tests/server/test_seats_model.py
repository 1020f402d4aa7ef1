# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk on a real ledger against a small model, over random lives: never over the limit, never lost, never given
for the wrong code, and whoever lost his key is moved or told.

The model knows who holds what until when. Where a lease sits is read from the desk, and judged.
"""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from licserver.documents import Counter
from licserver.keys.options import KeyOptions
from licserver.sealing import decode_bytes
from licserver.seats.counters import seat_of
from licserver.seats.lease import ACTIVE_SECONDS, Lease
from licserver.wire.messages import AnyAnswer, Failed, Freed, Granted, Renewed
from server_core.tests.helpers import NOW, OwnKey, Vendor, holder
from server_core.tests.server.helpers import IDLE, Instance, Office

Result = TypeVar("Result")

Person = tuple[str, str, int]
"""User, computer and terminal session."""

VENDOR = Vendor()


def session(limit: int) -> Counter:
    return Counter(name="main", type="session", limit=limit)


def key(number: str, *counters: Counter, **changes: Any) -> OwnKey:
    return OwnKey.of(VENDOR, number, *counters, **changes)


USERS = Counter(name="users", type="user", limit=1)
COMPUTERS = Counter(name="pcs", type="computer", limit=1)
TERMINALS = Counter(name="rdp", type="terminal", limit=1)
LICENSES = {
    "A": [key("A", session(limit)) for limit in (2, 1, 3)],
    "B": [key("B", session(1), USERS), key("B", USERS), key("B", Counter(name="main", type="user", limit=1))],
    "C": [key("C", COMPUTERS, TERMINALS), key("C", COMPUTERS)],
    "D": [key("D", session(1), expires_at=NOW + 3600)],
}
OPTIONS = {"": KeyOptions(), "code": KeyOptions().with_access_code("code", "server")}
PEOPLE = [(user, computer, rdp) for user in ("anna", "boris") for computer in ("pc1", "pc2") for rdp in (0, 1)]

people = st.sampled_from(PEOPLE)
codes = st.sampled_from(["", "", "code", "guess"])
counters = st.sampled_from([None, None, "main", "users", "rdp"])


class Pool(NamedTuple):
    key: str
    counter: Counter


@dataclass
class Held:
    """What must be true of one holder's lease, and what its holder was told last."""

    lease: str
    code: str
    asked: str | None
    state: str
    ends: float
    grant: tuple[str, str]
    moved: bool = False


class SeatMachine(RuleBasedStateMachine):
    """Drives a desk as clients, administrators, keys, clocks and power cuts do."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.office = Office(Path(self.folder.name, "leases.sqlite"))
        self.instances = {person: Instance(self.office, person[0]) for person in PEOPLE}
        self.held: dict[Person, Held] = {}
        self.keys: dict[str, OwnKey] = {}
        self.codes: dict[str, str] = {}
        self.unused: set[str] = set()
        self.look()

    # what clients do

    @rule(person=people, code=codes, counter=counters)
    def login(self, person: Person, code: str, counter: str | None) -> None:
        held, expected = self.held.get(person), self.login_answers(person, code, counter)
        keeps = held is not None and self.lease(held).seated
        fields = {"holder": self.holder(person), "counter": counter}

        said = self.run(self.instances[person].check(code, **fields))
        answer = self.run(self.instances[person].login(code, **fields))

        assert said.allowed == isinstance(answer, Granted)
        assert verdict(answer) in expected
        if isinstance(answer, Granted):
            grant = json.loads(decode_bytes(answer.grant.split(".")[1]))
            place = (grant["key_number"], grant["counter"])
            assert place == (said.key_number, said.counter) == self.place(answer.lease)
            assert held is None or held.lease == answer.lease
            asked = held.asked if held and keeps else counter
            self.held[person] = Held(answer.lease, code, asked, "active", self.now() + ACTIVE_SECONDS, place)

    @rule(person=people)
    def renew(self, person: Person) -> None:
        held = self.held.get(person)
        if held is None:
            return
        lease = self.lease(held)

        answer = verdict(self.run(self.instances[person].renew()))

        if not lease.seated or held.grant != self.place(held.lease):
            assert answer == "key_gone"
        else:
            assert answer == "renewed" or (answer == "key_gone" and held.moved)
        if answer == "renewed":
            held.state, held.ends = "active", self.now() + ACTIVE_SECONDS

    @rule(person=people)
    def logout(self, person: Person) -> None:
        if person in self.held:
            assert verdict(self.run(self.instances[person].logout())) == "freed"
            del self.held[person]

    @rule(person=people)
    def ask_for_what_ended(self, person: Person) -> None:
        if person not in self.held and hasattr(self.instances[person], "granted"):
            assert verdict(self.run(self.instances[person].renew())) == "unknown_lease"

    # what administrators, keys and clocks do

    @rule(person=people)
    def release(self, person: Person) -> None:
        if person in self.held:
            assert self.run(self.office.desk.release([self.held.pop(person).lease])) == 1

    @rule(number=st.sampled_from(sorted(LICENSES)), variant=st.integers(0, 2))
    def put_in(self, number: str, variant: int) -> None:
        self.keys[number] = LICENSES[number][variant % len(LICENSES[number])]
        self.look()

    @rule(number=st.sampled_from(sorted(LICENSES)))
    def pull_out(self, number: str) -> None:
        self.keys.pop(number, None)
        self.look()

    @rule(number=st.sampled_from(sorted(LICENSES)), code=st.sampled_from(["", "code"]))
    def set_access_code(self, number: str, code: str) -> None:
        self.codes[number] = code
        self.look()

    @rule(number=st.sampled_from(sorted(LICENSES)))
    def switch(self, number: str) -> None:
        self.unused ^= {number}
        self.look()

    @rule(seconds=st.sampled_from([1.0, 299.0, 300.0, 599.0, 600.0, 3600.0]))
    def wait(self, seconds: float) -> None:
        self.office.monotonic.seconds += seconds
        self.lapse()
        self.run(self.office.desk.tick())

    @rule(hours=st.sampled_from([-5, -1, 1, 5]))
    def set_clock(self, hours: int) -> None:
        self.office.now += hours * 3600
        self.seen_again(lambda: self.run(self.office.desk.tick()))

    @rule(down=st.sampled_from([0.0, 10.0, 1e6]), unkept=st.sampled_from([0.0, 5.0]), cleanly=st.booleans())
    def start_again(self, down: float, unkept: float, cleanly: bool) -> None:
        if cleanly:
            self.run(self.office.desk.close())
        kept = self.now()
        self.office.monotonic.seconds += unkept

        def restart() -> None:
            self.office.crash(down=down)

        self.seen_again(restart)
        assert self.now() <= kept
        for held in self.held.values():
            held.ends = max(held.ends, self.now() + ACTIVE_SECONDS)

    # what must always be true

    @invariant()
    def nothing_is_lost_and_nothing_appears(self) -> None:
        leases = self.office.desk.book.leases
        assert {held.lease: (held.state, held.ends) for held in self.held.values()} == {
            name: (lease.state, lease.state_ends) for name, lease in leases.items()
        }
        assert {lease.lease for lease in self.office.ledger.leases()} == leases.keys()

    @invariant()
    def no_key_gives_more_than_it_has(self) -> None:
        for pool in self.pools():
            used = self.office.desk.book.used(pool.key, pool.counter.name)
            assert used == len(self.seats(pool)) <= pool.counter.limit

    @invariant()
    def everybody_sits_where_he_may(self) -> None:
        for held in self.held.values():
            lease = self.lease(held)
            if lease.seated:
                may = self.pools(held.code, held.asked)
                assert any((pool.key, pool.counter.name) == self.place(held.lease) for pool in may)

    # the model

    def login_answers(self, person: Person, code: str, counter: str | None) -> set[str]:
        held = self.held.get(person)
        if held is not None and self.lease(held).seated:
            if held.code != code:
                return {"no_key"}
            return {"granted"} if counter in (None, self.place(held.lease)[1]) else {"other_counter"}
        pools = list(self.pools(code, counter))
        if any(self.could_carry(pool, person) for pool in pools):
            return {"granted"}
        return {"no_free_license"} if pools else {"no_key", "key_expired"}

    def pools(self, code: str | None = None, counter: str | None = None) -> Iterator[Pool]:
        """What serves now: all of it, or those for one access code and counter."""
        for number, key in self.keys.items():
            expires = key.license.expires_at
            if number in self.unused or (expires is not None and expires <= self.office.now):
                continue
            for one in key.license.counters:
                if code in (None, self.codes.get(number, "")) and counter in (None, one.name):
                    yield Pool(number, one)

    def seats(self, pool: Pool) -> set[tuple[str, ...]]:
        """The seats that are taken on a counter of a key."""
        leases = [(person, self.lease(held)) for person, held in self.held.items()]
        place = (pool.key, pool.counter.name)
        sitting = [person for person, lease in leases if lease.seated and (lease.key_number, lease.counter) == place]
        return {seat_of(pool.counter.type, self.holder(person)) for person in sitting}

    def could_carry(self, pool: Pool, person: Person) -> bool:
        seats = self.seats(pool)
        return seat_of(pool.counter.type, self.holder(person)) in seats or len(seats) < pool.counter.limit

    def lapse(self) -> None:
        for person, held in list(self.held.items()):
            if held.ends <= self.now() and held.state == "active":
                held.state, held.ends = "blocked", self.now() + IDLE
            elif held.ends <= self.now():
                del self.held[person]

    # the rest

    def look(self) -> None:
        """The server looks at its keys; whoever lost his seat has it again, or was moved, or there is none for him."""
        options = {number: OPTIONS[self.codes.get(number, "")] for number in LICENSES}
        options |= {number: KeyOptions(use=False) for number in self.unused}
        self.seen_again(lambda: self.office.attach(*self.keys.values(), options=options))

    def seen_again(self, look: Any) -> None:
        before = {person: self.place(held.lease) for person, held in self.held.items()}
        look()
        for person, held in self.held.items():
            held.moved = held.moved or self.place(held.lease) != before[person]
            if not self.lease(held).seated:
                assert not any(self.could_carry(pool, person) for pool in self.pools(held.code, held.asked))

    def lease(self, held: Held) -> Lease:
        return self.office.desk.book.leases[held.lease]

    def place(self, name: str) -> tuple[str, str]:
        lease = self.office.desk.book.leases[name]
        return lease.key_number, lease.counter

    def holder(self, person: Person) -> Any:
        user, computer, rdp = person
        return holder(self.instances[person].private, user, computer, rdp_session=rdp)

    def now(self) -> float:
        return self.office.ledger.now()

    def run(self, awaitable: Awaitable[Result]) -> Result:
        async def wait() -> Result:
            return await awaitable

        return asyncio.run(wait())

    def teardown(self) -> None:
        if hasattr(self, "office"):
            self.office.ledger.close()
            self.folder.cleanup()


def verdict(answer: AnyAnswer) -> str:
    match answer:
        case Failed():
            return answer.code
        case Granted():
            return "granted"
        case Renewed():
            return "renewed"
        case Freed():
            return "freed"
        case _:
            raise AssertionError(answer)


TestSeats = SeatMachine.TestCase
TestSeats.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)

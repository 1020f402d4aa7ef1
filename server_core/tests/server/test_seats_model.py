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
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from licserver.documents import Counter
from licserver.keys.options import KeyOptions
from licserver.sealing import decode_bytes
from licserver.seats.counters import seat_of
from licserver.seats.lease import ACTIVE_SECONDS, Lease
from licserver.wire.messages import AnyAnswer, Checked, Failed, Freed, Granted, Renewed, Suppose
from server_core.tests.helpers import NOW, OwnKey, Vendor, holder
from server_core.tests.server.helpers import IDLE, Instance, Office

Result = TypeVar("Result")

Person = tuple[str, str, int]
"""User, computer and terminal session."""
Place = tuple[str, str, str]
"""The key, the counter and its type."""

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where there is one, a folder that costs no flushes to a disk; no computer loses its power here."""
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
some_people = st.lists(people, min_size=1, max_size=5)
numbers = st.sampled_from(sorted(LICENSES))
codes = st.sampled_from(["", "", "", "code", "guess"])
counters = st.sampled_from([None, None, None, "main", "users", "rdp"])
someone_holds_a_license = precondition(lambda machine: machine.held)


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
    grant: Place
    moved: bool = False


class SeatMachine(RuleBasedStateMachine):
    """Drives a desk as clients, administrators, keys, clocks and power cuts do."""

    @initialize(first=some_people, keys=st.sets(numbers, min_size=1))
    def begin(self, first: list[Person], keys: set[str]) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.office = Office(Path(self.folder.name, "leases.sqlite"))
        self.instances = {person: Instance(self.office, person[0]) for person in PEOPLE}
        self.held: dict[Person, Held] = {}
        self.addresses = count()
        self.keys = {number: LICENSES[number][0] for number in keys}
        self.codes: dict[str, str] = {}
        self.unused: set[str] = set()
        self.look()
        for person in first:
            self.login(person, "", None, person)

    # what clients do

    @rule(persons=some_people, code=codes, counter=counters, another=people)
    def log_in(self, persons: list[Person], code: str, counter: str | None, another: Person) -> None:
        """Whoever holds a license already may say to be another one, and gains nothing by it."""
        for person in persons:
            self.login(person, code, counter, another if person in self.held else person)

    def login(self, person: Person, code: str, counter: str | None, says: Person) -> None:
        held, expected = self.held.get(person), self.login_answers(person, code, counter)
        keeps = held is not None and self.lease(held).seated
        fields = {"holder": self.holder(person, says), "counter": counter}

        said = self.run(self.instances[person].check(code, **fields))
        answer = self.run(self.instances[person].login(code, **fields))

        assert said.allowed == isinstance(answer, Granted)
        assert verdict(answer) in expected
        if isinstance(answer, Granted):
            grant = json.loads(decode_bytes(answer.grant.split(".")[1]))
            place = (grant["key_number"], grant["counter"], grant["counter_type"])
            assert place == self.place(answer.lease)
            assert place[:2] == (said.key_number, said.counter)
            assert held is None or held.lease == answer.lease
            asked = held.asked if held and keeps else counter
            self.held[person] = Held(answer.lease, code, asked, "active", self.now() + ACTIVE_SECONDS, place)

    @rule()
    def renew(self) -> None:
        for person, held in self.held.items():
            lease = self.lease(held)

            answer = verdict(self.run(self.instances[person].renew()))

            if not lease.seated or held.grant != self.place(held.lease):
                assert answer == "key_gone"
            else:
                assert answer == "renewed" or (answer == "key_gone" and held.moved)
            if answer == "renewed":
                held.state, held.ends = "active", self.now() + ACTIVE_SECONDS

    @someone_holds_a_license
    @rule(which=st.integers(0, len(PEOPLE)), by_hand=st.booleans())
    def end(self, which: int, by_hand: bool) -> None:
        person = list(self.held)[which % len(self.held)]
        instance, lease = self.instances[person], self.held.pop(person).lease
        if by_hand:
            assert self.run(self.office.desk.release([lease])) == 1
        else:
            assert verdict(self.run(instance.logout())) == "freed"
        assert verdict(self.run(instance.renew())) == "unknown_lease"

    # what administrators, keys and clocks do

    @rule(number=numbers, variant=st.integers(0, 2))
    def put_in(self, number: str, variant: int) -> None:
        self.keys[number] = LICENSES[number][variant % len(LICENSES[number])]
        self.look()

    @rule(number=numbers, person=people, code=st.sampled_from(["", "code"]))
    def pull_out(self, number: str, person: Person, code: str) -> None:
        serves = number in {pool.key for pool in self.pools(code)}
        suppose = Suppose(without_keys=(number,)) if serves else None
        somewhere = f"192.0.2.{next(self.addresses)}"  # one address may ask so much only
        fields = {"holder": self.holder(person), "suppose": suppose, "address": somewhere}
        foretold = self.run(self.instances[person].check(code, **fields))
        self.keys.pop(number, None)
        self.look()
        found = self.run(self.instances[person].check(code, holder=self.holder(person)))
        assert not serves or answer_of(foretold) == answer_of(found)

    @rule(number=numbers, code=st.sampled_from(["", "code"]), use=st.sampled_from([True, True, False]))
    def set_options(self, number: str, code: str, use: bool) -> None:
        self.codes[number] = code
        self.unused = self.unused - {number} if use else self.unused | {number}
        self.look()

    @rule(seconds=st.sampled_from([1.0, 299.0, 300.0, 599.0, 600.0, 3600.0]))
    def wait(self, seconds: float) -> None:
        self.office.monotonic.seconds += seconds
        self.lapse()
        self.run(self.office.desk.tick())

    @rule(hours=st.sampled_from([-5, -1, 1, 5]))
    def set_clock(self, hours: int) -> None:
        serving = list(self.pools())
        self.office.now += hours * 3600
        self.seen_again(lambda: self.run(self.office.desk.tick()), every_seat=serving != list(self.pools()))

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
            found, promised = self.lease(held), self.now() + ACTIVE_SECONDS
            assert promised <= found.state_ends <= max(held.ends, promised)
            renewed_since = (found.state, held.state) == ("blocked", "active") and not cleanly
            assert found.state == held.state or renewed_since
            held.state, held.ends = found.state, found.state_ends

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
                places = [(pool.key, pool.counter.name, pool.counter.type) for pool in may]
                assert self.place(held.lease) in places

    # the model

    def login_answers(self, person: Person, code: str, counter: str | None) -> set[str]:
        held = self.held.get(person)
        if held is not None and self.lease(held).seated:
            if held.code != code:
                return {"no_key", "key_expired"}
            return {"granted"} if counter in (None, self.place(held.lease)[1]) else {"other_counter"}
        pools = list(self.pools(code, counter))
        if any(self.could_carry(pool, person) for pool in pools):
            return {"granted"}
        return {"no_free_license"} if pools else {"no_key", "key_expired"}

    def pools(self, code: str | None = None, counter: str | None = None) -> Iterator[Pool]:
        """What serves now: all of it, or those for one access code and counter."""
        for number, key in self.keys.items():
            expires = key.license.expires_at
            if number in self.unused or (expires is not None and expires <= self.office.ledger.date()):
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

    def seen_again(self, look: Any, *, every_seat: bool = True) -> None:
        """After a look nobody is without a seat who could have one, if every seat was looked at."""
        before = {person: self.place(held.lease) for person, held in self.held.items()}
        look()
        for person, held in self.held.items():
            held.moved = held.moved or self.place(held.lease) != before[person]
            if every_seat and not self.lease(held).seated:
                assert not any(self.could_carry(pool, person) for pool in self.pools(held.code, held.asked))

    def lease(self, held: Held) -> Lease:
        return self.office.desk.book.leases[held.lease]

    def place(self, name: str) -> Place:
        lease = self.office.desk.book.leases[name]
        return lease.key_number, lease.counter, lease.counter_type

    def holder(self, person: Person, says: Person | None = None) -> Any:
        user, computer, rdp = says or person
        return holder(self.instances[person].private, user, computer, rdp_session=rdp)

    def now(self) -> float:
        return self.office.ledger.now()

    def run(self, awaitable: Awaitable[Result]) -> Result:
        async def wait() -> Result:
            return await awaitable

        return self.loop.run_until_complete(wait())

    def teardown(self) -> None:
        if hasattr(self, "office"):
            self.loop.close()
            self.office.ledger.close()
            self.folder.cleanup()


def answer_of(checked: Checked) -> tuple[object, ...]:
    """What a what-if must foretell; the order of the holders it need not."""
    return checked.allowed, checked.key_number, checked.counter, checked.code, len(checked.holders)


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
TestSeats.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Four facts, and what they add up to."""

import pytest

from licserver.binding import (
    FACT_KINDS,
    FACT_NAMES,
    Fact,
    FactError,
    OneReading,
    bind_best,
    bind_like,
    changed_facts,
    facts_today,
    name_facts,
    warnings_of,
)
from licserver.binding.sources import SourcedFacts, UnusableError
from licserver.documents import FactDigest, FactKind
from licserver.system import this_system
from server_core.tests.helpers import KEY, Computer


def test_a_computer_is_known_by_its_four_facts(computer: Computer) -> None:
    assert [fact.kind for fact in bind_best(computer).facts] == ["disk", "network", "system", "board"]


@pytest.mark.parametrize("kind", FACT_KINDS)
def test_a_fact_that_cannot_be_read_is_named_and_never_empty(computer: Computer, kind: FactKind) -> None:
    del computer.facts[kind]

    with pytest.raises(FactError) as refused:
        bind_best(computer)

    assert refused.value.kind == kind
    assert refused.value.message == f"{FACT_NAMES[kind]} cannot be identified: serial: it is not there"


def test_the_same_computer_derives_the_same_key(computer: Computer) -> None:
    first = bind_best(computer).sealing_key(salt=b"s", key_number=KEY)

    assert bind_best(Computer()).sealing_key(salt=b"s", key_number=KEY) == first


@pytest.mark.parametrize("kind", FACT_KINDS)
def test_any_other_fact_derives_another_key(computer: Computer, kind: FactKind) -> None:
    before = bind_best(computer).sealing_key(salt=b"s", key_number=KEY)
    computer.facts[kind] = "another"

    assert bind_best(computer).sealing_key(salt=b"s", key_number=KEY) != before


def test_another_key_number_or_salt_derives_another_key(computer: Computer) -> None:
    binding = bind_best(computer)
    keys = {binding.sealing_key(salt=salt, key_number=number) for salt in (b"a", b"b") for number in ("1", "2")}

    assert len(keys) == 4


@pytest.mark.parametrize("kind", FACT_KINDS)
def test_the_fact_that_changed_is_named(computer: Computer, kind: FactKind) -> None:
    recorded = bind_best(computer).digests(KEY)
    computer.facts[kind] = "another"

    assert changed_facts(recorded, bind_best(computer).digests(KEY)) == (kind,)


def test_all_facts_that_changed_are_named_in_their_order(computer: Computer) -> None:
    recorded = bind_best(computer).digests(KEY)
    computer.facts |= {"board": "another", "disk": "another"}

    changed = changed_facts(recorded, bind_best(computer).digests(KEY))

    assert name_facts(changed) == "the system disk and the motherboard"


def test_an_unchanged_computer_has_no_changed_facts(computer: Computer) -> None:
    assert changed_facts(bind_best(computer).digests(KEY), bind_best(Computer()).digests(KEY)) == ()


def test_a_digest_tells_nothing_to_another_key(computer: Computer) -> None:
    binding = bind_best(computer)

    assert binding.digests("100-0001")["disk"].digest != binding.digests("100-0002")["disk"].digest
    assert "first disk" not in str(binding.digests(KEY))


def test_a_key_is_compared_with_the_sources_it_was_bound_to(computer: Computer) -> None:
    recorded = {kind: FactDigest(source=f"old {kind}", digest="d") for kind in FACT_KINDS}

    assert [fact.source for fact in bind_like(computer, recorded).facts] == [f"old {kind}" for kind in FACT_KINDS]


def test_a_fact_that_a_key_was_not_bound_to_is_not_asked_for(computer: Computer) -> None:
    del computer.facts["board"]

    binding = bind_like(computer, {"disk": FactDigest(source="serial", digest="d")})

    assert [fact.kind for fact in binding.facts] == ["disk"]


def test_this_computer_can_be_bound_to() -> None:
    reader = this_system().fact_reader()

    binding = bind_best(reader)

    assert bind_like(reader, binding.digests(KEY)) == binding


class Counting(Computer):
    """A computer that notes what is read of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[FactKind, str]] = []

    def read(self, kind: FactKind, source: str) -> Fact:
        self.asked.append((kind, source))
        return super().read(kind, source)


def test_in_one_reading_every_source_is_read_once() -> None:
    computer = Counting()
    reading = OneReading(computer)

    read = [reading.read("disk", source) for source in ("wwid", "serial", "wwid")]

    assert [fact.source for fact in read] == ["wwid", "serial", "wwid"]
    assert computer.asked == [("disk", "wwid"), ("disk", "serial")]


def test_in_one_reading_a_source_that_cannot_be_read_is_asked_once() -> None:
    computer = Counting()
    del computer.facts["disk"]
    reading = OneReading(computer)

    for _ in range(2):
        with pytest.raises(FactError, match="wwid: it is not there"):
            reading.read("disk", "wwid")

    assert computer.asked == [("disk", "wwid")]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (PermissionError(13, "x"), "forbidden"),
        (FileNotFoundError(2, "x"), "missing"),
        (UnusableError("no_card", "x"), "no_card"),
        (OSError(5, "x"), ""),
        (ValueError("x"), ""),
    ],
)
def test_why_a_source_cannot_be_read_is_told_each_time(error: Exception, why: str) -> None:
    def read() -> str:
        raise error

    reading = OneReading(SourcedFacts({"disk": {"wwid": read}}, {}))

    for _ in range(2):
        with pytest.raises(FactError, match="wwid: x") as refused:
            reading.read("disk", "wwid")
        assert (refused.value.source, refused.value.why) == ("wwid", why)


def test_the_next_reading_sees_what_has_changed() -> None:
    computer = Computer()
    before = OneReading(computer).read("disk", "serial")
    computer.facts["disk"] = "another"

    assert OneReading(computer).read("disk", "serial") != before


def test_todays_facts_are_told_apart_kind_by_kind(computer: Computer) -> None:
    recorded = bind_best(computer).digests(KEY)
    computer.facts["network"] = "another"
    del computer.facts["board"]

    found = {
        fact.kind: (fact.source, fact.state, fact.problem, fact.why) for fact in facts_today(computer, recorded, KEY)
    }

    assert found == {
        "disk": ("serial", "same", None, ""),
        "network": ("serial", "differs", "the first network card is another one than that of the key", ""),
        "system": ("serial", "same", None, ""),
        "board": ("serial", "unreadable", "serial: it is not there", "missing"),
    }


def test_a_fact_is_the_same_only_for_its_own_key(computer: Computer) -> None:
    recorded = bind_best(computer).digests(KEY)

    assert {fact.state for fact in facts_today(computer, recorded, "100-0002")} == {"differs"}


def test_what_is_about_to_break_a_key_is_told_in_the_order_of_its_facts(computer: Computer) -> None:
    recorded = bind_best(computer).digests(KEY)
    computer.threats = {"system": "another name", "disk": "another disk"}

    assert [str(one) for one in warnings_of(OneReading(computer), recorded)] == ["another disk", "another name"]
    assert [str(one) for one in warnings_of(computer, {"disk": recorded["disk"]})] == ["another disk"]

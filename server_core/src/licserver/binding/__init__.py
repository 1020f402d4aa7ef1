# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What binds a software key to one computer: four facts, and what they add up to.

docs/specification.md, section 5: the system disk, the first network card, the operating system (its serial number
and the computer's name) and the motherboard. Any one of them changes and the key stops working.

Each fact is read from the best *source* that the computer offers (a disk has a serial number here, a world-wide
name there); the key remembers which source it was bound to, so that a computer with more to offer later, or a
server that runs with fewer rights, is told apart from a changed computer.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, Protocol, get_args

import msgspec

from licserver.documents import FactDigest, FactKind
from licserver.errors import LicensingError
from licserver.remarks import Remark
from licserver.sealing import derive_key

FACT_KINDS: tuple[FactKind, ...] = get_args(FactKind)
FACT_NAMES: Mapping[FactKind, str] = {
    "disk": "the system disk",
    "network": "the first network card",
    "system": "the operating system or the computer's name",
    "board": "the motherboard",
}


class FactError(LicensingError):
    """A fact of this computer that cannot be read. Never an empty string in its place.

    :ivar source: which source of it was tried; empty: all of them.
    :ivar why: a word for the problem; empty: it is one of those that are told in English only.
    """

    def __init__(self, kind: FactKind, problem: str, *, source: str = "", why: str = "") -> None:
        super().__init__(
            "unreadable_fact",
            f"{FACT_NAMES[kind]} cannot be identified: {problem}",
            hint="Run the server with the rights to read it, or on a computer that has one",
            details={"facts": kind, "problem": problem, **({"why": why, "source": source} if why else {})},
        )
        self.kind = kind
        self.problem = problem
        self.source = source
        self.why = why


class Fact(msgspec.Struct, frozen=True):
    """One fact in clear. It stays on the computer; only its digest goes into documents."""

    kind: FactKind
    source: str
    value: str


class FactReader(Protocol):
    """Reads the facts of the computer it runs on; one implementation per operating system."""

    def best(self, kind: FactKind) -> Fact:
        """The fact from the best source there is.

        :raises FactError: no source of it can be read.
        """

    def read(self, kind: FactKind, source: str) -> Fact:
        """The fact from one source.

        :raises FactError: that source cannot be read.
        """

    def warnings(self, kind: FactKind, source: str) -> tuple[Remark, ...]:
        """What is about to make the fact from that source another one; nothing where that cannot be told."""


class OneReading:
    """A :class:`FactReader` that reads each source once, for a look at many keys: it is for one look only, since facts
    change while the server runs."""

    def __init__(self, reader: FactReader) -> None:
        self._reader = reader
        self._found: dict[tuple[FactKind, str], Fact | FactError] = {}
        self._warned: dict[tuple[FactKind, str], tuple[Remark, ...]] = {}

    def best(self, kind: FactKind) -> Fact:
        """See :class:`FactReader`."""
        return self._reader.best(kind)

    def read(self, kind: FactKind, source: str) -> Fact:
        """See :class:`FactReader`."""
        found = self._found.get((kind, source))
        if found is None:
            found = self._found[kind, source] = self._read(kind, source)
        if isinstance(found, FactError):
            raise FactError(kind, found.problem, source=found.source, why=found.why)
        return found

    def warnings(self, kind: FactKind, source: str) -> tuple[Remark, ...]:
        """See :class:`FactReader`."""
        if (kind, source) not in self._warned:
            self._warned[kind, source] = self._reader.warnings(kind, source)
        return self._warned[kind, source]

    def _read(self, kind: FactKind, source: str) -> Fact | FactError:
        try:
            return self._reader.read(kind, source)
        except FactError as error:
            return error


class Binding(msgspec.Struct, frozen=True):
    """The four facts of one computer, in the order of :data:`FACT_KINDS`."""

    facts: tuple[Fact, ...]

    def digests(self, key_number: str) -> dict[FactKind, FactDigest]:
        """What a document may say of the facts: recognizable for this key, useless for any other."""
        return {fact.kind: FactDigest(source=fact.source, digest=_digest(key_number, fact)) for fact in self.facts}

    def sealing_key(self, *, salt: bytes, key_number: str) -> bytes:
        """32 bytes that only a computer with these very facts can derive again."""
        secret = "\n".join(f"{fact.kind}\t{fact.source}\t{fact.value}" for fact in self.facts)
        return derive_key(secret.encode(), salt=salt, purpose=f"protect soft key {key_number}")


def bind_best(reader: FactReader) -> Binding:
    """The binding that a new key gets.

    :raises FactError: one of the four facts cannot be read.
    """
    return Binding(tuple(reader.best(kind) for kind in FACT_KINDS))


def bind_like(reader: FactReader, recorded: Mapping[FactKind, FactDigest]) -> Binding:
    """Today's facts from the sources that a key was bound to.

    :raises FactError: a fact cannot be read from the recorded source any more.
    """
    return Binding(tuple(reader.read(kind, recorded[kind].source) for kind in FACT_KINDS if kind in recorded))


class FactToday(NamedTuple):
    """A fact of a computer as it is today, compared with what a key was bound to.

    :ivar problem: what is wrong, where it is not the same.
    :ivar why: of :class:`FactError`, where it cannot be read.
    """

    kind: FactKind
    source: str
    state: Literal["same", "differs", "unreadable"]
    problem: str | None = None
    why: str = ""


def facts_today(reader: FactReader, recorded: Mapping[FactKind, FactDigest], key_number: str) -> Iterator[FactToday]:
    """Each fact that a key was bound to, compared with that of this computer."""
    for kind, before in ((kind, recorded[kind]) for kind in FACT_KINDS if kind in recorded):
        try:
            fact = reader.read(kind, before.source)
        except FactError as error:
            yield FactToday(kind, before.source, "unreadable", error.problem, error.why)
        else:
            if _digest(key_number, fact) == before.digest:
                yield FactToday(kind, before.source, "same")
            else:
                problem = f"{FACT_NAMES[kind]} is another one than that of the key"
                yield FactToday(kind, before.source, "differs", problem)


def warnings_of(reader: FactReader, recorded: Mapping[FactKind, FactDigest]) -> tuple[Remark, ...]:
    """What is about to break a key that is bound to such facts."""
    found = (reader.warnings(kind, recorded[kind].source) for kind in FACT_KINDS if kind in recorded)
    return tuple(warning for warnings in found for warning in warnings)


def changed_facts(
    recorded: Mapping[FactKind, FactDigest], today: Mapping[FactKind, FactDigest]
) -> tuple[FactKind, ...]:
    """Which facts differ between a key and a computer."""
    return tuple(kind for kind in FACT_KINDS if recorded.get(kind) != today.get(kind))


def name_facts(kinds: Iterable[FactKind]) -> str:
    """The facts in words, for a message."""
    return " and ".join(FACT_NAMES[kind] for kind in kinds)


def _digest(key_number: str, fact: Fact) -> str:
    text = f"protect fact\t{key_number}\t{fact.kind}\t{fact.source}\t{fact.value}"
    return hashlib.sha256(text.encode()).hexdigest()

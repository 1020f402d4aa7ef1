# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts by source, best first: what every system's reader shares."""

from collections.abc import Callable, Iterable, Mapping

from licserver.binding import Fact, FactError
from licserver.documents import FactKind
from licserver.remarks import Remark, remark

SourceTable = Mapping[FactKind, Mapping[str, Callable[[], str]]]
"""For each fact its sources, best first: a function that returns the value, or raises OSError or ValueError."""

RiskTable = Mapping[tuple[FactKind, str], Callable[[], Iterable[Remark]]]
"""For a fact and its source a function that tells what is about to change it, or raises OSError or ValueError."""


class UnusableError(ValueError):
    """A source says nothing that tells computers apart.

    :ivar why: a word for that.
    """

    def __init__(self, why: str, problem: str) -> None:
        super().__init__(problem)
        self.why = why


_NO_SERIAL = {"", "none", "0", "default string", "not specified", "to be filled by o.e.m.", "system serial number"}


class SourcedFacts:
    """A :class:`licserver.binding.FactReader` over a table of sources."""

    def __init__(self, sources: SourceTable, risks: RiskTable) -> None:
        self._sources = sources
        self._risks = risks

    def best(self, kind: FactKind) -> Fact:
        """See :class:`licserver.binding.FactReader`."""
        problems = []
        for source in self._sources[kind]:
            try:
                return self.read(kind, source)
            except FactError as error:
                problems.append(error.problem)
        raise FactError(kind, "; ".join(problems))

    def read(self, kind: FactKind, source: str) -> Fact:
        """See :class:`licserver.binding.FactReader`."""
        reader = self._sources[kind].get(source)
        if reader is None:
            raise FactError(kind, f"this system has no source {source!r}")
        try:
            return Fact(kind, source, reader())
        except OSError as error:
            why = "forbidden" if isinstance(error, PermissionError) else ""
            why = "missing" if isinstance(error, FileNotFoundError) else why
            raise FactError(kind, f"{source}: {error.strerror or error}", source=source, why=why) from error
        except ValueError as error:
            why = error.why if isinstance(error, UnusableError) else ""
            raise FactError(kind, f"{source}: {error}", source=source, why=why) from error

    def warnings(self, kind: FactKind, source: str) -> tuple[Remark, ...]:
        """See :class:`licserver.binding.FactReader`."""
        tell = self._risks.get((kind, source))
        try:
            return tuple(tell()) if tell is not None else ()
        except (OSError, ValueError):  # a fact that cannot be read is an error already; what threatens it is not
            return ()


def real_serial(text: str, where: str) -> str:
    """A serial number or UUID that is one.

    :raises UnusableError: the maker of the computer left a placeholder there.
    """
    if text.strip().lower() in _NO_SERIAL or not text.strip(" 0-") or not text.strip(" fF-"):
        raise UnusableError("no_serial", f"{where} says {text!r}, which is no serial number")
    return text.strip()


def another_name(wanted: str, now: str) -> Remark:
    """The computer was renamed, and will be named so from its next start on."""
    text = "after a restart this computer is named {wanted} and not {now} any more"
    return remark("another_name", text, wanted=wanted, now=now)

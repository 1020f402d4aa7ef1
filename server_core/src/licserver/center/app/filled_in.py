# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What staff type into forms, made into what the registry keeps.

A field that cannot be used is named with what belongs into it, and everything typed stays where it is.
"""

import re
import time
from calendar import timegm
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec

from licserver.center import CenterError
from licserver.documents import Counter
from licserver.pages.bodies import Form
from licserver.pages.languages import N_, Translations

Wanted = TypeVar("Wanted")
COUNTER_TYPES: Sequence[tuple[str, str]] = (
    ("session", N_("by session")),
    ("user", N_("by user")),
    ("computer", N_("by computer")),
    ("terminal", N_("by terminal session")),
)
NAME_HELP = N_("Latin letters, digits, dots, hyphens and underscores; at most 64.")
_BELONGS: Mapping[str, str] = {
    "product": NAME_HELP,
    "customer": NAME_HELP,
    "key_number": NAME_HELP,
    "pack": NAME_HELP,
    "name": N_("A name is needed, of at most 200 characters."),
    "pins": N_("A number from 1 to 100."),
    "same_facts": N_("A number from 1 to 4."),
    "head": N_("One line of at most 400 characters, without five hyphens in a row."),
    "counters": N_(
        "Each counter needs a name of its own, without spaces, and a number of licenses from 1 to 1,000,000."
    ),
    "raises": N_("At least one counter, each once, and a number of licenses from 1 to 1,000,000."),
    "expires_at": N_("A date like 2027-12-31."),
}
TAKEN = N_("This is taken already.")
_OTHER = N_("This cannot be used; it may be too long.")
_COUNTER = ("name", "type", "limit")
_MOST_ROWS = 50
_FIELD = re.compile(r"`\$\.(\w+)")


class FieldError(CenterError):
    """A field of a form that cannot be used.

    :ivar field: its name.
    :param what: in place of what belongs into it.
    """

    def __init__(self, field: str, what: str = "") -> None:
        super().__init__("bad_field", f"the field {field} cannot be used")
        self.field = field
        self._what = what

    def words(self, texts: Translations) -> dict[str, str]:
        """The field, and what belongs into it."""
        return {self.field: texts.gettext(self._what or _BELONGS.get(self.field, _OTHER))}


def convert(values: Mapping[str, Any], kind: type[Wanted]) -> Wanted:
    """The structure that values make.

    :raises FieldError: one of them does not fit.
    """
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        found = _FIELD.search(str(error))
        raise FieldError(found[1] if found else "") from error


def read_counters(form: Form) -> list[Mapping[str, str]]:
    """The rows of counters that are filled in.

    :raises FieldError: two of one name.
    """
    rows = _rows(form, "counter", _COUNTER)
    _refuse_twice("counters", [row["name"] for row in rows])
    return rows


def read_raises(form: Form) -> list[Mapping[str, str]]:
    """The rows of what a pack raises.

    :raises FieldError: two of one counter.
    """
    rows = _rows(form, "raise", ("counter", "licenses"))
    _refuse_twice("raises", [row["counter"] for row in rows])
    return rows


def read_day(form: Form, name: str) -> int | None:
    """The last second of a day, UTC; ``None`` where none is given.

    :raises FieldError: this is no date.
    """
    text = form.text(name)
    if not text:
        return None
    try:
        return timegm(date.fromisoformat(text).timetuple()) + 24 * 3600 - 1
    except ValueError as error:
        raise FieldError(name) from error


def day(at: int | None) -> str:
    """The day of a point in time, as a form shows it."""
    return "" if at is None else time.strftime("%Y-%m-%d", time.gmtime(at))


def counter_fields(counters: Sequence[Counter]) -> dict[str, str]:
    """What a form shows of counters."""
    return {
        f"counter_{part}{number}": str(getattr(counter, part))
        for number, counter in enumerate(counters)
        for part in _COUNTER
    }


def counters_in_line(form: Form) -> str:
    """The rows of counters that are filled in, to be compared and read."""
    return ", ".join(" ".join(filter(None, row.values())) for row in _rows(form, "counter", _COUNTER))


def shown(fields: Mapping[str, str]) -> Mapping[str, str]:
    """Fields for a template, where what nobody filled in is empty."""
    return defaultdict(str, fields)


def rows_of(fields: Mapping[str, str], first: str, spare: int) -> range:
    """The numbers of the rows that a form shows: those in use and some to fill in.

    :param first: the name of the rows' first field.
    """
    used = [number for number in range(_MOST_ROWS) if fields.get(f"{first}{number}", "").strip()]
    return range(max(used, default=-1) + 1 + spare)


def _rows(form: Form, prefix: str, parts: Sequence[str]) -> list[Mapping[str, str]]:
    numbers = rows_of(form.fields, f"{prefix}_{parts[0]}", spare=0)
    rows = [{part: form.text(f"{prefix}_{part}{number}") for part in parts} for number in numbers]
    return [row for row in rows if row[parts[0]]]


def _refuse_twice(field: str, names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        raise FieldError(field)

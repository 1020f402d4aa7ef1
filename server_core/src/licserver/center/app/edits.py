# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A form of something that exists, sent by one member of the staff while another one changes the same thing. No I/O.

The form carries what each of its parts held when it was shown. So only what its reader changed is asked for, everything
else stays as it is by now, and where both changed the same part the reader is told before he replaces anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from licserver.center.app.filled_in import FieldError, counters_in_line
from licserver.pages.bodies import Form
from licserver.pages.languages import N_, Translations

Parts = Mapping[str, Mapping[str, str]]
"""The parts of a form: its fields, and ``counters`` for all rows of them; each with what its values are called, where
they are not shown as such."""

_WAS = "was_"
_ALREADY = N_("Somebody else set this to “%(value)s” meanwhile. Save again to replace that.")


class ContestedError(FieldError):
    """Somebody else changed the same parts to something else.

    :param now: what they hold by now.
    """

    def __init__(self, now: Mapping[str, str], parts: Parts) -> None:
        super().__init__(next(iter(now)))
        self._now = now
        self._parts = parts

    def words(self, texts: Translations) -> dict[str, str]:
        """The parts, and what somebody else made of them."""
        return {part: texts.gettext(_ALREADY) % {"value": self._value(part, texts)} for part in self._now}

    def _value(self, part: str, texts: Translations) -> str:
        value = self._now[part]
        called = self._parts[part].get(value)
        return texts.gettext(called) if called else value or "—"


@dataclass(frozen=True)
class Edit(Form):
    """What is wanted: what the reader typed where he changed something, and what stands there by now elsewhere.

    :ivar contested: the parts that somebody else changed too, and what they hold by now.
    """

    contested: Mapping[str, str]
    parts: Parts

    def check(self) -> None:
        """See that it may be saved.

        :raises ContestedError: its reader has to be told of somebody else's change first.
        """
        if self.contested:
            raise ContestedError(self.contested, self.parts)


def held(fields: Mapping[str, str], parts: Parts) -> dict[str, str]:
    """What the parts of a form hold, each in one line."""
    form = Form(fields, {})
    return {part: counters_in_line(form) if part == "counters" else form.text(part) for part in parts}


def merge(form: Form, now: Mapping[str, str], parts: Parts) -> Edit:
    """The form that was sent, brought together with what stands there by now.

    :param now: the fields of a new form. A program that sends one need not say what its parts held.
    """
    stands, typed = held(now, parts), held(form.fields, parts)
    was = {part: form.text(_WAS + part) if _WAS + part in form.fields else stands[part] for part in parts}
    changed = {part for part in parts if typed[part] != was[part]}
    fields = {name: text for name, text in now.items() if _part_of(name) not in changed}
    fields |= {name: text for name, text in form.fields.items() if _part_of(name) in changed}
    elsewhere = {part for part in changed if stands[part] not in (was[part], typed[part])}
    contested = {part: stands[part] for part in parts if part in elsewhere}
    return Edit(fields, form.files, contested, parts)


def _part_of(field: str) -> str:
    return "counters" if field.startswith("counter_") else field

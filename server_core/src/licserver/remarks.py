# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a key or an alarm: in English, and as data for whoever says the same in another language.

Standard library only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from licserver.errors import LicensingError


@dataclass(frozen=True)
class Remark:
    """Something that is said.

    :ivar code: a stable word for what it is.
    :ivar text: the same in English.
    :ivar details: the particulars in the text, by their names.
    """

    code: str
    text: str
    details: Mapping[str, str | int] = field(default_factory=dict)

    @classmethod
    def of(cls, error: LicensingError) -> "Remark":
        """What a refusal says."""
        details = {name: one if isinstance(one, str) else ", ".join(one) for name, one in error.details.items()}
        return cls(error.code, str(error), details)

    def __str__(self) -> str:
        return self.text

    def fields(self) -> dict[str, str | int]:
        """For the log of events, beside the text."""
        return {"remark": self.code, **self.details}

    def data(self) -> dict[str, Any]:
        """For programs."""
        return {"code": self.code, "text": self.text, "details": dict(self.details)}


def remark(code: str, text: str, /, **details: str | int) -> Remark:
    """A remark with its particulars put into the text where it names them, as ``str.format`` does."""
    return Remark(code, text.format(**details), details)

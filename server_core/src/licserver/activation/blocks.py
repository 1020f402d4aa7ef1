# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digits that are told by telephone: blocks of eight, the last one a check digit.

The check digit (Damm's, docs/documents.md, "Telephone") stands for the block's seven digits and its place. So one
wrong digit, two neighbors that changed places, a block in another one's place and a block of a code of the other kind
are noticed for certain, and anything else nine times out of ten; and it is known which block it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stdnum import damm

from licserver.activation import ActivationError

BLOCK_DIGITS = 8
_PAYLOAD_DIGITS = BLOCK_DIGITS - 1
_SEPARATORS = re.compile(r"[\s.,;:/_\u00ad\u2010-\u2015\u2212-]+")


class PhoneCodeError(ActivationError):
    """A code that was misheard or mistyped.

    :ivar blocks: the numbers of the blocks that are wrong, from 1; empty where that cannot be told.
    """

    def __init__(self, code: str, message: str, *, hint: str, blocks: Sequence[int] = ()) -> None:
        super().__init__(code, message, hint=hint, details={"blocks": [str(number) for number in blocks]})
        self.blocks = tuple(blocks)


@dataclass(frozen=True)
class CodeForm:
    """A kind of code: how many blocks it has.

    :ivar first_place: of the places of all kinds, from 1 to 9, that of its first block.
    """

    name: str
    blocks: int
    first_place: int

    @property
    def digits(self) -> int:
        """How many digits it carries, without check digits."""
        return self.blocks * _PAYLOAD_DIGITS

    def write(self, digits: str) -> str:
        """The blocks, with a space between them."""
        parts = (digits[at : at + _PAYLOAD_DIGITS] for at in range(0, self.digits, _PAYLOAD_DIGITS))
        return " ".join(
            part + damm.calc_check_digit(f"{place}{part}") for place, part in enumerate(parts, self.first_place)
        )

    def read(self, typed: str) -> str:
        """The digits that :meth:`write` wrote, however they were grouped.

        :raises PhoneCodeError: something was misheard or mistyped.
        """
        groups = [group for group in _SEPARATORS.split(typed) if group]
        text = "".join(groups)
        if not (text.isascii() and text.isdecimal()):
            raise self._no_code("has digits only" if text else "is missing")
        if len(text) != self.blocks * BLOCK_DIGITS:
            raise self._wrong_length(groups, len(text))
        blocks = [text[at : at + BLOCK_DIGITS] for at in range(0, len(text), BLOCK_DIGITS)]
        bad = [
            number
            for number, block in enumerate(blocks, 1)
            if not damm.is_valid(f"{self.first_place + number - 1}{block}")
        ]
        if bad:
            raise self._bad_blocks(bad, "misheard, mistyped or not in its place")
        return "".join(block[:_PAYLOAD_DIGITS] for block in blocks)

    def _wrong_length(self, groups: Sequence[str], digits: int) -> PhoneCodeError:
        if len(groups) == self.blocks:
            bad = [number for number, group in enumerate(groups, 1) if len(group) != BLOCK_DIGITS]
            return self._bad_blocks(bad, f"not {BLOCK_DIGITS} digits long")
        return self._no_code(f"has {self.blocks * BLOCK_DIGITS} digits, not {digits}")

    def _bad_blocks(self, bad: Sequence[int], problem: str) -> PhoneCodeError:
        named = f"block {bad[0]} is" if len(bad) == 1 else f"blocks {', '.join(map(str, bad))} are"
        hint = "Have it told once more, and compare digit by digit"
        return PhoneCodeError("bad_block", f"{self.name}: {named} {problem}", hint=hint, blocks=bad)

    def _no_code(self, problem: str) -> PhoneCodeError:
        hint = f"Type {self.blocks} blocks of {BLOCK_DIGITS} digits, in the order in which they were told"
        return PhoneCodeError("bad_code", f"the {self.name} {problem}", hint=hint)


REQUEST_CODE = CodeForm("request code", blocks=4, first_place=1)
"""What the license server shows, and the desk types."""
ANSWER_CODE = CodeForm("answer", blocks=3, first_place=5)
"""What the desk says, and is typed at the license server."""

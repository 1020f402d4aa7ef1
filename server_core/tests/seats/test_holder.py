# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of people and computers are shown in logs, tables and pages, and must not be able to disturb them."""

import sys
import unicodedata

import msgspec
import pytest

from licserver.seats.holder import Holder, as_label


def accepted(user: str) -> bool:
    try:
        msgspec.convert({"user": user, "computer": "pc1", "client_public": "k"}, Holder)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize("user", ["", "anna", "Анна Каренина", "O'Neill, jr. (2)", "안나", "أنّا", "名前", "anna 🦊"])
def test_a_name_may_have_any_letters(user: str) -> None:
    assert accepted(user)


@pytest.mark.parametrize("category", ["Cc", "Cf", "Zl", "Zp"])
def test_no_character_that_is_no_letter_to_see_is_accepted(category: str) -> None:
    unseen = [letter for letter in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(letter) == category]

    assert [f"{ord(letter):04x}" for letter in unseen if accepted(f"an{letter}na")] == []


@pytest.mark.parametrize(
    ("name", "label"),
    [("Анна К.", "Анна К."), ("an\nna\u202e", "an?na?"), ("\udcffanna", "?anna"), ("a" * 300, "a" * 256)],
)
def test_the_nearest_label_of_any_name_is_accepted(name: str, label: str) -> None:
    assert as_label(name) == label
    assert accepted(label)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PINs as they are made, typed and kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.center import CenterError
from licserver.center.pins import make_key_number, make_pin, normalize_pin, pin_digest


def test_made_pins_differ_and_are_well_formed() -> None:
    pins = {make_pin() for _ in range(1000)}

    assert len(pins) == 1000
    assert all(len(normalize_pin(pin)) == 16 for pin in pins)


def test_made_key_numbers_have_nine_digits() -> None:
    assert make_key_number().replace("-", "").isdigit()
    assert len(make_key_number()) == 11


@given(st.text("0123456789abcdefXYZ", min_size=4, max_size=64), st.data())
def test_grouping_and_case_do_not_count(pin: str, data: st.DataObject) -> None:
    separators = [data.draw(st.sampled_from(["", " ", "-", " - ", "\n"])) for _ in pin]
    typed = "".join(separator + letter.lower() for separator, letter in zip(separators, pin, strict=True))

    assert normalize_pin(typed) == pin.upper()


@pytest.mark.parametrize("typed", ["", "123", "1" * 65, "12_34", "пароль", "1234\x00", "١٢٣٤"])
def test_what_is_no_pin_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(CenterError) as refused:
        normalize_pin(typed)

    assert refused.value.code == "bad_pin"
    assert not typed or typed not in str(refused.value)


def test_a_digest_depends_on_pepper_key_and_pin() -> None:
    digests = {
        pin_digest(pepper, key, pin) for pepper in (b"a", b"b") for key in ("1", "11") for pin in ("1111", "11111")
    }

    assert len(digests) == 8

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of an update, as people and mail programs hand it on."""

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.activation import ActivationError
from licserver.activation.updates import checksum, read_state, read_update, state_of, write_state, write_update
from licserver.documents import DocumentError, License, seal
from server_core.tests.helpers import KEY, NOW, OwnKey, Vendor

VENDOR = Vendor()
OWN = OwnKey.of(VENDOR, facts={}, note="Keep this stick", revision=3)
TEXT = write_update(OWN.license_token)
STATE = write_state(seal(state_of(OWN.license, OWN.license_token, now=NOW, server_version="1"), OWN.signer))


def refused(text: str) -> str:
    with pytest.raises(ActivationError) as caught:
        read_update(text)
    assert caught.value.code == "bad_update"
    return caught.value.message


def test_an_update_is_read_as_it_was_written() -> None:
    assert read_update(TEXT) == (OWN.license_token, OWN.license)


@given(
    st.sampled_from(["\n", "\r\n"]),
    st.text(alphabet=" \t\n", max_size=3),
    st.text(alphabet=" \t\n", max_size=3),
)
def test_what_mail_does_to_a_text_does_not_matter(end: str, before: str, behind: str) -> None:
    assert read_update(before + TEXT.replace("\n", end) + behind)[1] == OWN.license


@given(st.integers(0, len(TEXT.rstrip()) - 1))
def test_cut_anywhere_it_is_refused(end: int) -> None:
    refused(TEXT[:end])


@given(st.integers(len(TEXT.splitlines()[0]) + 1, len(TEXT)))
def test_without_its_head_it_is_refused(begin: int) -> None:
    refused(TEXT[begin:])


@given(st.integers(0, len(TEXT.rstrip()) - 1), st.characters(codec="ascii", categories=["L", "N"]))
def test_one_other_character_is_never_taken_for_the_license(at: int, other: str) -> None:
    altered = TEXT[:at] + other + TEXT[at + 1 :]
    try:
        token, license = read_update(altered)
    except ActivationError:
        return
    assert (token, license) == (OWN.license_token, OWN.license)


@given(st.text())
def test_any_text_is_refused_in_words(text: str) -> None:
    refused(text)


@given(st.integers(0, 2**32))
def test_lines_in_another_order_are_refused(seed: int) -> None:
    lines = TEXT.splitlines()
    random.Random(seed).shuffle(lines)
    if lines != TEXT.splitlines():
        refused("\n".join(lines))


def test_each_slip_is_named() -> None:
    assert "no whole document" in refused(TEXT[:-30])
    assert "its checksum does not fit" in refused(TEXT.replace(OWN.license_token[:10], "x" * 10))
    assert "its checksum does not fit" in refused(TEXT.partition("Checksum")[0] + TEXT.partition("\n\n")[2])
    assert "the readable head was altered" in refused(TEXT.replace("Revision: 3", "Revision: 4"))
    assert "no update" in refused(STATE)


def test_a_checksum_is_that_of_the_standard() -> None:
    assert checksum("123456789") == "CBF43926"


def test_what_is_no_license_is_refused_though_its_checksum_fits() -> None:
    other = TEXT.replace(checksum(OWN.license_token), checksum("abc"))
    begin, end = other.index("-----\n") + 6, other.index("\n-----END")

    assert "signed document" in refused(other[:begin] + "abc" + other[end:])


def test_a_state_is_read_as_it_was_written() -> None:
    state = read_state(STATE)

    assert (state.key_number, state.license) == (KEY, OWN.license_token)


@pytest.mark.parametrize("text", ["", TEXT, STATE[:-40], STATE.replace("Revision: 3", "Revision: 2")])
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        read_state(text)


def test_a_state_that_somebody_else_signed_is_refused(vendor: Vendor) -> None:
    stranger = OwnKey.of(vendor, facts={})
    forged = seal(state_of(OWN.license, OWN.license_token, now=NOW, server_version="1"), stranger.signer)

    with pytest.raises(DocumentError):
        read_state(write_state(forged))


def test_a_license_for_a_token_names_no_facts() -> None:
    assert OWN.license.is_for_token
    assert not OwnKey.of(VENDOR).license.is_for_token
    assert msgspec.structs.replace(OWN.license, facts={}) == OWN.license
    assert isinstance(OWN.license, License)

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firmware's table of a computer's parts."""

import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.binding.smbios import board_serial, system_uuid

UUID = uuid.UUID("4c4c4544-0042-3510-8052-b4c04f564431")


def structure(kind: int, body: bytes = b"", *strings: str) -> bytes:
    """One structure: a head of four bytes, its body, and the strings that the body numbers from 1."""
    texts = b"\0".join(text.encode("latin-1") for text in strings)
    return bytes([kind, 4 + len(body), 0, 0]) + body + (texts or b"") + b"\0\0"


def table(*structures: bytes) -> bytes:
    """A table as Windows returns it."""
    data = b"".join((*structures, structure(127)))
    return bytes([0, 3, 2, 0]) + len(data).to_bytes(4, "little") + data


def system(identity: bytes = UUID.bytes_le) -> bytes:
    return structure(1, bytes([1, 2, 3, 4]) + identity + b"\6", "Maker", "Model", "Version", "Serial")


def board(serial: int = 4) -> bytes:
    return structure(2, bytes([1, 2, 3, serial]), "Maker", "Board", "Version", "B-1")


WHOLE = table(structure(0, b"\1", "BIOS"), system(), board())


def test_the_system_has_a_uuid() -> None:
    assert system_uuid(WHOLE) == str(UUID)


def test_the_board_has_a_serial_number() -> None:
    assert board_serial(WHOLE) == "B-1"


@pytest.mark.parametrize("identity", [bytes(16), b"\xff" * 16, b"", UUID.bytes_le[:5]])
def test_a_uuid_that_nobody_set_is_none(identity: bytes) -> None:
    with pytest.raises(ValueError, match="names no UUID"):
        system_uuid(table(structure(1, bytes(4) + identity, "Maker")))


@pytest.mark.parametrize("serial", [0, 5, 255])
def test_a_serial_number_that_the_board_does_not_name_is_none(serial: int) -> None:
    with pytest.raises(ValueError, match="names no serial number"):
        board_serial(table(board(serial)))


def test_of_several_boards_the_first_that_has_one_counts() -> None:
    assert board_serial(table(structure(2, b"\1", "Maker"), board(0), board())) == "B-1"


def test_what_comes_after_the_end_does_not_count() -> None:
    with pytest.raises(ValueError, match="names no serial number"):
        board_serial(table(structure(127), board()))


@pytest.mark.parametrize("read", [system_uuid, board_serial])
@pytest.mark.parametrize("data", [b"", bytes(7), bytes(8), table(), bytes([0, 3, 2, 0]) + b"\xff" * 40])
def test_a_table_without_structures_names_nothing(read: Callable[[bytes], str], data: bytes) -> None:
    with pytest.raises(ValueError, match="the firmware names no"):
        read(data)


@given(st.binary(max_size=200) | st.integers(0, len(WHOLE)).map(lambda length: WHOLE[:length]))
def test_any_bytes_are_a_name_or_one_error(data: bytes) -> None:
    for read in (system_uuid, board_serial):
        try:
            text = read(data)
        except ValueError as error:
            text = str(error)
        assert text

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firmware's table of a computer's parts (SMBIOS, DMTF DSP0134): system UUID and serial number of the board.

Pure: it is given the raw table as Windows returns it (``GetSystemFirmwareTable``, provider ``RSMB``).
"""

import struct
import uuid
from collections.abc import Iterator

_HEADER = struct.Struct("<BBBBI")
_SYSTEM, _BOARD, _END = 1, 2, 127
_SYSTEM_UUID = slice(8, 24)
_BOARD_SERIAL = 7


def system_uuid(table: bytes) -> str:
    """The UUID of the computer.

    :raises ValueError: the table names none.
    """
    for kind, body, _ in _structures(table):
        raw = body[_SYSTEM_UUID]
        if kind == _SYSTEM and len(raw) == 16 and raw not in (b"\0" * 16, b"\xff" * 16):
            return str(uuid.UUID(bytes_le=raw))
    raise ValueError("the firmware names no UUID of the system")


def board_serial(table: bytes) -> str:
    """The serial number of the motherboard, as the maker wrote it.

    :raises ValueError: the table names none.
    """
    for kind, body, strings in _structures(table):
        if kind == _BOARD and len(body) > _BOARD_SERIAL and 0 < body[_BOARD_SERIAL] <= len(strings):
            return strings[body[_BOARD_SERIAL] - 1]
    raise ValueError("the firmware names no serial number of the board")


def _structures(table: bytes) -> Iterator[tuple[int, bytes, list[str]]]:
    if len(table) < _HEADER.size:
        return
    *_, length = _HEADER.unpack_from(table)
    data = table[_HEADER.size : _HEADER.size + length]
    while len(data) >= 4:
        kind, size = data[0], data[1]
        body, rest = data[:size], data[size:]
        end = rest.find(b"\0\0")
        if size < 4 or end < 0 or kind == _END:
            return
        strings = [text.decode("latin-1") for text in rest[:end].split(b"\0")]
        yield kind, body, strings
        data = rest[end + 2 :]

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection strings of infobases: ``File="…";``, ``Srvr="…";Ref="…";``, ``ws="…";`` (section 9)."""

from __future__ import annotations

import re

_PART = re.compile(r'\s*(\w+)\s*=\s*(?:"((?:[^"]|"")*)"|([^;"]*))\s*(?:;|\Z)')
_PASSWORD = re.compile(r'(\b\w*Pwd\s*=\s*)("(?:[^"]|"")*"|[^;\r\n]*)', re.IGNORECASE)
_START_PARAMETERS = re.compile(r"^AdditionalParameters\s*=.*$", re.IGNORECASE | re.MULTILINE)
_START_PASSWORD = re.compile(r'(/P)("[^"]*"|[^\s"]+)', re.IGNORECASE)
_KINDS = ({"file"}, {"srvr", "ref"}, {"ws"})


def parse_connection(text: str) -> dict[str, str]:
    """The parts of a connection string by their names in small letters.

    Raises :class:`ValueError` for what is none, or does not say where the infobase is.
    """
    parts: dict[str, str] = {}
    position = 0
    while position < len(text.rstrip()):
        match = _PART.match(text, position)
        if match is None:
            raise ValueError(f'not a connection string from {text[position:]!r} on, write parts like File="…";')
        quoted, bare = match[2], match[3]
        parts[match[1].lower()] = bare.strip() if quoted is None else quoted.replace('""', '"')
        position = match.end()
    if not any(kind <= parts.keys() for kind in _KINDS):
        raise ValueError('does not say where the infobase is: File="…"; or Srvr="…";Ref="…"; or ws="…";')
    return parts


def format_connection(**parts: str) -> str:
    """A connection string of these parts in their order. Raises :class:`ValueError` for an empty part."""
    for name, value in parts.items():
        if not value.strip():
            raise ValueError(f"{name} is empty")
    return "".join('{}="{}";'.format(name, value.replace('"', '""')) for name, value in parts.items())


def is_same_connection(one: str, other: str) -> bool:
    """Tell whether two connection strings mean the same, however they are quoted and ordered."""
    try:
        return parse_connection(one) == parse_connection(other)
    except ValueError:
        return one == other


def hide_passwords(text: str) -> str:
    """A list's text with ``(set)`` for the passwords in connection strings (``Pwd=``) and start parameters (``/P``)."""
    shown = _PASSWORD.sub(r"\1(set)", text)
    return _START_PARAMETERS.sub(lambda line: _START_PASSWORD.sub(r"\1(set)", line[0]), shown)

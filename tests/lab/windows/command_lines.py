# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows command lines: one text, which the program itself takes apart."""

from __future__ import annotations


def split(line: str) -> list[str]:
    """The arguments in a command line, by the rules of Microsoft's C library.

    Quotation marks group; two of them inside a group stand for one; backslashes are themselves, but before a quotation
    mark two stand for one, and one makes it a letter.
    """
    words: list[str] = []
    position, end = 0, len(line)
    while position < end:
        while position < end and line[position] in " \t":
            position += 1
        if position == end:
            break
        word, quoted = "", False
        while position < end and (quoted or line[position] not in " \t"):
            slashes = 0
            while position < end and line[position] == "\\":
                slashes, position = slashes + 1, position + 1
            if position == end or line[position] != '"':
                word += "\\" * slashes
                if position < end and (quoted or line[position] not in " \t"):
                    word, position = word + line[position], position + 1
                continue
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += '"'
            elif quoted and line[position + 1 : position + 2] == '"':
                word, position = word + '"', position + 1
            else:
                quoted = not quoted
            position += 1
        words.append(word)
    return words

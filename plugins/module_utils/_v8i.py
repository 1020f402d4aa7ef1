# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text files of 1C: lists of infobases (``.v8i``), start settings (``1cestart.cfg``), manifests (``.mft``).

Lines ``key=value``, some under headers ``[section]``. What is not understood is kept. docs/specification.md, section 9.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.protect.licensing.plugins.module_utils._ini import is_one_line, split_lines

_WRITABLE_KEY = re.compile(r"[^\s=\[\0]([^=\r\n\0]*[^\s=\0])?")
_LONGEST_NAME = 255
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"))


class V8iError(ValueError):
    """Something is wrong with a text file of 1C: where it is and what the problem is.

    ``line`` counts from 1. What does not apply is None.
    """

    def __init__(
        self,
        problem: str,
        line: int | None = None,
        section: str | None = None,
        key: str | None = None,
        value: str | None = None,
    ) -> None:
        self.problem = problem
        self.line = line
        self.section = section
        self.key = key
        self.value = value
        place = [] if line is None else [f"line {line}"]
        if section is not None:
            place.append(f"[{section}]")
        if key is not None:
            place.append(key if value is None else f"{key}={value}")
        super().__init__(": ".join([*place, problem]))


@dataclass
class _Line:
    text: str
    end: str

    @property
    def header(self) -> str | None:
        """The name of the section that begins here."""
        bare = self.text.strip(" \t")
        return bare[1:-1] if len(bare) > 1 and bare[0] == "[" and bare[-1] == "]" else None

    @property
    def assignment(self) -> tuple[str, str] | None:
        """Key and value, without the blanks around them."""
        key, equals, value = self.text.partition("=")
        if self.header is not None or not equals or not key.strip(" \t"):
            return None
        return key.strip(" \t"), value.strip(" \t")

    def names(self, key: str) -> bool:
        assignment = self.assignment
        return assignment is not None and assignment[0].lower() == key.lower()

    def assign(self, value: str) -> None:
        start = self.text.index("=") + 1
        self.text = self.text[:start] + value


class V8iText:
    """A parsed text file of 1C that can reproduce its bytes exactly.

    Section names are compared letter by letter, keys in any case. The section None is what stands before the first
    header.
    """

    def __init__(self, lines: list[_Line], mark: bytes, encoding: str, end: str) -> None:
        self._lines = lines
        self._mark = mark
        self._encoding = encoding
        self._end = next((line.end for line in lines if line.end), end)

    @classmethod
    def parse(cls, data: bytes, end: str = "\n") -> V8iText:
        """Read a file's bytes; ``end`` ends the lines that are added to a file without line endings.

        UTF-8 with or without a byte order mark, UTF-16LE with one, or Windows-1251. Raises :class:`V8iError` for bytes
        that are none of them.
        """
        mark, encoding, text = _decode(data)
        lines = [_Line(content, line_end) for content, line_end in split_lines(text)]
        return cls(lines, mark, encoding, end)

    @property
    def sections(self) -> list[str]:
        """The names of the sections in their order."""
        return [header for header in (line.header for line in self._lines) if header is not None]

    def values(self, section: str | None, key: str) -> list[str]:
        """The values of a key that may stand several times; none where the section or the key is absent."""
        lines = (self._lines[index] for index in self._body(section) or ())
        return [line.assignment[1] for line in lines if line.assignment is not None and line.names(key)]

    def get(self, section: str | None, key: str) -> str | None:
        """The first value of a key, None where the section or the key is absent."""
        return next(iter(self.values(section, key)), None)

    def line_of(self, section: str | None, key: str) -> int | None:
        """The number, from 1, of the first line that holds the key, None where it is absent."""
        return next((index + 1 for index in self._body(section) or () if self._lines[index].names(key)), None)

    def set(self, section: str | None, key: str, value: str) -> None:
        """Change the first value of a key in place, or add the key, and its section, in the file's own line ending.

        Raises :class:`V8iError` for what cannot be written and read back, and a section that stands there twice.
        """
        self._check(section, key, value)
        held = next((index for index in self._body(section) or () if self._lines[index].names(key)), None)
        if held is None:
            self.add(section, key, value)
        else:
            self._lines[held].assign(value)

    def add(self, section: str | None, key: str, value: str) -> None:
        """Add a line below those of the section, also where the key stands there already. Raises as :meth:`set`."""
        self._check(section, key, value)
        body = self._body(section)
        if body is None:
            self._insert(len(self._lines), f"[{section}]")
            body = range(len(self._lines), len(self._lines))
        filled = [index for index in body if self._lines[index].text.strip(" \t")]
        self._insert(filled[-1] + 1 if filled else body.start, f"{key}={value}")

    def remove(self, section: str) -> None:
        """Delete a section with all it holds, every time it stands there; an absent section is no error."""
        kept, inside = [], False
        for line in self._lines:
            if line.header is not None:
                inside = line.header == section
            if not inside:
                kept.append(line)
        self._lines = kept

    def to_text(self) -> str:
        """The whole file as text, for people to look at."""
        return "".join(line.text + line.end for line in self._lines)

    def to_bytes(self) -> bytes:
        """The whole file in its own encoding.

        Raises :class:`V8iError` where the bytes would be read back as something else: a Windows-1251 file whose last
        Russian letter went.
        """
        data = self._mark + self.to_text().encode(self._encoding)
        if _decode(data)[2] != self.to_text():
            raise V8iError("the file would be read back in another encoding, save it as UTF-8 first")
        return data

    def _body(self, section: str | None) -> range | None:
        """The indexes of a section's lines without its header, None where there is no such section."""
        headers = [index for index, line in enumerate(self._lines) if line.header is not None]
        starts = [-1] if section is None else [index for index in headers if self._lines[index].header == section]
        if len(starts) > 1:
            problem = f"already stands in line {starts[0] + 1}, delete one of the two"
            raise V8iError(problem, starts[1] + 1, section)
        for start in starts:
            return range(start + 1, next((index for index in headers if index > start), len(self._lines)))
        return None

    def _insert(self, index: int, text: str) -> None:
        if index and not self._lines[index - 1].end:
            self._lines[index - 1].end = self._end
        self._lines.insert(index, _Line(text, self._end))

    def _check(self, section: str | None, key: str, value: str) -> None:
        if section is not None and (not section or len(section) > _LONGEST_NAME or not is_one_line(section)):
            raise V8iError(
                f"a name is one line of 1 to {_LONGEST_NAME} characters, no blanks at its ends", None, section
            )
        if _WRITABLE_KEY.fullmatch(key) is None:
            raise V8iError("not a key that can be written", None, section, key)
        if not is_one_line(value):
            raise V8iError("a value is one line without blanks at its ends", None, section, key, value)
        try:
            f"{section}{key}{value}".encode(self._encoding)
        except UnicodeEncodeError:
            problem = f"cannot be written in {self._encoding}, save the file as UTF-8 first"
            raise V8iError(problem, None, section, key, value) from None


def _decode(data: bytes) -> tuple[bytes, str, str]:
    """The byte order mark, the encoding and the text of a file."""
    for mark, encoding, content in _candidates(data):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return mark, encoding, text
    raise V8iError("not text in UTF-8, in UTF-16LE with a byte order mark, or in Windows-1251, save it as UTF-8")


def _candidates(data: bytes) -> Iterator[tuple[bytes, str, bytes]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            yield mark, encoding, data[len(mark) :]
            return
    yield b"", "utf-8", data
    yield b"", "cp1251", data

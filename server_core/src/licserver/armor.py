# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text armor: signed tokens as text that a person can read the head of and mail can carry.

::

    Protect license
    Key number: 100-0001
    Product: retail

    -----BEGIN PROTECT LICENSE-----
    eyJhbGciOiJFZERTQSIs…
    -----END PROTECT LICENSE-----

The head is for people; whoever opens the text compares it with the signed content and refuses a head that
says something else. docs/documents.md.
"""

import re
import textwrap
from collections.abc import Mapping

from licserver.documents import DocumentError

_BEGIN = "-----BEGIN PROTECT "
_BEGINS = re.compile(rf"^[ \t]*{_BEGIN}", re.MULTILINE)
"""Within a line it is a part of it, such as the name of a company in the head."""
_NAME = re.compile(r"[A-Z ]{1,40}")
_TOKEN = re.compile(r"[A-Za-z0-9_.-]+")
_COLUMNS = 64


def armor(title: str, head: Mapping[str, str], blocks: Mapping[str, str]) -> str:
    """Text with a title, a readable head and one armored block per token.

    :param blocks: block name in capitals (``LICENSE``) to token.
    """
    lines = [title, *head_lines(head), ""]
    for name, token in blocks.items():
        lines += [f"{_BEGIN}{name}-----", *textwrap.wrap(token, _COLUMNS, break_on_hyphens=False)]
        lines += [f"-----END PROTECT {name}-----"]
    return "\n".join(lines) + "\n"


def dearmor(text: str) -> dict[str, str]:
    """Block name to token.

    :raises DocumentError: no whole block in the text, or a block that stands in it twice.
    """
    blocks: dict[str, str] = {}
    for part in _BEGINS.split(text)[1:]:
        name, _, rest = part.partition("-----")
        body, end, _ = rest.partition(f"-----END PROTECT {name}-----")
        token = "".join(body.split())
        if not end or _NAME.fullmatch(name) is None or _TOKEN.fullmatch(token) is None:
            raise _not_whole()
        if name in blocks:
            raise DocumentError(f"the text holds the block {name} twice")
        blocks[name] = token
    if not blocks:
        raise _not_whole()
    return blocks


def head_lines(head: Mapping[str, str]) -> list[str]:
    """The head as it stands in the text: one ``Name: value`` a line, control characters made spaces."""
    return [f"{name}: {' '.join(value.split())}".rstrip() for name, value in head.items()]


def check_head(text: str, head: Mapping[str, str]) -> None:
    """Compare the head of a text with what its signed content says.

    :raises DocumentError: naming the first line that differs.
    """
    found = [line.strip() for line in _BEGINS.split(text, maxsplit=1)[0].strip().splitlines()][1:]
    for expected, line in zip(head_lines(head), found + [""] * len(head), strict=False):
        if line != expected:
            raise DocumentError(
                f"the readable head was altered: it says {line!r}, the signed content says {expected!r}"
            )
    if len(found) > len(head):
        raise DocumentError(f"the readable head was altered: nothing signed says {found[len(head)]!r}")


def _not_whole() -> DocumentError:
    return DocumentError("the text holds no whole document; it was cut or is something else")

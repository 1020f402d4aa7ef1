# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a license."""

import re
from typing import Annotated

import msgspec

_CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_FORMATS = (
    r"\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0001\U000e0020-\U000e007f"
)
"""The characters of Unicode's category Cf."""

_SEEN = rf"^[^{_CONTROLS}{_FORMATS}]*\Z"

Text = Annotated[str, msgspec.Meta(pattern=_SEEN)]
"""One line of words for people, in which nothing hides."""
Label = Annotated[str, msgspec.Meta(max_length=256, pattern=_SEEN)]
"""A name for people: any letters, but nothing that could begin a line of its own in a log, move a cursor, be invisible
or turn the direction of writing."""
_NO_LABEL = re.compile(f"[{_CONTROLS}{_FORMATS}\ud800-\udfff]")
Token = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9_-]*\Z")]
"""A random name or a proof in base64url, or a word for programs."""
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Holder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who holds a license, as the list of connections shows it.

    :ivar client_public: the X25519 public key of the running product in base64url; one for each instance.
    """

    user: Label
    computer: Label
    client_public: Token
    session_number: Number = 0
    rdp_session: Number = 0


def as_label(name: str) -> str:
    """What comes nearest to a name that the system gives: it may hold what is no letter, or bytes that are no text."""
    return _NO_LABEL.sub("?", name)[:256]

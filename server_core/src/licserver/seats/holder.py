# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a license."""

from typing import Annotated

import msgspec

Label = Annotated[str, msgspec.Meta(max_length=256, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")]
"""A name for people: any letters, but nothing that could begin a line of its own in a log or move a cursor."""
Token = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9_-]*\Z")]
"""A random name or a proof in base64url, or a word for programs."""
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a license, as the list of connections shows it.

    :ivar client_public: the X25519 public key of the running product in base64url; one for each instance.
    """

    user: Label
    computer: Label
    client_public: Token
    session_number: Number = 0
    rdp_session: Number = 0

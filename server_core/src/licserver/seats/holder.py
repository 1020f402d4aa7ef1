# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a license."""

from typing import Annotated

import msgspec

Label = Annotated[str, msgspec.Meta(max_length=256)]
Token = Annotated[str, msgspec.Meta(max_length=64)]
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

# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The id by which clients know a server. docs/protocol.md, "The conversation"."""

import re
import secrets
from pathlib import Path

from licserver.kept_file import KeptFile, LostError
from licserver.keys.options import OptionsFile
from licserver.seats.salvage import SERVER_ID_NAME


def read_server_id(state: Path, options: OptionsFile) -> str:
    """The id of the server with that state; a new one where there is none, or it is lost.

    With a new one the keys that clients with access codes prove to know are derived anew from the codes.

    :raises WriteError: a new one could not be written.
    :raises OSError: it may not be read.
    """
    file = KeptFile(state / SERVER_ID_NAME, _decode)
    try:
        known = file.read()
    except LostError:
        known = None
    if known is not None:
        return known
    name = secrets.token_urlsafe(12)
    _derive_anew(options, name)
    file.write(name.encode())
    return name


def _derive_anew(options: OptionsFile, server_id: str) -> None:
    try:
        before = options.read()
    except LostError:
        return
    after = {number: one.with_access_code(one.access_code, server_id) for number, one in before.items()}
    if after != before:
        options.write(after)


def _decode(data: bytes) -> str:
    text = data.decode("ascii").strip()
    if not re.fullmatch("[A-Za-z0-9_-]{1,64}", text):
        raise ValueError("this is no id of a server")
    return text

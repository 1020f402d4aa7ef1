# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator set for a key on this server: its access code, and whether it is used.

docs/specification.md, section 3 "Access codes" and "Web page" (the list of keys).
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from licserver.kept_file import KeptFile
from licserver.keys import KeyFileError
from licserver.sealing import decode_bytes, encode_bytes
from licserver.wire.messages import access_key

OPTIONS_NAME = "keys.json"


class KeyOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The options of one key.

    :ivar access_code: a client is served from this key only if it has exactly this code; empty for none.
    :ivar derived: :func:`licserver.wire.messages.access_key` of the code in base64url, kept because it is slow to make.
    :ivar use: whether the key serves, though it is attached.
    """

    access_code: str = ""
    derived: str = ""
    use: bool = True

    def __post_init__(self) -> None:
        if bool(self.access_code) != bool(self.derived):
            raise ValueError("an access code and what is derived from it stand there together or not at all")
        decode_bytes(self.derived)

    def with_access_code(self, access_code: str, server_id: str) -> "KeyOptions":
        """The same options with another access code; an empty one for none."""
        derived = encode_bytes(access_key(access_code, server_id)) if access_code else ""
        return msgspec.structs.replace(self, access_code=access_code, derived=derived)

    @property
    def access_key(self) -> bytes | None:
        """The derived key that a client must prove to know, or ``None``."""
        return decode_bytes(self.derived) if self.derived else None

    @property
    def access_name(self) -> str:
        """Tells one access code from another without saying anything of it; empty where there is none."""
        return hashlib.sha256(self.derived.encode()).hexdigest() if self.derived else ""


class OptionsFile:
    """The file that keeps the options of every key of a server, and its copy."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = KeptFile(path, _decode)

    def read(self) -> dict[str, KeyOptions]:
        """The options by key number; a key without any has the defaults.

        :raises LostError: they are lost: nobody knows which keys had access codes.
        :raises KeyFileError: the file may not be read.
        """
        try:
            return self._file.read() or {}
        except OSError as error:
            raise KeyFileError(f"{self._path}: {error.strerror}", hint="Check its owner and rights") from error

    def write(self, options: Mapping[str, KeyOptions]) -> None:
        """Replace the file.

        :raises WriteError: it cannot be written; the old one is untouched.
        """
        self._file.write(msgspec.json.format(msgspec.json.encode(options)))


def _decode(data: bytes) -> dict[str, KeyOptions]:
    try:
        return msgspec.json.decode(data, type=dict[str, KeyOptions])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error

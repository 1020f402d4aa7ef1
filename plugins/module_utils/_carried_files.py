# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Request and answer files as people carry them: read, told apart, found in folders, and written.

Nothing in them is believed here: the center looks at a request, and the server that loads an answer checks who signed
it. docs/documents.md, "Request and answer files".
"""

from __future__ import annotations

import base64
import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

MAX_FILE_BYTES = 128 * 1024
"""No request or answer is that long."""

_BLOCK = re.compile(r"-----BEGIN PROTECT (REQUEST|LICENSE)-----([A-Za-z0-9_.\s-]*?)-----END PROTECT \1-----")


@dataclass(frozen=True)
class CarriedFile:
    """What a request or an answer says of itself."""

    is_request: bool
    request_id: str
    key_number: str
    pack: str | None


def read_carried(text: str) -> CarriedFile | None:
    """What a text says of itself; None where it is neither a request nor an answer."""
    found = _BLOCK.search(text)
    if found is None:
        return None
    payload = "".join(found[2].split()).split(".")[1:2]
    try:
        content = json.loads(base64.urlsafe_b64decode(payload[0] + "=="))
        identifier, key_number, pack = content["request_id"], content["key_number"], content.get("pack")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    if not (isinstance(identifier, str) and isinstance(key_number, str) and isinstance(pack, (str, type(None)))):
        return None
    return CarriedFile(found[1] == "REQUEST", identifier, key_number, pack)


def requests_in(folder: str) -> Iterator[tuple[str, str, CarriedFile]]:
    """Path, text and content of every request in a folder, by name. Raises :class:`ValueError` as :func:`read_text`."""
    for path in sorted(_files_in(folder)):
        text = read_text(path)
        content = read_carried(text)
        if content is not None and content.is_request:
            yield path, text, content


def find_answer(folder: str, request_id: str) -> tuple[str, str] | None:
    """Path and text of the file in a folder that answers a request; of several that which was changed last.

    Raises :class:`ValueError` as :func:`read_text`.
    """
    for path in sorted(_files_in(folder), key=os.path.getmtime, reverse=True):
        text = read_text(path)
        content = read_carried(text)
        if content is not None and not content.is_request and content.request_id == request_id:
            return path, text
    return None


def read_text(path: str) -> str:
    """The text of a request or answer, however long it claims to be.

    Raises :class:`ValueError` where it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read(MAX_FILE_BYTES).decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None


def write_text(path: str, text: str) -> None:
    """Put a text in the place of a file, whole or not at all. Its folder is made where it does not exist.

    Raises :class:`ValueError` where it cannot be written.
    """
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".licensing-", dir=os.path.dirname(path))
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from None


def _files_in(folder: str) -> list[str]:
    if not os.path.isdir(folder):
        return []
    return [entry.path for entry in os.scandir(folder) if entry.is_file() and not entry.name.startswith(".")]
